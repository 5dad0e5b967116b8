import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'accum-clip.ts',
  title: { en: 'Accumulation, global clipping, AdamW', zh: '梯度累积、全局裁剪与 AdamW' },
  minutes: 50,
  limits: { timeMs: 40_000, memoryMb: 1536 },
  hints: [
    {
      en: 'Write down the mean loss of a batch of 7 tokens that comes in parts of 5 and 2. Which numbers may you add up part by part, and what may you do only at the end? The same holds for the gradient, because it is linear.',
      zh: '一个批次有 7 个词元，分成 5 个和 2 个两部分，写出它的平均损失。哪些数可以逐部分相加，哪一步只能最后做？梯度是线性的，所以同样如此。',
    },
    {
      en: 'Order within one group: sums over micro-batches, division by all tokens, one norm over all weights, one factor of at most 1, then for each weight both running means, the decay of matrices, and the step. Nothing of a micro-batch survives it but the sums. A group without tokens is left before the division.',
      zh: '一组之内的顺序：在小批次上求和，除以全部词元数，对所有权重求一个范数，得到一个不超过 1 的系数，然后逐个权重更新两个滑动平均、衰减矩阵、迈出一步。小批次结束后，只留下那些和。没有词元的组，在做除法之前就离开。',
    },
    {
      en: 'tf.variableGrads takes the list of variables and gives gradients by variable name; call it inside a tidy of its own for each micro-batch, return the new sums, and dispose of the old. The clipping factor stays a tensor: tf.minimum instead of an if. Decay multiplies the weight by one minus rate times wd and never enters the running means. The corrections divide by one minus beta to the power of the update that is being made, so the counter goes up first.',
      zh: 'tf.variableGrads 接收变量列表，按变量名给出梯度；每个小批次在自己的 tidy 里调用它，返回新的和，再释放旧的。裁剪系数一直是张量：用 tf.minimum 代替 if。衰减是把权重乘以一减（学习率乘 wd），绝不进入滑动平均。修正要除以一减 beta 的幂，幂次是正在进行的这次更新的序号，所以计数器先加一。',
    },
  ],
});
