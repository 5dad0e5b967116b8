import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'tfidf.ts',
  title: { en: 'TF-IDF and cosine', zh: 'TF-IDF 与余弦' },
  minutes: 30,
  hints: [
    {
      en: 'Three counts that are easy to mix up: how often a word occurs in this document, in how many documents it occurs, and how many documents there are. Which of them may a query change?',
      zh: '有三个计数容易混：一个词在这篇文档里出现几次，在几篇文档里出现过，一共有几篇文档。查询能改变其中哪一个？',
    },
    {
      en: 'For the document frequency each document counts a word once, however often it repeats it. A vector is counts times idf, then divided by its own length; a document without any known word has length 0, and stays zeros. The cosine needs the same care twice.',
      zh: '统计文档频率时，一篇文档里的一个词不论重复多少次都只算一次。向量等于词频乘 idf，再除以自身的长度；一个已知词都没有的文档长度为 0，应保持全零。余弦里同样的问题会出现两次。',
    },
    {
      en: 'A Set of a document has each word once, in order of appearance; Map gives numbers to words, and unlike a plain object it has no word "constructor" of its own. In cosine, put a tiny floor under the sum of squares before the root, so that neither the value nor its gradient becomes NaN.',
      zh: '文档的 Set 里每个词只有一次，并保持出现的顺序；用 Map 给词编号，它不像普通对象那样自带一个叫 constructor 的词。在余弦里，开方之前给平方和一个极小的下限，值和梯度就都不会变成 NaN。',
    },
  ],
});
