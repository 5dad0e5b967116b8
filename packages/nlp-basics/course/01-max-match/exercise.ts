import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'max-match.ts',
  title: { en: 'Max-match segmentation', zh: '最大匹配分词' },
  minutes: 25,
  hints: [
    {
      en: 'Segment one short sentence by hand, once from each end, and write down where the two results part. What do you do at a place where no word fits?',
      zh: '先拿一个短句手工切一遍，从左、从右各一次，看看两个结果在哪里分岔。没有词能匹配的地方该怎么办？',
    },
    {
      en: 'Forward and backward are the same loop from two ends: try the longest candidate first, shorten it until the dictionary has it, and fall back to one character. For bi, run both and compare: number of words, then number of one-character words, and on a tie the backward one.',
      zh: '正向和反向是同一个循环，只是从两端出发：先试最长的候选，词典里没有就缩短，最后退到一个字。bi 两遍都跑，再比较：先比词数，再比单字词的个数，仍然相同就取反向的结果。',
    },
    {
      en: 'Spreading a string, [...text], gives whole characters, while text[i] gives UTF-16 units. The longest word of the dictionary bounds every candidate, so find its length once. Backward finds its words last to first: turn the list around, not the words.',
      zh: '展开字符串 [...text] 得到完整的字符，而 text[i] 得到的是 UTF-16 单元。词典里最长的词限定了候选的长度，先求出来一次即可。反向匹配从最后一个词找起：要翻转的是列表，不是词本身。',
    },
  ],
});
