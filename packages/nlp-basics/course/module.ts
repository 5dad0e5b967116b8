/** The course of `@llm-ladder/nlp-basics`: twelve exercises, from cutting a sentence into words to tagging them. */
import { defineModule } from '@llm-ladder/grader/course';

export default defineModule({
  format: 1,
  id: 'nlp-basics',
  title: { en: 'NLP basics', zh: '自然语言处理基础' },
  chapter: 1,
});
