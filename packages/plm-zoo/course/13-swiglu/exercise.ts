import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'swiglu.ts',
  title: { en: 'SwiGLU feed-forward', zh: 'SwiGLU 前馈网络' },
  minutes: 15,
  hints: [
    {
      en: 'Two projections of the same input meet: one decides how much of the other gets through. Which of the two goes through the activation?',
      zh: '同一个输入做两次投影，然后相遇：一个决定另一个能通过多少。哪一个要过激活函数？',
    },
    {
      en: 'silu(z) is z times sigmoid(z), and only the w1 branch gets it. Multiply the branches element by element, then w2 brings the hidden width back to D. For the width: cut the fraction of 8 D / 3 first, round up to the multiple afterwards.',
      zh: 'silu(z) 是 z 乘 sigmoid(z)，只有 w1 那一支要过它。两支逐元素相乘，再用 w2 把隐藏宽度变回 D。算宽度时，先去掉 8 D / 3 的小数，再向上取到倍数。',
    },
    {
      en: 'Matrix products want two dims: flatten every leading dim into rows, and give the result the shape of x at the end. Math.ceil of the width divided by the multiple, times the multiple, rounds up and leaves exact multiples alone.',
      zh: '矩阵乘法要两个维度：把所有前导维度压成行，最后再恢复成 x 的形状。宽度除以倍数、用 Math.ceil、再乘回倍数，就是向上取整；本来就是倍数的不会变。',
    },
  ],
});
