import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'subword.ts',
  title: { en: 'WordPiece and Unigram encoding', zh: 'WordPiece 与 Unigram 编码' },
  minutes: 35,
  hints: [
    {
      en: 'WordPiece looks at one place and never comes back. Unigram has to weigh whole ways to cut. Find a word of three letters on which the two must differ.',
      zh: 'WordPiece 只看当前位置，从不回头；Unigram 要权衡整条切法。先找一个三个字母的词，让两者必须给出不同的结果。',
    },
    {
      en: 'For WordPiece: from each start try the longest candidate, shorten it until the vocabulary has it, and remember that inside a word the candidate carries ##. For Viterbi: fill a table from left to right, one entry per place, with the best sum that reaches it and the piece that it ended with; the answer is read backwards from the last entry.',
      zh: 'WordPiece：在每个起点试最长的候选，词表里没有就缩短；记住词内部的候选要带 ##。Viterbi：从左到右填一张表，每个位置一格，记下到达这里的最大的和，以及最后一块是什么；答案从最后一格倒着读出来。',
    },
    {
      en: 'Start the table with 0 at place 0 and -Infinity elsewhere: places that no piece reaches then never win. The longest piece bounds how far a place looks back. When the last entry is still -Infinity there is no way to cut: return no pieces and that score.',
      zh: '表的第 0 格填 0，其余填 -Infinity，到不了的位置就永远不会胜出。往回看多远由最长的一块决定。如果最后一格仍是 -Infinity，说明没有切法：返回空列表和这个分数。',
    },
  ],
});
