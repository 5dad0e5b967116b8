import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'loss-scaler.ts',
  title: { en: 'Mixed precision, played through', zh: '混合精度模拟' },
  minutes: 45,
  hints: [
    {
      en: 'Look at the bits of 1, 1.00390625 and 1.01171875 through a Uint32Array. bfloat16 is the upper half of a float32. Which lower halves round up, and what does a tie do?',
      zh: '用 Uint32Array 看看 1、1.00390625 和 1.01171875 的二进制位。bfloat16 就是 float32 的上半部分。哪些下半部分要进位？恰好一半时怎么办？',
    },
    {
      en: 'bfloat16: add a little less than half of the last kept bit (exactly half when that bit is 1), then clear what is below; NaN goes its own way. float16: the step between neighbours is a power of two that depends on the exponent and stops shrinking at 2^-24; round to a multiple of it. The scaler only looks at gradients in unscale; step and update act on what it saw.',
      zh: 'bfloat16：加上比最后保留位的一半略小的数（该位为 1 时恰好加一半），再清掉下面的位；NaN 单独处理。float16：相邻两数的间隔是 2 的幂，由指数决定，到 2^-24 为止不再变小；舍入到它的整数倍。Scaler 只在 unscale 里看梯度，step 和 update 按它看到的行事。',
    },
    {
      en: 'A number that is large enough in float64 swallows everything finer than a chosen step: add it and take it away again, on the size of x, and put the sign back (also of -0). In mixedStep the order is copies, gradients, rounding, unscale, norm, clip, step, update; the clip limit is a limit on true gradients, so it comes after unscale. Master weights stay Float32Array and are never rounded themselves.',
      zh: '在 float64 里，足够大的数会吞掉比选定间隔更细的部分：对 x 的绝对值先加再减，然后放回符号（-0 也一样）。mixedStep 的顺序是：副本、梯度、舍入、unscale、范数、裁剪、step、update；裁剪上限针对的是真正的梯度，所以排在 unscale 之后。主权重一直是 Float32Array，自己从不被舍入。',
    },
  ],
});
