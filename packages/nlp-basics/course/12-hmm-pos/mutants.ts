import { defineMutants } from '@llm-ladder/grader/course';

const exact = 'counts of a small example are exact';
const sums = 'every distribution sums to 1';
const odd = 'sentences without words and words called constructor are no trouble';
const likeliest = 'the tags found are the likeliest of all';
const context = 'the context tells the tags of one word apart';
const unseen = 'a word that training never saw is tagged by its context';
const long = 'three thousand words are no trouble';
const accuracy = 'at least 95 % of the words of new sentences are tagged right, with three seeds';
const into = 'tags.map((_, y) => score.map((log, before) => log + trans[before]![y]!));';
const follows = 'Math.log((count + k) / (total[y]! + k * (Y + 1)));';
const brings = 'Math.log((count + k) / (total[y]! + k * (V + 1)));';

export default defineMutants({
  mutants: [
    {
      name: 'the best tag of each word alone',
      replace: [[into, 'tags.map(() => score.map((log) => log));']],
      killedBy: [likeliest, context, accuracy],
      looksLike: {
        en: 'each word takes its own likeliest tag: the transitions do not count',
        zh: '每个词各取最可能的标签：转移没有起作用',
      },
    },
    {
      name: 'greedy from left to right',
      replace: [
        [into, 'tags.map((_, y) => score.map((log, before) => log + trans[before]![y]! - (before === indexOfMax(score) ? 0 : 1e9)));'],
      ],
      killedBy: likeliest,
      looksLike: {
        en: 'only the best tag so far goes on: keep one score for every tag',
        zh: '每步只留下当前最好的标签：应当对每个标签各留一个分数',
      },
    },
    {
      name: 'transitions the wrong way round',
      replace: [[into, 'tags.map((_, y) => score.map((log, before) => log + trans[y]![before]!));']],
      killedBy: [likeliest, context],
      looksLike: { en: 'trans[before][after]: the tag before is the row', zh: 'trans[前][后]：前一个标签是行' },
    },
    {
      name: 'no smoothing',
      replace: [
        [follows, 'Math.log(count / total[y]!);'],
        [brings, 'Math.log(count / total[y]!);'],
      ],
      killedBy: [exact, unseen],
      looksLike: { en: 'what was never seen has probability 0: add k to every count', zh: '没见过的概率成了 0：每个计数都要加 k' },
    },
    {
      name: 'k only in the numerator',
      replace: [
        [follows, 'Math.log((count + k) / total[y]!);'],
        [brings, 'Math.log((count + k) / total[y]!);'],
      ],
      killedBy: [exact, sums],
      looksLike: { en: 'every count grows by k, so the total grows too', zh: '每个计数都加了 k，总数也要跟着加' },
    },
    {
      name: 'the end is forgotten among what may follow',
      replace: [[follows, 'Math.log((count + k) / (total[y]! + k * Y));']],
      killedBy: [exact, sums],
      looksLike: { en: 'a tag may be followed by Y tags or by the end: k * (Y + 1)', zh: '标签之后可以是 Y 个标签或结尾：k * (Y + 1)' },
    },
    {
      name: 'the unknown word is forgotten among the words',
      replace: [[brings, 'Math.log((count + k) / (total[y]! + k * V));']],
      killedBy: [exact, sums],
      looksLike: { en: 'unknown words need a share too: k * (V + 1)', zh: '未知词也要占一份：k * (V + 1)' },
    },
    {
      name: 'beginnings not smoothed',
      replace: [['Math.log((count + k) / (N + k * Y))', 'Math.log(count / N)']],
      killedBy: exact,
      looksLike: { en: 'the beginnings are not smoothed', zh: '句首的计数没有平滑' },
    },
    {
      name: 'beginnings counted by the share of tags',
      replace: [['if (before === undefined) starts[y]! += 1;', 'starts[y]! += 1; if (before === undefined) { /* no pair */ }']],
      killedBy: [exact, odd],
      looksLike: { en: 'only the first tag of a sentence is a beginning', zh: '只有句子的第一个标签才算句首' },
    },
    {
      name: 'sentences run into one another',
      replace: [
        [
          'for (const sentence of sentences) {\n    let before: number | undefined;',
          'let before: number | undefined;\n  for (const sentence of sentences) {',
        ],
      ],
      killedBy: exact,
      looksLike: {
        en: 'the last tag of a sentence and the first of the next one were counted as neighbours',
        zh: '把一句的最后一个标签和下一句的第一个当成了相邻',
      },
    },
    {
      name: 'sentences without words count',
      replace: [['starts.reduce((sum, count) => sum + count, 0); //', 'sentences.length; //']],
      killedBy: odd,
      looksLike: { en: 'a sentence without words has no beginning', zh: '没有词的句子没有句首' },
    },
    {
      name: 'words in a plain object',
      replace: [
        [
          'const words = new Map<string, number[]>();',
          'const bag: Record<string, number[]> = {}; const words = { get: (word: string) => bag[word], has: (word: string) => word in bag, set: (word: string, counts: number[]) => { bag[word] = counts; }, get size() { return Object.keys(bag).length; }, *[Symbol.iterator]() { yield* Object.entries(bag); } };',
        ],
      ],
      killedBy: odd,
      looksLike: {
        en: 'a plain object already has a "constructor": count words in a Map',
        zh: '普通对象自带 "constructor"：用 Map 来数词',
      },
    },
    {
      name: 'start forgotten',
      replace: [['start.map((log, y) => log + emitted[0]![y]!)', 'start.map((_, y) => emitted[0]![y]!)']],
      killedBy: likeliest,
      looksLike: { en: 'the beginning has a probability of its own', zh: '句首有自己的概率' },
    },
    {
      name: 'end forgotten',
      replace: [['score.map((log, y) => log + end[y]!)', 'score.map((log, y) => log + 0 * end[y]!)']],
      killedBy: likeliest,
      looksLike: { en: 'the end of the sentence is left out', zh: '漏掉了句尾' },
    },
    {
      name: 'unknown words are impossible',
      replace: [['emit.get(word) ?? unknown', 'emit.get(word) ?? unknown.map(() => Number.NEGATIVE_INFINITY)']],
      killedBy: [likeliest, unseen],
      looksLike: { en: 'a word that was never seen makes every path impossible', zh: '没见过的词让所有路径都不可能了' },
    },
    {
      name: 'unknown words weigh the same for every tag',
      replace: [['emit.get(word) ?? unknown', 'emit.get(word) ?? unknown.map(() => 0)']],
      killedBy: likeliest,
      looksLike: { en: 'the unknown word has its own share in every tag', zh: '未知词在每个标签下各有一份' },
    },
    {
      name: 'products of probabilities',
      replace: [
        ['start.map((log, y) => log + emitted[0]![y]!)', 'start.map((log, y) => Math.exp(log + emitted[0]![y]!))'],
        [into, 'tags.map((_, y) => score.map((p, before) => p * Math.exp(trans[before]![y]!)));'],
        ['Math.max(...scores) + brought[y]!', 'Math.max(...scores) * Math.exp(brought[y]!)'],
        ['score.map((log, y) => log + end[y]!)', 'score.map((p, y) => p * Math.exp(end[y]!))'],
      ],
      killedBy: long,
      looksLike: { en: 'the product of many probabilities becomes 0: add logs', zh: '许多概率相乘成了 0：应当把对数相加' },
    },
    {
      name: 'the path is not turned round',
      replace: [['path.reverse().map', 'path.map']],
      killedBy: [likeliest, context, accuracy],
      looksLike: { en: 'the tags come back in reversed order', zh: '标签的顺序反了' },
    },
    {
      name: 'pointers read from the front',
      replace: [['pointers.reverse()', 'pointers']],
      killedBy: [likeliest, long],
      looksLike: { en: 'the walk back begins with the last pointer', zh: '往回走要从最后一张表开始' },
    },
    {
      name: 'no answer without words',
      replace: [['if (words.length === 0) return [];', 'if (words.length === 0) return [tags[0]!];']],
      killedBy: odd,
      looksLike: { en: 'a sentence without words has no tags', zh: '没有词的句子没有标签' },
    },
    {
      name: 'tags in the order of appearance',
      replace: [['tag)))].sort();', 'tag)))];']],
      killedBy: exact,
      looksLike: { en: 'tags are sorted', zh: '标签要排序' },
    },
  ],
  survivors: [
    {
      why: 'every tag stands in the list once',
      mutants: ['method: tags.indexOf(tag) -> tags.lastIndexOf(tag)'],
    },
    {
      why: 'a list has no entry `undefined`: what is added there belongs to no tag',
      mutants: ['condition: before !== undefined -> true'],
    },
    {
      why: 'there is at least one word, so there is at least one tag to begin the sum with',
      mutants: ['argument: starts.reduce((sum, count) => sum + count, 0) -> starts.reduce((sum, count) => sum + count)'],
    },
  ],
});
