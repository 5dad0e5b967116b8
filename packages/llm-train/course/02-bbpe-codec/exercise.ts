import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'bbpe-codec.ts',
  title: { en: 'Encode, decode, stream', zh: '编码、解码与流式输出' },
  minutes: 75,
  limits: { timeMs: 60_000 },
  hints: [
    {
      en: 'Encoding repeats what training did, in the same order: the pair that was learned first is merged first, wherever it stands. Decoding is simpler: bytes in a row, and one look at all of them.',
      zh: '编码就是按同样的次序重演训练：先学到的对先合并，不管它在哪里。解码更简单：把字节排成一列，再一起看。',
    },
    {
      en: 'Give each pair of ids its place in merges as a rank. In a pre-token, find the pair of lowest rank, merge it, and look again at its two neighbours only. For a stream, TextDecoder can keep the start of a character for you. Specials are found before the text is cut, and only when they are allowed.',
      zh: '给每一对编号一个名次：它在 merges 中的位置。在一个预分词里找到名次最小的对，合并，然后只重新看它的两个邻居。流式输出时，TextDecoder 可以替你留住一个字符的前半截。特殊词元要在切分之前找，而且只有允许时才找。',
    },
    {
      en: 'A queue of numbers rank * n + place gives the lowest rank first and the leftmost of equals. Lists of next and before let a merge remove a place without moving the others; an entry whose rank is no longer that of its place is skipped. TextDecoder drops U+FEFF at the start unless ignoreBOM is set, and its option stream holds bytes back.',
      zh: '把 rank * n + 位置 这样的数放进队列，先出来的就是名次最小的，相同时是最左的。用 next 和 before 两个列表，合并时去掉一个位置而不必移动其他的；名次与该位置当前不符的条目跳过。TextDecoder 会丢掉开头的 U+FEFF，除非设了 ignoreBOM；选项 stream 会留住字节。',
    },
  ],
});
