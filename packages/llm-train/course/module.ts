/** The course of `@llm-ladder/llm-train`: a language model from its tokenizer up. */
import { defineModule } from '@llm-ladder/grader/course';

export default defineModule({
  format: 1,
  id: 'llm-train',
  title: { en: 'Training a language model', zh: '训练语言模型' },
  chapter: 4,
});
