import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'seq2seq.ts',
  title: { en: 'The full Transformer', zh: '完整的 Transformer' },
  minutes: 50,
  limits: { timeMs: 40_000 },
  hints: [
    {
      en: 'Begin with the small ones: shiftRight and ceLoss are three lines each, countParams is arithmetic. Then draw the model as boxes with a shape on every arrow, source on the left and target on the right.',
      zh: '先写小的：shiftRight 和 ceLoss 各三行，countParams 只是算术。然后把模型画成方框，左边是源、右边是目标，每根箭头标上形状。',
    },
    {
      en: 'The padding mask of the source is used twice, the causal mask once. The loss averages over the labels that count and over nothing else, and an empty average is 0. In initParams every matrix takes a seed of its own from rng; a norm starts as the identity.',
      zh: '源的填充掩码用两次，因果掩码用一次。损失只对算数的标签取平均，一个都没有时为 0。initParams 里每个矩阵从 rng 各取一个种子；归一化一开始什么也不改变。',
    },
    {
      en: 'tf.gather reads rows of a table; for the tied head let tf.matMul transpose the same table. Flatten [B, T, D] to two axes before the head. For the loss replace -100 by any valid id, pick the log-probabilities with a one-hot product, multiply by a 0/1 tensor, and divide by a count that is at least 1.',
      zh: 'tf.gather 按行查表；共享输出头时让 tf.matMul 转置同一张表。进输出头之前先把 [B, T, D] 摊成两维。算损失时先把 -100 换成任意合法的 id，用 one-hot 相乘取出对数概率，再乘上 0/1 张量，除以至少为 1 的个数。',
    },
  ],
});
