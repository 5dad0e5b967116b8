import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'rmsnorm.ts',
  title: { en: 'RMSNorm', zh: 'RMSNorm' },
  minutes: 10,
  hints: [
    {
      en: 'Take LayerNorm and cross out two things: the mean that is taken off, and the bias at the end. What is left to divide by?',
      zh: '拿 LayerNorm 来，划掉两样东西：减去的均值，和最后的偏置。剩下该除以什么？',
    },
    {
      en: 'Square, mean over the features of one token, add eps, root, divide, times the gain. Keep the reduced axis, so that one number per token broadcasts over its row.',
      zh: '平方，沿一个词元的特征求均值，加 eps，开方，相除，再乘增益。保留被压缩的维度，这样每个词元的那一个数才能广播到整行。',
    },
    {
      en: 'It is the mean of the squares, so divide their sum by D, and never take off the mean of x itself. eps joins the mean before the root: for a row whose features are near 1e-3 it decides the result.',
      zh: '要的是平方的均值，所以平方和要除以 D；x 自己的均值不要减。eps 在开方之前加到均值上：特征只有 1e-3 上下时，结果就由它决定。',
    },
  ],
});
