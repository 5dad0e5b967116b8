/** The course of `@llm-ladder/plm-zoo`: the parts of a LLaMA, exercises 10 to 13; 01 to 09 are the older models' own. */
import { defineModule } from '@llm-ladder/grader/course';

export default defineModule({
  format: 1,
  id: 'plm-zoo',
  title: { en: 'A zoo of pretrained models', zh: '预训练模型动物园' },
  chapter: 3,
});
