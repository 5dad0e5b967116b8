import { expect, performance, type Random, test } from '@llm-ladder/grader/suite';

type Segmented = { pieces: string[]; score: number };

const exact = { rtol: 1e-9, atol: 1e-9 };
const vocab = new Set(['re', 'read', '##ad', '##able', '##a', '##ing', 'able', '##b', '书', '书店', '##店', '##员', '员工']);

test('cuts words as worked out by hand', { points: 3, zh: '与手工切分一致', gate: true }, async ({ learner, random }) => {
  const rows = [
    ['readable', ['read', '##able']],
    ['reading', ['read', '##ing']],
    ['able', ['able']],
    ['书店员', ['书店', '##员']],
    ['员工', ['员工']],
  ] as const;
  for (const [word, pieces] of rows) expect(await learner.wordpiece(word, vocab, '[UNK]')).toEqual(pieces);
  const logp = new Map([['书', -5], ['店', -5], ['员', -6], ['书店', -7], ['店员', -7.5], ['read', -4], ['re', -4], ['ad', -5], ['able', -6]]); // biome-ignore format: one line
  expect(await learner.unigramViterbi('书店员', logp)).toEqual({ pieces: ['书', '店员'], score: -12.5 }); // biome-ignore format: one line
  expect(await learner.unigramViterbi('readable', logp)).toEqual({ pieces: ['read', 'able'], score: -10 }); // biome-ignore format: one line
  // Pieces and words that nobody can have stored.
  const drawn = drawPieces(random);
  const known = new Set([...drawn.keys()].flatMap((piece, i) => (i % 3 === 0 ? [`##${piece}`] : [piece, `##${piece}`])));
  for (let round = 0; round < 12; round++) {
    const word = drawWord(random, random.integer(3, 9));
    expect(await learner.wordpiece(word, known, '[UNK]')).toEqual(greedyByLoop(word, known));
    expect((await learner.unigramViterbi(word, drawn)).score).toBeAllClose(bestByTrying(word, drawn), exact);
  }
});

test('## stands inside a word and nowhere else', { points: 2, zh: '## 只用在词内部' }, async ({ learner }) => {
  expect(await learner.wordpiece('ingable', vocab, '[UNK]')).toEqual(['[UNK]']); // only ##ing is known, and a word begins here
  expect(await learner.wordpiece('书员工', vocab, '[UNK]')).toEqual(['[UNK]']); // 员工 is a word, not an ending
  expect(await learner.wordpiece('c##', new Set(['c', '####', '##']), '[UNK]')).toEqual(['c', '####']);
  expect(await learner.wordpiece('##', new Set(['c', '##']), '[UNK]')).toEqual(['##']);
});

test('a word of which any part fails becomes unk, whole', { points: 2, zh: '有一部分匹配不上，整个词变成 unk' }, async ({ learner }) => {
  for (const word of ['readxing', 'reads', 'xread', '书店🚀', '𠮷']) {
    expect(await learner.wordpiece(word, vocab, '[UNK]')).toEqual(['[UNK]']);
    expect(await learner.wordpiece(word, vocab, '<未知>')).toEqual(['<未知>']);
  }
  expect(await learner.wordpiece('read', new Set(), '?')).toEqual(['?']);
});

test('greedy means the longest piece, and no way back', { points: 2, zh: '贪心：取最长的一块，从不回头' }, async ({ learner }) => {
  const pieces = new Set(['a', 'ab', '##b', '##c', '##bc', '##cd']);
  expect(await learner.wordpiece('abc', pieces, '[UNK]')).toEqual(['ab', '##c']);
  expect(await learner.wordpiece('abcd', pieces, '[UNK]')).toEqual(['ab', '##cd']);
  pieces.delete('##c');
  expect(await learner.wordpiece('abc', pieces, '[UNK]')).toEqual(['[UNK]']); // though a ##bc would do
});

test('an empty word has no pieces and the score 0', { points: 1, zh: '空词没有块，分数为 0' }, async ({ learner }) => {
  expect(await learner.wordpiece('', vocab, '[UNK]')).toEqual([]);
  expect(await learner.unigramViterbi('', new Map([['a', -1]]))).toEqual({ pieces: [], score: 0 });
});

test('Viterbi finds what trying every cut finds', { points: 3, zh: 'Viterbi 与穷举所有切法一致' }, async ({ learner, random }) => {
  for (let round = 0; round < 40; round++) {
    const logp = drawPieces(random);
    const word = drawWord(random, random.integer(1, 11));
    const got: Segmented = await learner.unigramViterbi(word, logp);
    expect(got.score).toBeAllClose(bestByTrying(word, logp), exact);
    expect(got.pieces.join('')).toBe(word);
    const sum = got.pieces.reduce((total, piece) => total + (logp.get(piece) ?? Number.NaN), 0);
    expect(sum).toBeAllClose(got.score, exact);
  }
});

