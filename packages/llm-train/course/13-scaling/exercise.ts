import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'scaling.ts',
  title: { en: 'Scaling laws', zh: '规模定律' },
  minutes: 40,
  limits: { timeMs: 40_000 },
  hints: [
    {
      en: 'The cost of a run does not say how to split it: more parameters and fewer tokens cost the same. What else must be known before one split is better than another?',
      zh: '训练的花费并不能告诉你怎么分配：参数多些、词元少些，花费一样。还要知道什么，才能说哪种分法更好？',
    },
    {
      en: 'Hand `minimise` a function of five plain numbers that gives one residual for each run: the logarithm of foretold over measured. Let the logarithms of E, A and B be free, so that they stay positive. Start from several places and keep the cheapest. For the optimum write D by C and N, and set the derivative by N to zero.',
      zh: '交给 `minimise` 一个五个数的函数，对每次训练给出一个残差：预测除以实测的对数。让 E、A、B 的对数作为自由变量，它们就总是正数。从几个不同的起点出发，留下代价最小的。求最优时，用 C 和 N 表示 D，再令对 N 的导数为零。',
    },
    {
      en: 'A good start puts E below the lowest loss and shares what is left of an average loss evenly between the two terms, for a few values of each exponent. At the optimum the N term times alpha equals the D term times beta; insert the budget, collect the powers of N, and take the root of order alpha plus beta. The same N goes into the law, into the budget and into the result.',
      zh: '好的起点：E 低于最低的损失，平均损失剩下的部分由两项平分，两个指数各取几个值。在最优处，N 项乘 alpha 等于 D 项乘 beta；代入预算，合并 N 的幂，再开 alpha 加 beta 次方。定律、预算和结果里用的是同一个 N。',
    },
  ],
});
