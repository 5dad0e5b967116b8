import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'ffn.ts',
  title: { en: 'Feed-forward network and dropout', zh: '前馈网络与 Dropout' },
  minutes: 20,
  limits: { timeMs: 30_000 },
  hints: [
    {
      en: 'ffn is two linear layers with a bend between them. dropout asks one question first: is there anything to drop?',
      zh: 'ffn 是两个线性层，中间弯一下。dropout 先问一个问题：有没有东西要丢？',
    },
    {
      en: 'Positions are independent: flatten all leading dims into one, and put the shape back at the end. For dropout, draw one uniform number per element; the element survives if its number is at least p, and a survivor grows by 1 / (1 - p).',
      zh: '各个位置互不相干：把所有前导维度摊成一个，最后再恢复形状。dropout 给每个元素抽一个均匀随机数；不小于 p 的元素留下，并放大到 1 / (1 - p) 倍。',
    },
    {
      en: 'tf.randomUniform takes a seed as its fifth argument, so one draw of rng is enough; it reads a seed of 0 as "no seed". Cast the comparison to float32 before you multiply. When nothing is dropped, return a clone: the caller may dispose it.',
      zh: 'tf.randomUniform 的第五个参数是种子，所以 rng 抽一次就够；种子为 0 会被当成“没有种子”。比较的结果先转成 float32 再相乘。什么都不丢时返回 clone：调用者可能会释放它。',
    },
  ],
});
