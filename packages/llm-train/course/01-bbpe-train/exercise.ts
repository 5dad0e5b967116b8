import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'bbpe-train.ts',
  title: { en: 'Byte-level BPE training', zh: '字节级 BPE 训练' },
  minutes: 90,
  limits: { timeMs: 60_000 },
  hints: [
    {
      en: 'The same pre-token occurs thousands of times. Count first, then work on the different ones only, each with its number. And which pairs change when one pair is merged? Only those beside it.',
      zh: '同一个预分词会出现成千上万次。先计数，再只处理互不相同的那些，每个带上次数。合并一对之后，哪些对会变？只有它旁边的。',
    },
    {
      en: 'Four steps. Pre-tokens to counts; pre-tokens to ids of their UTF-8 bytes; pairs to counts and to the words that hold them; then the loop. In the loop, for each word of the best pair: take its old pairs off the counts, merge from left to right, put its new pairs on. Keep the pairs in a queue and let a pair whose count fell be sorted in again when it comes up.',
      zh: '四步：预分词计数；预分词变成 UTF-8 字节的编号；统计每一对的次数和含有它的词；然后循环。循环里，对最佳对所在的每个词：从计数里减去旧的对，从左到右合并，再加上新的对。把这些对放进队列；次数降了的对，轮到它时再重新排位。',
    },
    {
      en: 'PairQueue, Neighbours and IntLists are there to be used: the first finds the best pair, the second collects what stands before and after a merge, the third keeps many short lists in little memory. A pair of a new id cannot have been there before, so it is added once and only falls afterwards; one below minFreq need never be added. In abab the second left is counted beside the first new id, and is gone a moment later.',
      zh: 'PairQueue、Neighbours 和 IntLists 可以直接用：第一个找出最佳对，第二个收集合并处前后的邻居，第三个用很少的内存存放许多短列表。带新编号的对以前不可能出现过，所以只需加入一次，此后只降不升；低于 minFreq 的根本不必加入。在 abab 里，第二个左半边先被记成第一个新编号的邻居，转眼又没了。',
    },
  ],
});
