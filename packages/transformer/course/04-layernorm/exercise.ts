import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'layernorm.ts',
  title: { en: 'LayerNorm', zh: '层归一化' },
  minutes: 15,
  hints: [
    {
      en: 'Which axis holds the features of one token? Mean and variance are taken along that one and no other.',
      zh: '一个词元的特征放在哪个维度上？均值和方差只沿那个维度计算。',
    },
    {
      en: 'Mean, centre, mean of the squares, add eps, root, divide; then gain and bias. Keep the reduced axis, so that the statistics broadcast back over the row.',
      zh: '求均值、减去均值、求平方的均值、加 eps、开方、相除；然后是增益和偏置。保留被压缩的那个维度，统计量才能广播回整行。',
    },
    {
      en: 'The second argument of mean keeps the axis. The square of the centred row, averaged the same way, is the biased variance (divided by D). eps is added to the variance before the root. E[x^2] - E[x]^2 is the same on paper and useless in float32 when the mean is large.',
      zh: 'mean 的第二个参数用来保留维度。减去均值后的行取平方、再用同样的方法求平均，就是有偏方差（除以 D）。eps 在开方之前加到方差上。E[x^2] - E[x]^2 在纸上相等，但均值很大时在 float32 里毫无用处。',
    },
  ],
});
