import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'bpe.ts',
  title: { en: 'Word-level BPE', zh: '词级 BPE' },
  minutes: 40,
  hints: [
    {
      en: 'Learning and applying are two different loops. Learning asks which pair is the most frequent now; applying asks which pair of this word was learned first. Neither asks which piece is the longest.',
      zh: '学习和应用是两个不同的循环。学习问：现在哪一对最多？应用问：这个词里哪一对最早学到？谁也不问哪一块最长。',
    },
    {
      en: "Keep each word as a list of symbols with its count. A round: add the word's count for every pair of neighbours, choose the largest sum (on a tie the first pair in code-point order, left symbol before right), merge it in every word, count again. For applying, give each merge its place in the list as a rank.",
      zh: '把每个词存成符号的列表，带上词频。一轮是这样的：每一对相邻符号都加上词频，取和最大的一对（相同时取码点顺序靠前的，先比左边再比右边），在所有词里合并它，再重新计数。应用时，每条合并在列表里的位置就是它的名次。',
    },
    {
      en: 'Counting every round anew is good enough here. A pair needs a key from which "a" + "bc" and "ab" + "c" come out different. Merging builds a new list from the left and skips two symbols where they fit, so "aaa" becomes "aa", "a". codePointAt tells an emoji from a full-width letter where < does not.',
      zh: '这里每轮重新计数就够了。一对符号的键要能区分 "a" + "bc" 和 "ab" + "c"。合并时从左边起建一个新列表，遇到匹配就跳过两个符号，于是 "aaa" 变成 "aa"、"a"。比较表情符号和全角字母要用 codePointAt，< 会比错。',
    },
  ],
});
