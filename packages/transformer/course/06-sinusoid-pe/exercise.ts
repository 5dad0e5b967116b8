import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'sinusoid.ts',
  title: { en: 'Sinusoidal position encoding', zh: '正余弦位置编码' },
  minutes: 15,
  hints: [
    {
      en: 'Two indices, two meanings: t is the place of a token, i numbers the pairs of features. Every pair has one speed, and its sine and cosine share one angle.',
      zh: '两个下标，两个含义：t 是词元的位置，i 是特征对的编号。每一对特征有一个速度，它的正弦和余弦用同一个角度。',
    },
    {
      en: 'Make a column of T positions and a row of D/2 speeds; their product holds every angle. The speeds start at 1 and shrink by the same factor each time. Then sine and cosine have to take turns along the features.',
      zh: '先做一列 T 个位置和一行 D/2 个速度，两者相乘就得到所有角度。速度从 1 开始，每次缩小相同的倍数。最后让正弦和余弦在特征方向上交替排列。',
    },
    {
      en: 'tf.range takes a step, so the even numbers 0, 2, 4, ... give the exponents; a power of base is exp of a multiple of log(base). Stacking two [T, D/2] tensors on a new last axis and reshaping to [T, D] makes them take turns.',
      zh: 'tf.range 可以给步长，偶数 0, 2, 4, … 就是指数的分子；base 的幂等于 log(base) 的倍数再取 exp。把两个 [T, D/2] 的张量沿新的最后一维叠起来，再变形为 [T, D]，就交替排好了。',
    },
  ],
});
