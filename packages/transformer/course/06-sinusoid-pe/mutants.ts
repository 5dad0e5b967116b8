import { defineMutants } from '@llm-ladder/grader/course';

const formula = 'equals the formula, feature by feature';
const takeTurns = 'tf.stack([angles.sin(), angles.cos()], 2).reshape([T, D])';

export default defineMutants({
  mutants: [
    {
      name: 'base 100',
      replace: [['base = 10000', 'base = 100']],
      killedBy: [formula, 'position 3 of width 4 is the worked number'],
      looksLike: { en: 'without an argument the base is 10000', zh: '不传参数时底数应为 10000' },
    },
    {
      name: 'exponent i/D instead of 2i/D',
      replace: [['tf.range(0, D, 2)', 'tf.range(0, D / 2)']],
      killedBy: [formula, 'position 3 of width 4 is the worked number'],
      looksLike: { en: 'the exponent is i/D; it is 2i/D', zh: '指数用了 i/D，应当是 2i/D' },
    },
    {
      name: 'a block of sines, then a block of cosines',
      replace: [[takeTurns, 'tf.concat([angles.sin(), angles.cos()], 1) as tf.Tensor2D']],
      killedBy: [formula, 'position 0 has sines of 0 and cosines of 1'],
      looksLike: { en: 'sines and cosines stand in two blocks; they take turns', zh: '正弦和余弦各排成一块了，应当交替排列' },
    },
    {
      name: 'cosine first',
      replace: [['[angles.sin(), angles.cos()]', '[angles.cos(), angles.sin()]']],
      killedBy: 'position 0 has sines of 0 and cosines of 1',
      looksLike: { en: 'even features hold the sine, odd ones the cosine', zh: '偶数特征放正弦，奇数特征放余弦' },
    },
    {
      name: 'positions count from 1',
      replace: [['tf.range(0, T)', 'tf.range(1, T + 1)']],
      killedBy: ['position 0 has sines of 0 and cosines of 1', 'one position is a table too'],
      looksLike: { en: 'the first position is 0, not 1', zh: '第一个位置是 0，不是 1' },
    },
    {
      name: 'base ignored',
      replace: [['-Math.log(base)', '-Math.log(10000)']],
      killedBy: 'another base gives other speeds',
      looksLike: { en: 'the argument base has no effect', zh: '参数 base 没有起作用' },
    },
    {
      name: 'the cosine has a speed of its own',
      replace: [['angles.cos()', 'positions.mul(tf.range(1, D, 2).div(D).mul(-Math.log(base)).exp()).cos()']],
      killedBy: 'the product of two positions depends on their distance alone',
      looksLike: { en: 'sine and cosine of a pair must share one angle', zh: '同一对的正弦和余弦要用同一个角度' },
    },
    {
      name: 'only sines',
      replace: [['angles.cos()', 'angles.add(1).sin()']],
      killedBy: 'the product of two positions depends on their distance alone',
      looksLike: { en: 'odd features are cosines', zh: '奇数特征应当是余弦' },
    },
    {
      name: 'positions as parts of the whole',
      replace: [['tf.range(0, T)', 'tf.range(0, T).div(T)']],
      killedBy: 'a longer table starts with the shorter one',
      looksLike: { en: 'positions are divided by T; they are plain counts', zh: '位置除以了 T；位置就是计数' },
    },
    {
      name: 'an odd width gets a shorter last pair',
      replace: [
        [' || D % 2 !== 0', ''],
        [takeTurns, 'tf.stack([angles.sin(), angles.cos()], 2).reshape([T, 2 * Math.ceil(D / 2)]).slice([0, 0], [T, D]) as tf.Tensor2D'],
      ],
      killedBy: 'an odd width is refused',
      looksLike: { en: 'an odd D passes; it must throw a ShapeError', zh: '奇数 D 被放过了，应当抛出 ShapeError' },
    },
    {
      name: 'no tidy',
      replace: [
        ['return tf.tidy(() => {', 'return (() => {'],
        ['  });\n  // #endregion', '  })();\n  // #endregion'],
      ],
      killedBy: 'keeps one tensor, the table',
      looksLike: { en: 'tensors pile up: compute inside tf.tidy', zh: '张量越积越多：把计算放进 tf.tidy' },
    },
    {
      name: 'squeezes the table',
      replace: [[takeTurns, `${takeTurns}.squeeze()`]],
      killedBy: 'one position is a table too',
      looksLike: { en: 'axes of size 1 disappear', zh: '大小为 1 的维度消失了' },
    },
    {
      name: 'any length goes',
      replace: [['!Number.isInteger(T) || T < 1', 'T < -9']],
      killedBy: 'a length or width that counts nothing is refused',
      looksLike: { en: 'the number of positions is not checked', zh: '没有检查位置的个数' },
    },
  ],
  survivors: [
    {
      why: 'a width that is not whole leaves a remainder by 2, and a width of 1 is odd: both are refused by the last condition',
      mutants: ['call: Number.isInteger(D) -> (D)', 'constant: D < 2 -> D < 1'],
    },
    {
      why: 'D is even, so the last step of 2 ends at D - 2 either way',
      mutants: ['off by one: tf.range(0, D, 2) -> tf.range(0, D - 1, 2)'],
    },
  ],
});
