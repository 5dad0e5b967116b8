import { defineMutants } from '@llm-ladder/grader/course';

const hidden = 'const hidden = gate.mul(gate.sigmoid()).mul<tf.Tensor2D>(rows.matMul(w3));';
const width = 'return multipleOf * Math.ceil(twoThirds / multipleOf);';
const floor = 'const twoThirds = Math.floor((2 * 4 * D) / 3);';

export default defineMutants({
  mutants: [
    {
      name: 'silu on the w3 branch',
      replace: [[hidden, 'const up = rows.matMul(w3); const hidden = gate.mul<tf.Tensor2D>(up.mul(up.sigmoid()));']],
      killedBy: ['matches Hugging Face', 'the content passes in proportion, the gate does not'],
      looksLike: { en: 'the activation is on w3; it belongs to the gate w1', zh: '激活函数放在了 w3 上；应当放在门 w1 上' },
    },
    {
      name: 'silu on both branches',
      replace: [[hidden, 'const up = rows.matMul(w3); const hidden = gate.mul(gate.sigmoid()).mul<tf.Tensor2D>(up.mul(up.sigmoid()));']],
      killedBy: ['matches Hugging Face', 'the content passes in proportion, the gate does not'],
      looksLike: { en: 'both branches are activated; only the gate is', zh: '两支都过了激活函数；只有门要过' },
    },
    {
      name: 'silu on the product',
      replace: [[hidden, 'const both = gate.mul(rows.matMul(w3)); const hidden = both.mul<tf.Tensor2D>(both.sigmoid());']],
      killedBy: ['matches Hugging Face', 'the content passes in proportion, the gate does not'],
      looksLike: { en: 'the activation comes after the product of the branches', zh: '激活函数放在了两支相乘之后' },
    },
    {
      name: 'sigmoid gate (GLU)',
      replace: [[hidden, 'const hidden = gate.sigmoid().mul<tf.Tensor2D>(rows.matMul(w3));']],
      killedBy: ['matches Hugging Face', 'one number through one hidden unit'],
      looksLike: { en: 'the gate is sigmoid(z); silu is z times sigmoid(z)', zh: '门用了 sigmoid(z)；silu 是 z 乘 sigmoid(z)' },
    },
    {
      name: 'relu gate (ReGLU)',
      replace: [[hidden, 'const hidden = gate.relu().mul<tf.Tensor2D>(rows.matMul(w3));']],
      killedBy: ['matches Hugging Face', 'one number through one hidden unit'],
      looksLike: { en: 'the gate is a ReLU', zh: '门用了 ReLU' },
    },
    {
      name: 'GELU-like gate',
      replace: [['gate.sigmoid()', 'gate.mul(1.702).sigmoid()']],
      killedBy: ['matches Hugging Face', 'one number through one hidden unit'],
      looksLike: { en: 'the sigmoid is of 1.702 z (that is a GELU approximation)', zh: 'sigmoid 里是 1.702 z（那是 GELU 的近似）' },
    },
    {
      name: 'branches added',
      replace: [[hidden, 'const hidden = gate.mul(gate.sigmoid()).add<tf.Tensor2D>(rows.matMul(w3));']],
      killedBy: ['matches Hugging Face', 'a wide open and a shut gate stay finite'],
      looksLike: { en: 'the branches are added; they are multiplied', zh: '两支相加了；应当相乘' },
    },
    {
      name: 'w1 and w3 swapped',
      replace: [
        ['rows.matMul(w1)', 'rows.matMul(w3)'],
        [hidden, 'const hidden = gate.mul(gate.sigmoid()).mul<tf.Tensor2D>(rows.matMul(w1));'],
      ],
      killedBy: ['matches Hugging Face', 'the content passes in proportion, the gate does not'],
      looksLike: { en: 'w1 and w3 are swapped: w1 is the gate', zh: 'w1 和 w3 用反了：w1 才是门' },
    },
    {
      name: 'silu with an overflowing exponential',
      replace: [[hidden, 'const e = gate.exp(); const hidden = gate.mul(e.div(e.add(1))).mul<tf.Tensor2D>(rows.matMul(w3));']],
      killedBy: 'a wide open and a shut gate stay finite',
      looksLike: {
        en: 'exp(z) / (1 + exp(z)) is NaN for a large z: use tf.sigmoid',
        zh: 'z 很大时 exp(z) / (1 + exp(z)) 是 NaN：请用 tf.sigmoid',
      },
    },
    {
      name: 'rounds down',
      replace: [[width, 'return multipleOf * Math.floor(twoThirds / multipleOf);']],
      killedBy: ['768 gives 2048 and 1024 gives 2752', 'the width is the least fitting multiple for any D'],
      looksLike: { en: 'the width is rounded down to the multiple; it is rounded up', zh: '宽度向下取了倍数；应当向上取' },
    },
    {
      name: 'always one multiple more',
      replace: [[width, 'return multipleOf * (Math.floor(twoThirds / multipleOf) + 1);']],
      killedBy: '768 gives 2048 and 1024 gives 2752',
      looksLike: { en: 'an exact multiple is rounded up as well', zh: '本来就是倍数的宽度也被多取了一个倍数' },
    },
    {
      name: 'four times the width',
      replace: [[floor, 'const twoThirds = 4 * D;']],
      killedBy: '768 gives 2048 and 1024 gives 2752',
      looksLike: { en: 'the width is 4 D; with three matrices it is two thirds of that', zh: '宽度是 4 D；有三个矩阵时应取它的三分之二' },
    },
    {
      name: 'fraction kept',
      replace: [[floor, 'const twoThirds = (2 * 4 * D) / 3;']],
      killedBy: 'the width is the least fitting multiple for any D',
      looksLike: {
        en: 'the fraction of 8 D / 3 is kept, so some widths are one multiple too large',
        zh: '没有去掉 8 D / 3 的小数，有的宽度会多一个倍数',
      },
    },
    {
      name: 'multiple is always 64',
      replace: [[width, 'return 64 * Math.ceil(twoThirds / 64);']],
      killedBy: ['768 gives 2048 and 1024 gives 2752', 'the width is the least fitting multiple for any D'],
      looksLike: { en: 'multipleOf is not used', zh: '没有使用 multipleOf' },
    },
    {
      name: 'gate as a constant',
      replace: [['gate.sigmoid()', 'tf.tensor2d(gate.sigmoid().dataSync(), gate.shape)']],
      killedBy: 'the gradients match Hugging Face',
      looksLike: { en: 'no gradient flows through the gate', zh: '梯度没有流过门' },
    },
    {
      name: 'the first sentence serves the whole batch',
      replace: [
        [
          'const gate = rows.matMul(w1);',
          'const gate = x.slice([0], [1]).reshape<tf.Tensor2D>([-1, D]).tile([x.shape[0]!, 1]).matMul(w1);',
        ],
      ],
      killedBy: 'swiglu: a batch of two equals two singles',
      looksLike: { en: 'one batch row uses the gate of another', zh: '一条数据用了另一条数据的门' },
    },
  ],
});
