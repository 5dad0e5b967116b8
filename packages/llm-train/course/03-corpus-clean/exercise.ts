import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'corpus-clean.ts',
  title: { en: 'Filter and MinHash dedup', zh: '语料过滤与去重' },
  minutes: 60,
  limits: { timeMs: 40_000 },
  optional: true,
  async: ['lshDedup'],
  hints: [
    {
      en: 'Throw the shingles of two documents into one bag and shuffle it. What is the chance that the first one drawn belongs to both? A hash function is such a shuffle, and its least value is the first one drawn.',
      zh: '把两篇文档的片段倒进一个袋子，打乱。第一个抽到的同时属于两篇的概率是多少？一个哈希函数就是一次打乱，它的最小值就是第一个抽到的。',
    },
    {
      en: 'k functions must disagree about the order: change the input of mix32 by another number for each function. Then cut a signature into bands: documents with one equal band are candidates. A band of r numbers is equal with probability s^r. Only candidates are compared, and only the comparison decides.',
      zh: 'k 个函数排出的次序必须互不相同：给每个函数一个不同的数，先改动输入再 mix32。然后把签名切成若干段：有一段相同的文档就是候选。r 个数的一段相同的概率是 s^r。只比较候选，并且只由比较来决定。',
    },
    {
      en: 'Sort the documents by length first, then by the text itself, and walk: a document stays unless one that has stayed before is alike. Whatever was dropped must not drop others. Keep a Map from "number of the band and its numbers" to the documents that stayed. In filters count code points ([...text]), compare 10 · part with 3 · whole, and trim lines before you count them.',
      zh: '先按长度、再按文本本身排序，然后依次走：只要与之前留下的都不相似，就留下。已丢掉的不能再去淘汰别人。用 Map 记下“第几段加上这段的数”到已留下文档的映射。filters 里按码点数（[...text]），用 10 · 部分 与 3 · 整体 比较，数行之前先去掉首尾空白。',
    },
  ],
});
