import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'beam.ts',
  title: { en: 'Beam search', zh: '束搜索' },
  minutes: 45,
  limits: { timeMs: 30_000 },
  optional: true,
  async: ['beam'],
  hints: [
    {
      en: 'Play the worked example on paper with k = 2: two lists, the beams that live and the pool of those that have ended. After each length, which of the two lists does a candidate go to, and who is allowed to leave the pool?',
      zh: '取 k = 2，在纸上把例子走一遍。准备两张表：还活着的束，和已结束的答案池。每走一步，候选该进哪张表？谁能离开答案池？',
    },
    {
      en: 'All beams have one length, so plain sums compare them fairly; only the pool holds different lengths, so only there divide by length^alpha. Take the k best of all beams together, not of each. Those that end with eos move to the pool, and what is still alive at maxLen joins them.',
      zh: '活着的束长度都相同，直接比较和就公平；只有答案池里长度不同，所以只在那里除以 length^alpha。k 个最好的要在所有束合在一起后取，不是每束各取。以 eos 结尾的进池；到 maxLen 仍活着的也进池。',
    },
    {
      en: 'A sum can only fall, and a longer answer divides it by more: a living beam reaches at best sum / maxLen^alpha. When the pool holds k answers and the worst of those is at least the reach of the best living beam, stop. For the log-probability take ln of the sum of exp from the logit, with the largest logit taken away first.',
      zh: '和只会变小，而答案越长除数越大：活着的束最好也只能达到 sum / maxLen^alpha。池里有 k 个答案，且其中最差的也不低于最好的活束所能达到的，就可以停。对数概率等于 logit 减去 exp 之和的 ln；求和前先减去最大的 logit。',
    },
  ],
});
