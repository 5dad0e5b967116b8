import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'crf.ts',
  title: { en: 'Sequence labelling: BIO, CRF, Viterbi', zh: '序列标注：BIO、CRF 与维特比' },
  minutes: 60,
  limits: { timeMs: 40_000 },
  hints: [
    {
      en: 'Three parts that can be done one by one: tags and spans (plain JavaScript), the best path, the sum over all paths. The last two are the same walk through time; one takes a maximum where the other takes a log-sum.',
      zh: '三部分可以分开做：标签与片段（普通 JavaScript）、最好的路径、所有路径之和。后两部分走的是同一条路：一个取最大值，一个取 log-sum。',
    },
    {
      en: 'Keep one number for every tag in which the past may end. One step adds a table of transitions, reduces over the tag before, and adds the emissions of the next word. Viterbi also remembers which tag before was best. A masked step leaves everything as it is; end scores come last. The score of the labels uses the very same numbers, picked out by one-hot rows.',
      zh: '对过去可能结束于的每个标签各留一个数。走一步：加上转移表，对前一个标签做归约，再加上下一个词的发射分。维特比还要记住前一个标签哪个最好。掩码为 0 的步什么都不变；结束分最后加。标签路径的分数用的是同样这些数，用 one-hot 行取出来。',
    },
    {
      en: 'With the scores as [B, Y, 1] and trans as [Y, Y] the sum is [B, from, to]: reduce over axis 1. tf.where with a condition [B, 1] holds a row that has ended. Read the pointers once with dataSync, then walk back in JavaScript from the last word of each row. For the loss, one-hot times trans gives the row of transitions out of the last label.',
      zh: '把分数写成 [B, Y, 1]，trans 是 [Y, Y]，相加得到 [B, 前, 后]：对第 1 维归约。tf.where 配上 [B, 1] 的条件，就能让已经结束的行保持不变。指针用 dataSync 一次读出，再在 JavaScript 里从每行最后一个词往回走。算损失时，one-hot 乘 trans 就是从上一个标签出发的那一行转移分。',
    },
  ],
});
