import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'lstm.ts',
  title: { en: 'LSTM cell', zh: 'LSTM 单元' },
  minutes: 35,
  limits: { timeMs: 30_000 },
  hints: [
    {
      en: 'Draw the cell as two lines through time. The memory runs along the lower one: it is scaled once and added to once. The state that others read is made from it at the very end.',
      zh: '把单元画成两条穿过时间的线。下面那条是记忆：每一步只缩放一次、加一次。别人能读到的状态，在最后才由记忆算出来。',
    },
    {
      en: 'One product of [x, h] with W gives four blocks of D columns: how much to write, how much to keep, what to write, how much to show. Three of them are between 0 and 1; the one that says what is between -1 and 1. In the sequence, compute the step for all rows, then choose for each row between the new state and the old one. That choice is for h and for c.',
      zh: '[x, h] 与 W 相乘一次，得到四块、每块 D 列：写多少、留多少、写什么、露多少。三块在 0 和 1 之间，“写什么”在 -1 和 1 之间。算序列时，先对所有行算这一步，再逐行选新状态还是旧状态；h 和 c 都要选。',
    },
    {
      en: 'tf.split cuts the product into four, tf.unstack cuts the sequence into steps, tf.where chooses with a condition of shape [B, 1], and tf.stack along axis 1 puts the states side by side. Start from zeros; the width D is a quarter of the length of b.',
      zh: 'tf.split 把乘积切成四块，tf.unstack 把序列切成一步一步，tf.where 用形状 [B, 1] 的条件来选，tf.stack 沿第 1 维把各步的状态排好。初始状态为零；宽度 D 是 b 长度的四分之一。',
    },
  ],
});
