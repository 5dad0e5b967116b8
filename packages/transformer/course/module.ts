/** The course of `@llm-ladder/transformer`: ten exercises, from one attention to a model that reverses strings. */
import { defineModule } from '@llm-ladder/grader/course';

export default defineModule({
  format: 1,
  id: 'transformer',
  title: { en: 'The Transformer', zh: 'Transformer' },
  chapter: 2,
});
