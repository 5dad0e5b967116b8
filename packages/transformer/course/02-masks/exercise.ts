import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'masks.ts',
  title: { en: 'Causal and padding masks', zh: '因果掩码与填充掩码' },
  minutes: 20,
  hints: [
    {
      en: 'Write down the 3 x 3 causal mask by hand, then the one with past = 2. Which number compares with which?',
      zh: '先手写一个 3 x 3 的因果掩码，再写 past = 2 的那个。是哪个数在和哪个数比较？',
    },
    {
      en: 'A mask is a comparison of positions: the position of the key against the position of the query, or against the length of the sentence. A column of numbers compared with a row of numbers gives a matrix.',
      zh: '掩码就是位置的比较：键的位置与查询的位置比，或者与句子的长度比。一列数和一行数相比，得到一个矩阵。',
    },
    {
      en: 'tf.range gives positions; reshape one to [.., Tq, 1] and the other to [.., 1, Tk] and let the comparison broadcast. tf.where turns true and false into 0 and -1e9. For combine, think what 0 and -1e9 must give, and what -1e9 and -1e9 must give.',
      zh: 'tf.range 给出位置；一个变形为 [.., Tq, 1]，另一个变形为 [.., 1, Tk]，让比较自动广播。tf.where 把真假换成 0 和 -1e9。至于 combine，想想 0 与 -1e9 应得什么，-1e9 与 -1e9 又应得什么。',
    },
  ],
});
