import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'hmm.ts',
  title: { en: 'HMM tagger', zh: 'HMM 词性标注' },
  minutes: 35,
  limits: { timeMs: 30_000 },
  optional: true,
  hints: [
    {
      en: 'Take two tagged sentences of three words, and write four tables by hand: how sentences begin, which tag follows which, how they end, which word comes from which tag.',
      zh: '拿两个标好的三词句子，手写四张表：句子怎么开头、哪个标签接哪个、句子怎么结尾、哪个词出自哪个标签。',
    },
    {
      en: 'Every row of the tables is a distribution, so ask what can stand in it: a tag is followed by one of Y tags or by the end; it brings forth one of V words or an unknown one. That count times k goes into the denominator. Decoding is the same walk as in the CRF, with log-probabilities for scores.',
      zh: '表里每一行都是一个分布，先想清楚里面能有什么：一个标签之后是 Y 个标签之一或结尾；它生成 V 个词之一或一个未知词。这个个数乘 k 要进分母。解码和 CRF 里走的是同一条路，分数换成了对数概率。',
    },
    {
      en: 'Count in arrays indexed by the number of a tag, and words in a Map. Keep the best score for each tag and, for every word but the first, the list of best tags before. After the last word add the log of the end, take the best, walk the lists from the back, and turn the path round.',
      zh: '标签用编号当下标来计数，词用 Map。对每个标签留一个最好的分数；从第二个词起，再留一张“前一个标签哪个最好”的表。最后一个词之后加上结尾的对数，取最好的，从后往前查表，再把路径倒过来。',
    },
  ],
});
