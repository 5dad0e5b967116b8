import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'sampling.ts',
  title: { en: 'Sampling: temperature, top-k, top-p, penalty', zh: '采样：温度、top-k、top-p 与重复惩罚' },
  minutes: 45,
  limits: { timeMs: 40_000 },
  async: ['generate'],
  hints: [
    {
      en: 'Work out by hand which ids stay for the probabilities .5 .3 .15 .05 with p = .6, then with p = .01. Then in which order a temperature of 0.5 and p = .6 must act, so that the temperature matters to p.',
      zh: '手算一下：概率为 .5 .3 .15 .05，p = .6 时留下哪些 id？p = .01 呢？再想想：温度 0.5 和 p = .6 谁先谁后，温度才会影响 p 的结果？',
    },
    {
      en: 'Both filters only say how many of the largest stay. Sort a copy of the values, count, and read off the smallest value that stays; ids above it stay for certain, equal ones in rising order until the count is full. In generate keep a flag for each row: rows that ended go on being padded until the last one ends.',
      zh: '两个过滤器说的都只是：最大的留几个。把值复制一份排序，数个数，读出留下的最小值；比它大的 id 一定留下，相等的按 id 从小到大补满。generate 里给每一行记一个标志：已结束的行一直补 pad，直到最后一行结束。',
    },
    {
      en: 'Take the largest logit away before dividing by the temperature. For top-p subtract weights from p times their sum over the k that are left, and stop only after the weight that brings it to 0 or below: that one stays. To draw, scale one number of rng by the sum of the kept weights and walk until it is used up. The penalty looks at the sign of the logit.',
      zh: '先减去最大的 logit，再除以温度。top-p 的做法：从 p 乘以剩下 k 个的权重和里，逐个减去权重，减到 0 或以下才停，最后减的那个也留下。抽取时，把 rng 的一个数乘以留下的权重和，沿着权重走到用完为止。重复惩罚要看 logit 的符号。',
    },
  ],
});
