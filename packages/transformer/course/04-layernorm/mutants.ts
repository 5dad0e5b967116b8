import { defineMutants } from '@llm-ladder/grader/course';

const centre = 'const centred = x.sub(x.mean(-1, true));';
const variance = 'const variance = centred.square().mean(-1, true);';
const result = 'return centred.div(variance.add(eps).sqrt()).mul(g).add(b) as T;';

export default defineMutants({
  mutants: [
    {
      name: 'variance divided by D - 1',
      replace: [[variance, 'const variance = centred.square().sum(-1, true).div(x.shape.at(-1)! - 1);']],
      killedBy: ['matches PyTorch', '1, 2, 3, 4 becomes -1.3416, -0.4472, 0.4472, 1.3416'],
      looksLike: {
        en: 'the variance is divided by D - 1 (the sample variance); it is divided by D here',
        zh: '方差除以了 D - 1（样本方差），这里应当除以 D',
      },
    },
    {
      name: 'eps outside the root',
      replace: [[result, 'return centred.div(variance.sqrt().add(eps)).mul(g).add(b) as T;']],
      killedBy: ['eps stands inside the root', 'eps is the one that is given'],
      looksLike: {
        en: 'eps is added to the standard deviation; it belongs under the root, with the variance',
        zh: 'eps 加到了标准差上；它应当在根号里，和方差相加',
      },
    },
    {
      name: 'no eps',
      replace: [[result, 'return centred.div(variance.sqrt()).mul(g).add(b) as T;']],
      killedBy: ['a constant row returns the bias', 'eps stands inside the root'],
      looksLike: { en: 'eps is missing (a row with zero variance divides by zero)', zh: '缺少 eps（方差为零的行会除以零）' },
    },
    {
      name: 'eps is always 1e-5',
      replace: [['variance.add(eps)', 'variance.add(1e-5)']],
      killedBy: 'eps is the one that is given',
      looksLike: { en: 'the eps that is passed in is not used', zh: '没有使用传入的 eps' },
    },
    {
      name: 'eps defaults to 1e-3',
      replace: [['eps: number = 1e-5', 'eps: number = 1e-3']],
      killedBy: '1, 2, 3, 4 becomes -1.3416, -0.4472, 0.4472, 1.3416',
      looksLike: { en: 'the default of eps is not 1e-5', zh: 'eps 的默认值不是 1e-5' },
    },
    {
      name: 'normalises over the batch axis',
      replace: [
        [centre, 'const centred = x.sub(x.mean(0, true));'],
        [variance, 'const variance = centred.square().mean(0, true);'],
      ],
      killedBy: ['matches PyTorch', 'other tokens have no influence', 'layerNorm: a batch of two equals two singles'],
      looksLike: {
        en: 'the statistics run over the batch (that is BatchNorm); take the last axis',
        zh: '统计量沿批次计算了（那是 BatchNorm）；应当沿最后一个维度',
      },
    },
    {
      name: 'one mean for the whole tensor',
      replace: [
        [centre, 'const centred = x.sub(x.mean());'],
        [variance, 'const variance = centred.square().mean();'],
      ],
      killedBy: ['matches PyTorch', 'other tokens have no influence'],
      looksLike: { en: 'all tokens share one mean and one variance', zh: '所有词元共用一个均值和一个方差' },
    },
    {
      name: 'no centring',
      replace: [[result, 'return x.div(variance.add(eps).sqrt()).mul(g).add(b) as T;']],
      killedBy: ['matches PyTorch', 'a constant row returns the bias'],
      looksLike: { en: 'the mean is not taken off (that is closer to RMSNorm)', zh: '没有减去均值（那更像 RMSNorm）' },
    },
    {
      name: 'variance as mean of squares minus square of mean',
      replace: [[variance, 'const variance = x.square().mean(-1, true).sub(x.mean(-1, true).square());']],
      killedBy: 'a large common offset does no harm',
      looksLike: {
        en: 'mean(x^2) - mean(x)^2 loses its digits when the mean is large: centre first',
        zh: '均值很大时 mean(x^2) - mean(x)^2 会丢失精度：先减去均值',
      },
    },
    {
      name: 'gain and bias swapped',
      replace: [[result, 'return centred.div(variance.add(eps).sqrt()).mul(b).add(g) as T;']],
      killedBy: ['matches PyTorch', 'a constant row returns the bias'],
      looksLike: { en: 'gain and bias are swapped', zh: '增益和偏置用反了' },
    },
    {
      name: 'mean and variance as constants',
      replace: [[variance, 'const variance = tf.tensor(centred.square().mean(-1, true).dataSync(), [...x.shape.slice(0, -1), 1]);']],
      killedBy: 'the gradients match PyTorch',
      looksLike: { en: 'no gradient flows through the variance', zh: '梯度没有流过方差' },
    },
  ],
});
