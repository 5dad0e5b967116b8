import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'cbow.ts',
  title: { en: 'CBOW', zh: 'CBOW' },
  minutes: 25,
  optional: true,
  hints: [
    {
      en: 'Skip-gram asks one word for its neighbours; here all neighbours together are asked for one word. Write down ctx, mask and target of a sentence of three words with a window of 2 by hand.',
      zh: 'Skip-gram 用一个词去猜邻居；这里反过来，用所有邻居一起猜一个词。先在纸上写出三个词的句子在窗口 2 时的 ctx、mask 和 target。',
    },
    {
      en: 'Three steps: the mean of the context vectors that are there, its product with every output vector, the cross-entropy of the right word. The mean divides by the number of real neighbours. That number can be 0: then divide by 1.',
      zh: '三步：真实存在的上下文向量求平均；与每个输出向量求点积；对正确的词算交叉熵。平均要除以真实邻居的个数；个数可能是 0，这时除以 1。',
    },
    {
      en: 'tf.gather looks up a matrix of ids at once and gives three axes. Multiply by the mask with one more axis at its end, sum over the places, and divide by the sum of the mask. tf.logSoftmax stays finite where the log of a softmax does not; a one-hot product picks the right word.',
      zh: 'tf.gather 可以一次查一整个 id 矩阵，得到三维张量。把掩码在末尾加一维后相乘，沿位置求和，再除以掩码之和。softmax 的对数会溢出，tf.logSoftmax 不会；用 one-hot 相乘取出正确的词。',
    },
  ],
});
