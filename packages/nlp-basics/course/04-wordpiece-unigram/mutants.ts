import { defineMutants } from '@llm-ladder/grader/course';

const byHand = 'cuts words as worked out by hand';
const marks = '## stands inside a word and nowhere else';
const whole = 'a word of which any part fails becomes unk, whole';
const greedy = 'greedy means the longest piece, and no way back';
const trying = 'Viterbi finds what trying every cut finds';
const largest = 'neither greedy nor the fewest pieces: the largest sum';
const noWay = 'a word that cannot be cut has no pieces and -Infinity';
const long = 'a word of a thousand characters keeps a finite score';
const empty = 'an empty word has no pieces and the score 0';
const longestCounts = 'the longest piece counts too';
const giveUp = 'if (end === start) return [unk];';
const total = 'const total = score[end - length]! + (logp.get(word.slice(end - length, end)) ?? Number.NEGATIVE_INFINITY);';

export default defineMutants({
  mutants: [
    {
      name: 'partial pieces and then unk',
      replace: [[giveUp, 'if (end === start) return [...pieces, unk];']],
      killedBy: [whole, greedy],
      looksLike: { en: 'pieces are kept before unk; the whole word becomes unk', zh: 'unk 之前还留着几块；应当整个词变成 unk' },
    },
    {
      name: 'unk for the part that fails, then on',
      replace: [[giveUp, 'if (end === start) {\n      pieces.push(unk);\n      start++;\n      continue;\n    }']],
      killedBy: whole,
      looksLike: {
        en: 'only the part that fails becomes unk; the whole word does',
        zh: '只有匹配不上的部分变成了 unk；应当整个词变成 unk',
      },
    },
    {
      name: 'unk is always [UNK]',
      replace: [[giveUp, "if (end === start) return ['[UNK]'];"]],
      killedBy: whole,
      looksLike: { en: 'the argument unk is not used', zh: '没有使用参数 unk' },
    },
    {
      name: 'no ## inside a word',
      replace: [["const mark = start > 0 ? '##' : '';", "const mark = '';"]],
      killedBy: [byHand, marks],
      looksLike: { en: 'inside a word a piece is looked up with ## before it', zh: '词内部的块要带着 ## 去查' },
    },
    {
      name: '## at the start too',
      replace: [["const mark = start > 0 ? '##' : '';", "const mark = '##';"]],
      killedBy: [byHand, marks],
      looksLike: { en: 'the first piece of a word carries no ##', zh: '词的第一块不带 ##' },
    },
    {
      name: 'a piece with or without ## will do',
      replace: [
        [
          'while (end > start && !vocab.has(mark + word.slice(start, end))) end--;',
          'while (end > start && !vocab.has(mark + word.slice(start, end)) && !vocab.has(word.slice(start, end))) end--;',
        ],
      ],
      killedBy: marks,
      looksLike: { en: 'a word of its own was taken for an ending', zh: '把独立的词当成了词尾' },
    },
    {
      name: 'pieces lose their ##',
      replace: [['pieces.push(mark + word.slice(start, end));\n    start', 'pieces.push(word.slice(start, end));\n    start']],
      killedBy: byHand,
      looksLike: { en: 'the pieces are right but their ## is gone', zh: '块切对了，但 ## 丢了' },
    },
    {
      name: 'the shortest piece first',
      replace: [
        ['let end = Math.min(word.length, start + longestOf(vocab));', 'let end = start + 1;'],
        [
          'while (end > start && !vocab.has(mark + word.slice(start, end))) end--;',
          'while (end <= word.length && !vocab.has(mark + word.slice(start, end))) end++;',
        ],
        [giveUp, 'if (end > word.length) return [unk];'],
      ],
      killedBy: [byHand, greedy],
      looksLike: { en: 'the shortest piece that fits is taken; take the longest', zh: '取了能匹配的最短的块，应取最长的' },
    },
    {
      name: 'comes back when it gets stuck',
      replace: [
        [
          'const pieces: string[] = [];\n  for (let start = 0; start < word.length; ) {',
          "const search = (from: number): string[] | undefined => {\n    if (from === word.length) return [];\n    for (let to = word.length; to > from; to--) {\n      const piece = (from > 0 ? '##' : '') + word.slice(from, to);\n      const rest = vocab.has(piece) ? search(to) : undefined;\n      if (rest) return [piece, ...rest];\n    }\n    return undefined;\n  };\n  if (word.length > 0) return search(0) ?? [unk];\n  const pieces: string[] = [];\n  for (let start = 0; start < word.length; ) {",
        ],
      ],
      killedBy: greedy,
      looksLike: { en: 'WordPiece never goes back to try a shorter piece', zh: 'WordPiece 从不回头去试更短的块' },
    },
    {
      name: 'one letter short of the longest piece',
      replace: [['longest = Math.max(longest, piece.length);', "longest = Math.max(longest, piece.replace('##', '').length - 1);"]],
      killedBy: longestCounts,
      looksLike: { en: 'the length of the longest piece is off by one', zh: '最长块的长度差了一' },
    },
    {
      name: 'an empty word is unk',
      replace: [
        [
          'const pieces: string[] = [];\n  for (let start = 0',
          "const pieces: string[] = [];\n  if (word === '') return [unk];\n  for (let start = 0",
        ],
      ],
      killedBy: empty,
      looksLike: { en: 'an empty word has no pieces at all', zh: '空词没有任何块' },
    },
    {
      name: 'greedy instead of Viterbi',
      replace: [
        [
          'const longest = longestOf(logp);',
          'if (word.length > 0) {\n    const greedy: string[] = [];\n    for (let start = 0; start < word.length; ) {\n      let end = word.length;\n      while (end > start && !logp.has(word.slice(start, end))) end--;\n      if (end === start) return { pieces: [], score: Number.NEGATIVE_INFINITY };\n      greedy.push(word.slice(start, end));\n      start = end;\n    }\n    return { pieces: greedy, score: greedy.reduce((sum, piece) => sum + logp.get(piece)!, 0) };\n  }\n  const longest = longestOf(logp);',
        ],
      ],
      killedBy: [trying, largest, byHand],
      looksLike: {
        en: 'the longest piece is taken each time; the largest sum may need a shorter one',
        zh: '每次取了最长的块；和最大的切法可能需要更短的块',
      },
    },
    {
      name: 'the fewest pieces',
      replace: [[total, 'const total = logp.has(word.slice(end - length, end)) ? score[end - length]! - 1 : Number.NEGATIVE_INFINITY;']],
      killedBy: [trying, largest],
      looksLike: { en: 'the number of pieces decides; it is the sum of log probabilities', zh: '按块数决定了，应按对数概率之和' },
    },
    {
      name: 'probabilities are multiplied',
      replace: [
        ['score[0] = 0;', 'score.fill(0);\n  score[0] = 1;'],
        [total, 'const total = score[end - length]! * Math.exp(logp.get(word.slice(end - length, end)) ?? Number.NEGATIVE_INFINITY);'],
        ['const best = score[word.length]!;', 'const best = Math.log(score[word.length]!);'],
      ],
      killedBy: long,
      looksLike: {
        en: 'a product of many probabilities is 0 in floating point: add logarithms',
        zh: '许多概率相乘在浮点数里会变成 0：请把对数相加',
      },
    },
    {
      name: 'the best next piece, not the best way',
      replace: [
        [
          total,
          'const one = logp.get(word.slice(end - length, end)) ?? Number.NEGATIVE_INFINITY;\n      const total = score[end - length]! === Number.NEGATIVE_INFINITY ? score[end - length]! : one;',
        ],
      ],
      killedBy: [trying, largest],
      looksLike: {
        en: 'only the last piece is compared; add the score up to where it begins',
        zh: '只比较了最后一块；还要加上它开始处的分数',
      },
    },
    {
      name: 'the worst way',
      replace: [
        [
          'if (total <= score[end]!) continue;',
          'if (total === Number.NEGATIVE_INFINITY || total >= (last[end] ? score[end]! : 0)) continue;',
        ],
      ],
      killedBy: [trying, largest],
      looksLike: {
        en: 'the smallest sum is taken; log probabilities are negative, and larger is better',
        zh: '取了最小的和；对数概率是负数，越大越好',
      },
    },
    {
      name: 'pieces from last to first',
      replace: [['pieces: pieces.reverse()', 'pieces']],
      killedBy: [byHand, trying],
      looksLike: { en: 'the walk back gives the last piece first: turn the list around', zh: '往回走先得到最后一块：列表要翻转过来' },
    },
    {
      name: 'the score is a probability',
      replace: [['score: best }', 'score: Math.exp(best) }']],
      killedBy: [byHand, trying],
      looksLike: { en: 'the score is the sum of logarithms, not its exp', zh: '分数是对数之和，不要再取 exp' },
    },
    {
      name: 'the score is a mean',
      replace: [['score: best }', 'score: best / Math.max(1, pieces.length) }']],
      killedBy: [byHand, trying],
      looksLike: { en: 'the score is a sum over the pieces, not a mean', zh: '分数是各块之和，不是平均' },
    },
    {
      name: 'a word without a way stays whole',
      replace: [
        [
          'return { pieces: pieces.reverse(), score: best };',
          'if (word.length > 0 && pieces.length === 0) pieces.push(word);\n  return { pieces: pieces.reverse(), score: best };',
        ],
      ],
      killedBy: noWay,
      looksLike: { en: 'a word that cannot be cut has no pieces', zh: '切不了的词没有任何块' },
    },
    {
      name: 'unknown characters are free',
      replace: [
        [
          total,
          'const total = score[end - length]! + (logp.get(word.slice(end - length, end)) ?? (length === 1 ? 0 : Number.NEGATIVE_INFINITY));',
        ],
      ],
      killedBy: [noWay],
      looksLike: { en: 'a character that is no piece cannot be part of a way', zh: '不是块的字符不能出现在切法里' },
    },
    {
      name: 'a word without a way scores 0',
      replace: [['score: best }', 'score: pieces.length === 0 ? 0 : best }']],
      killedBy: noWay,
      looksLike: { en: 'where there is no way to cut the score is -Infinity', zh: '没有切法时，分数是 -Infinity' },
    },
  ],
  naive: [
    {
      name: 'looks back to the start of the word',
      replace: [['length <= Math.min(end, longest)', 'length <= end']],
      fails: 'a word twice as long takes Viterbi twice the time',
    },
  ],
  survivors: [
    {
      why: 'longer candidates than any piece, or than the rest of the word, find the same piece: it only takes more tries',
      mutants: [
        'call: Math.min(word.length, start + longestOf(vocab)) -> (word.length)',
        'method: Math.min(word.length, start + longestOf(vocab)) -> Math.max(word.length, start + longestOf(vocab))',
      ],
    },
    {
      why: 'one entry more, which nothing reads',
      mutants: ['constant: word.length + 1 -> word.length + 2', 'constant: word.length + 1 -> word.length + 2 #2'],
    },
    {
      why: 'no piece ends at 0, and an empty piece cannot improve a score: its log probability is 0 at most',
      mutants: ['constant: end = 1 -> end = 0', 'constant: length = 1 -> length = 0'],
    },
    {
      why: 'the same score and pieces, only slower: the threshold is about the time',
      mutants: ['call: Math.min(end, longest) -> (end)', 'argument: Math.min(end, longest) -> Math.min(end)'],
    },
    {
      why: 'the task leaves open which of two ways with the same score is returned',
      mutants: ['operator: total <= score[end] -> total < score[end]'],
    },
  ],
});