test('neither greedy nor the fewest pieces: the largest sum', { points: 1, zh: '不是贪心，也不是块数最少，而是和最大' }, async ({
  learner,
}) => {
  const logp = new Map([['a', -1], ['b', -1], ['c', -1], ['ab', -5], ['bc', -1.5], ['abc', -7], ['abcd', -2], ['d', -9]]); // biome-ignore format: one line
  expect(await learner.unigramViterbi('abc', logp)).toEqual({ pieces: ['a', 'bc'], score: -2.5 });
  expect(await learner.unigramViterbi('abcabcd', logp)).toEqual({ pieces: ['a', 'bc', 'abcd'], score: -4.5 }); // biome-ignore format: one line
  logp.set('bc', -2.5);
  expect(await learner.unigramViterbi('abc', logp)).toEqual({ pieces: ['a', 'b', 'c'], score: -3 });
});

test('a word that cannot be cut has no pieces and -Infinity', { points: 1, zh: '切不了的词没有块，分数为 -Infinity' }, async ({
  learner,
}) => {
  const logp = new Map([['ab', -1], ['cd', -2], ['𠮷', -1]]); // biome-ignore format: one line
  for (const word of ['abc', 'xab', 'a', '𠮷🚀'])
    expect(await learner.unigramViterbi(word, logp)).toEqual({ pieces: [], score: Number.NEGATIVE_INFINITY });
  expect(await learner.unigramViterbi('cdab𠮷', logp)).toEqual({ pieces: ['cd', 'ab', '𠮷'], score: -4 });
});

test('a word of a thousand characters keeps a finite score', { points: 2, zh: '一千个字符的词，分数仍然有限' }, async ({ learner }) => {
  const got: Segmented = await learner.unigramViterbi('学而时习之'.repeat(200), new Map([['学而', -9], ['时', -8], ['习之', -10], ['之', -2]])); // biome-ignore format: one line
  expect(got.score).toBeAllClose(-27 * 200, exact);
  expect(got.pieces).toHaveLength(600);
});

test('the longest piece counts too', { points: 1, zh: '最长的一块也算' }, async ({ learner }) => {
  const logp = new Map([['abcde', -1], ['abcd', -3], ['e', -3]]); // biome-ignore format: one line
  expect(await learner.unigramViterbi('eabcde', logp)).toEqual({ pieces: ['e', 'abcde'], score: -4 });
  expect(await learner.wordpiece('eabcde', new Set(['e', '##abcde', '##abc', '##de']), '[UNK]')).toEqual(['e', '##abcde']);
});

performance('a word twice as long takes Viterbi twice the time', {
  points: 2,
  zh: '词长加倍，Viterbi 的时间也只加倍',
  kind: 'growth',
  atMost: 3,
  inputs: (random, n) => [drawWord(random, n), drawPieces(random)],
  run: async (subject, [word, logp]) => (await subject.unigramViterbi(word, logp)).score,
  n: 400,
});

// --- helpers ---

const alphabet = [...'ab学生🚀'];

function drawWord(random: Random, length: number): string {
  return Array.from({ length }, () => random.pick(alphabet)).join('');
}

/** Every character is a piece, so that there is a way; longer pieces are better than their characters about half the time. */
function drawPieces(random: Random): Map<string, number> {
  const pieces = new Map(alphabet.map((char) => [char, -2 - 4 * random.next()]));
  for (let i = 0; i < 30; i++) {
    const length = random.integer(2, 5);
    pieces.set(drawWord(random, length), -4 * length * random.next());
  }
  return pieces;
}

/** Every way to cut: at each gap between two characters yes or no. */
function bestByTrying(word: string, logp: ReadonlyMap<string, number>): number {
  const chars = Array.from(word);
  let best = Number.NEGATIVE_INFINITY;
  for (let cuts = 0; cuts < 2 ** (chars.length - 1); cuts++) {
    const pieces: string[] = [];
    for (const [i, char] of chars.entries()) {
      if (i === 0 || (cuts >> (i - 1)) & 1) pieces.push(char);
      else pieces.push(pieces.pop() + char);
    }
    best = Math.max(
      best,
      pieces.reduce((sum, piece) => sum + (logp.get(piece) ?? Number.NEGATIVE_INFINITY), 0),
    );
  }
  return best;
}

/** The longest piece that fits, again and again. */
function greedyByLoop(word: string, known: ReadonlySet<string>): string[] {
  const chars = Array.from(word);
  const pieces: string[] = [];
  let start = 0;
  while (start < chars.length) {
    const piece = (end: number) => `${start === 0 ? '' : '##'}${chars.slice(start, end).join('')}`;
    let end = chars.length;
    while (end > start && !known.has(piece(end))) end--;
    if (end === start) return ['[UNK]'];
    pieces.push(piece(end));
    start = end;
  }
  return pieces;
}
