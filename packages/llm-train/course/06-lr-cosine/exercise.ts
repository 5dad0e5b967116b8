import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'lr-cosine.ts',
  title: { en: 'Warm-up and cosine decay', zh: '预热与余弦学习率' },
  minutes: 15,
  hints: [
    {
      en: 'Draw it: a line up, half a wave down, a flat floor. Three cases, and each step is in exactly one of them. Which case owns step `warmup`, and which owns step `total`?',
      zh: '先画图：一条直线上去，半个波下来，一段平底。三种情况，每一步恰好属于一种。第 `warmup` 步归谁？第 `total` 步归谁？',
    },
    {
      en: 'Turn the step into a share of the way down: 0 where the warm-up ends, 1 at the end of the run. Then let the cosine go from +1 to -1 over that share, and stretch it so that it runs from base to min. For countSteps, think of 10 micro-batches in groups of 4.',
      zh: '先把步数换成下降路程的比例：预热结束处为 0，训练结束处为 1。再让余弦在这段路上从 +1 走到 -1，并拉伸到从 base 到 min。写 countSteps 时，想想 10 个小批次按 4 个一组。',
    },
    {
      en: 'Math.cos takes radians, so the share is multiplied by pi. Half of one plus the cosine is a weight between 1 and 0 for what lies above min. Take care that nothing divides by a warm-up of 0 or by a cosine of no length: ask first whether the step lies before or behind. An incomplete group counts as a whole update.',
      zh: 'Math.cos 用弧度，所以比例要乘 π。一加余弦再取一半，是从 1 到 0 的权重，乘在高于 min 的那部分上。别让任何东西除以 0 步的预热，也别除以长度为 0 的余弦：先判断这一步在前面还是在后面。不满的一组也算一次更新。',
    },
  ],
});
