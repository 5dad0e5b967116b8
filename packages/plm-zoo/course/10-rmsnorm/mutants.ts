import { defineMutants } from '@llm-ladder/grader/course';

const square = 'const meanSquare = x.square().mean(-1, true);';
const result = 'return x.div(meanSquare.add(eps).sqrt()).mul(g) as T;';

export default defineMutants({
  mutants: [
    {
      name: 'subtracts the mean',
      replace: [
        [square, 'const centred = x.sub(x.mean(-1, true)); const meanSquare = centred.square().mean(-1, true);'],
        [result, 'return centred.div(meanSquare.add(eps).sqrt()).mul(g) as T;'],
      ],
      killedBy: ['matches Hugging Face', 'longer rows give the same output, shifted rows do not'],
      looksLike: {
        en: 'the mean is taken off (that is LayerNorm); RMSNorm does not centre',
        zh: '减去了均值（那是 LayerNorm）；RMSNorm 不减均值',
      },
    },
    {
      name: 'divides by the standard deviation',
      replace: [[square, 'const meanSquare = x.sub(x.mean(-1, true)).square().mean(-1, true);']],
      killedBy: ['matches Hugging Face', '1, 2, 3, 4 becomes 0.3651, 0.7303, 1.0954, 1.4606'],
      looksLike: {
        en: 'the root holds the variance; it should hold the mean of the squares of x itself',
        zh: '根号里是方差；应当是 x 自身平方的均值',
      },
    },
    {
      name: 'eps outside the root',
      replace: [[result, 'return x.div(meanSquare.sqrt().add(eps)).mul(g) as T;']],
      killedBy: ['eps stands inside the root', 'eps is the one that is given, 1e-5 unless told'],
      looksLike: {
        en: 'eps is added to the root; it belongs inside, with the mean of the squares',
        zh: 'eps 加在了根号外；应当在根号里，和平方的均值相加',
      },
    },
    {
      name: 'sum instead of mean',
      replace: [[square, 'const meanSquare = x.square().sum(-1, true);']],
      killedBy: ['matches Hugging Face', '1, 2, 3, 4 becomes 0.3651, 0.7303, 1.0954, 1.4606'],
      looksLike: {
        en: 'the squares are summed; divide by D, so that a row of ones stays a row of ones',
        zh: '对平方求了和；要除以 D，全是 1 的行才会仍是 1',
      },
    },
    {
      name: 'divided by D - 1',
      replace: [[square, 'const meanSquare = x.square().sum(-1, true).div(x.shape.at(-1)! - 1);']],
      killedBy: ['matches Hugging Face', '1, 2, 3, 4 becomes 0.3651, 0.7303, 1.0954, 1.4606'],
      looksLike: { en: 'the sum of the squares is divided by D - 1; it is divided by D', zh: '平方和除以了 D - 1；应当除以 D' },
    },
    {
      name: 'mean of the absolute values',
      replace: [[square, 'const meanSquare = x.abs().mean(-1, true).square();']],
      killedBy: ['matches Hugging Face', '1, 2, 3, 4 becomes 0.3651, 0.7303, 1.0954, 1.4606'],
      looksLike: { en: 'the mean is taken before the square', zh: '先求了均值再平方；应当先平方再求均值' },
    },
    {
      name: 'a bias is added',
      replace: [[result, 'return x.div(meanSquare.add(eps).sqrt()).mul(g).add(g) as T;']],
      killedBy: ['matches Hugging Face', 'a row of zeros stays zero'],
      looksLike: { en: 'something is added after the gain; RMSNorm has no bias', zh: '乘增益之后又加了东西；RMSNorm 没有偏置' },
    },
    {
      name: 'gain counted from 1',
      replace: [['.mul(g) as T', '.mul(g.add(1)) as T']],
      killedBy: ['matches Hugging Face', '1, 2, 3, 4 becomes 0.3651, 0.7303, 1.0954, 1.4606'],
      looksLike: { en: 'the output is scaled by 1 + g; here the gain is g itself', zh: '输出乘了 1 + g；这里增益就是 g' },
    },
    {
      name: 'gain ignored',
      replace: [['.mul(g) as T', '.mul(tf.onesLike(g)) as T']],
      killedBy: ['matches Hugging Face', 'rmsNorm: gradients are finite and not zero'],
      looksLike: { en: 'the gain is not used', zh: '没有使用增益' },
    },
    {
      name: 'no eps',
      replace: [['meanSquare.add(eps)', 'meanSquare']],
      killedBy: ['a row of zeros stays zero', 'eps stands inside the root'],
      looksLike: { en: 'eps is missing (a row of zeros divides by zero)', zh: '缺少 eps（全零的行会除以零）' },
    },
    {
      name: 'eps is always 1e-5',
      replace: [['meanSquare.add(eps)', 'meanSquare.add(1e-5)']],
      killedBy: 'eps is the one that is given, 1e-5 unless told',
      looksLike: { en: 'the eps that is passed in is not used', zh: '没有使用传入的 eps' },
    },
    {
      name: 'eps defaults to 1e-6',
      replace: [['eps: number = 1e-5', 'eps: number = 1e-6']],
      killedBy: 'eps is the one that is given, 1e-5 unless told',
      looksLike: { en: 'the default of eps is not 1e-5', zh: 'eps 的默认值不是 1e-5' },
    },
    {
      name: 'normalises over the batch axis',
      replace: [[square, 'const meanSquare = x.square().mean(0, true);']],
      killedBy: ['matches Hugging Face', 'other tokens have no influence', 'rmsNorm: a batch of two equals two singles'],
      looksLike: { en: 'the squares are averaged over the batch; take the last axis', zh: '沿批次求了平均；应当沿最后一个维度' },
    },
    {
      name: 'one root mean square for the whole tensor',
      replace: [[square, 'const meanSquare = x.square().mean();']],
      killedBy: ['matches Hugging Face', 'other tokens have no influence'],
      looksLike: { en: 'all tokens share one root mean square', zh: '所有词元共用一个均方根' },
    },
    {
      name: 'root mean square as a constant',
      replace: [[square, 'const meanSquare = tf.tensor(x.square().mean(-1, true).dataSync(), [...x.shape.slice(0, -1), 1]);']],
      killedBy: 'the gradients match Hugging Face',
      looksLike: { en: 'no gradient flows through the root mean square', zh: '梯度没有流过均方根' },
    },
  ],
});
