import { expect, iterable, performance, type Random, test } from '@llm-ladder/grader/suite';
import { makeCorpus } from '../corpus.ts';

const SPECIAL = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const SEED = 20261124; // of the golden corpus
type Merges = [string, string][];

test("equals Hugging Face's trainer on 200 KB of two languages", {
  points: 3,
  zh: '在 200 KB 双语文本上与 Hugging Face 的训练器相同',
  gate: true,
}, async ({ learner, golden, random }) => {
  const { size, tokens, merges } = await golden('corpus');
  const { vocab, merges: got } = await learner.trainBpe(makeCorpus(size, SEED), { vocab: 900, special: SPECIAL });
  expectMerges(got, merges);
  expect(tokensOf(vocab)).toEqual(tokens);
  const words = Array.from({ length: 40 }, () => randomWord(random, 'abcd')); // words that nobody can have stored
  expectMerges((await learner.trainBpe([words.join('\n\n')], { vocab: 256 + 20 })).merges, mergesByLoop(words, 20));
});

test('special literals are cut out of the text', { points: 2, zh: '文本里的特殊词元字面要切掉' }, async ({ learner, golden }) => {
  const { texts, merges } = await golden('specials'); // Hugging Face's trainer on the pieces between the specials
  expectMerges((await learner.trainBpe(texts, { vocab: 340, special: SPECIAL })).merges, merges);
  // Signs of a special are no special.
  expectMerges((await learner.trainBpe(['x << im_start|> << im_start|>'], { vocab: 263, special: SPECIAL })).merges, [
    ['<', '<'],
    ['a', 'r'],
  ]);
  // Of two that fit the longer goes; one special alone is cut out as well.
  for (const special of [['<a', '<a||>'], ['<a||>', '<a'], ['<a||>']]) // biome-ignore format: one line
    expectMerges((await learner.trainBpe(['<a||>'.repeat(4)], { vocab: 300, special })).merges, []);
});

test('equals counting afresh after every merge', { points: 3, zh: '与每次合并后重新计数的结果相同' }, async ({ learner, random }) => {
  for (const letters of ['ab', 'abc', 'abcdefg']) {
    const words = Array.from({ length: 60 }, () => randomWord(random, letters));
    const expected = mergesByLoop(words, 40);
    const { merges } = await learner.trainBpe([words.join('\n\n')], { vocab: 256 + 40 });
    expectMerges(merges, expected);
  }
});

test('specials have ids 0, 1, 2 ..., then the bytes by their characters', {
  points: 2,
  zh: '特殊词元的编号是 0, 1, 2 ……，然后是按字符排列的字节',
}, async ({ learner }) => {
  const { vocab, merges } = await learner.trainBpe([], { vocab: 300, special: SPECIAL });
  expect(merges).toEqual([]);
  const tokens = tokensOf(vocab);
  expect(tokens).toHaveLength(261);
  expect(tokens.slice(0, 5)).toEqual(SPECIAL);
  const bytes = tokens.slice(5);
  expect(bytes).toEqual([...bytes].sort((a, b) => (a < b ? -1 : 1)));
  expect(bytes[0]).toBe('!');
  expect(bytes.at(-1)).toBe('\u0143'); // byte 0xad, the last of the 68 without a character of their own
  expect(new Set(bytes).size).toBe(256);
  for (const special of [['<s>', '<s>'], ['<s>', '']]) await expect(learner.trainBpe([], { vocab: 300, special })).toReject(); // biome-ignore format: one line
});

test('the last merge fills the vocabulary', { points: 1, zh: '最后一次合并正好填满词表' }, async ({ learner }) => {
  const texts = makeCorpus(4000, 5);
  for (const special of [[], SPECIAL]) {
    const { vocab, merges } = await learner.trainBpe(texts, { vocab: 300, special });
    expect(vocab.size).toBe(300);
    expect(merges).toHaveLength(300 - 256 - special.length);
  }
});

test('stops when the best pair is too rare, rarer than 2 unless told', { points: 2, zh: '最佳对太少时停止，不给时下限为 2' }, async ({
  learner,
}) => {
  const text = `${'xy '.repeat(5)}${'uv '.repeat(4)}${'gh '.repeat(2)}kl `;
  const merged = async (options: object) =>
    (await learner.trainBpe([text], { vocab: 400, ...options })).merges.map((pair: string[]) => pair.join(''));
  expect(await merged({ minFreq: 5 })).toEqual(['xy']);
  expect(await merged({ minFreq: 4 })).toEqual(['xy', 'uv', 'Ġxy', 'Ġuv']);
  expect(await merged({})).toEqual(['xy', 'uv', 'Ġxy', 'Ġuv', 'gh', 'Ġgh']);
  expect(await merged({ minFreq: 1 })).toEqual(['xy', 'uv', 'Ġxy', 'Ġuv', 'gh', 'Ġgh', 'kl', 'Ġkl']);
});

test('a tie goes to the lowest left id, then to the lowest right id', { points: 1, zh: '平局时左编号最小的赢，再看右编号' }, async ({
  learner,
}) => {
  const { merges } = await learner.trainBpe(['ca\n\nca\n\nbd\n\nbd\n\nbc\n\nbc\n\nzz\n\nzz'], { vocab: 260 });
  expectMerges(merges, [
    ['b', 'c'],
    ['b', 'd'],
    ['c', 'a'],
    ['z', 'z'],
  ]);
});

test('windows overlap when pairs are counted, merges go from left to right', { points: 1, zh: '计数时窗口可重叠，合并从左到右' }, async ({
  learner,
}) => {
  // aa is there 4 times in aaaaa, xy 3 times; aaaaa becomes aa aa a
  const { merges } = await learner.trainBpe(['aaaaa\n\nxy\n\nxy\n\nxy'], { vocab: 260, minFreq: 1 });
  expectMerges(merges, [
    ['a', 'a'],
    ['x', 'y'],
    ['aa', 'a'],
    ['aa', 'aaa'],
  ]);
});

test('no token reaches over the border of a pre-token or of a text', { points: 1, zh: '词元不跨越预分词的边界，也不跨越文本' }, async ({
  learner,
}) => {
  const apart = await learner.trainBpe(['a', 'b', 'a', 'b', 'a', 'b'], { vocab: 300 });
  expect(apart.merges).toEqual([]);
  const { merges } = await learner.trainBpe(['to be to be, to be 12 12 12.'.repeat(9)], { vocab: 400 });
  const tokens = merges.map((pair: string[]) => pair.join(''));
  expect(tokens).toContain('Ġto');
  for (const token of tokens) expect(token).toMatch(/^(Ġ?[a-z]+|Ġ?[0-9]+|Ġ?[^a-z0-9Ġ]+)$/);
});

test('characters beyond ASCII are their UTF-8 bytes', { points: 1, zh: 'ASCII 以外的字符是其 UTF-8 字节' }, async ({ learner }) => {
  const { vocab, merges } = await learner.trainBpe(['é 中 🙂 '.repeat(3)], { vocab: 300 });
  expect(merges.length).toBeGreaterThan(4);
  for (const token of ['Ã©', 'ä¸Ń', 'ĠðŁĻĤ']) expect([token, vocab.has(token)]).toEqual([token, true]);
  // The first and the last pair of bytes there are: 21 21, and AD AD in the midst of 孭 歭 筭 譭.
  const ends = ['x', '!!!!', '孭', '歭', '筭', '譭'].map((word) => `${word}\n\n${word}`);
  expectMerges((await learner.trainBpe(ends, { vocab: 256 + 7 })).merges, [
    ['Ń', 'Ń'],
    ['!', '!'],
    ...['å', 'æ', 'ç', 'è'].map((first): [string, string] => [first, 'ŃŃ']),
    ['!!', '!!'],
  ]);
});

test('the texts are walked once', { points: 1, zh: '文本只走一遍' }, async ({ learner }) => {
  const texts = makeCorpus(3000, 9);
  const { merges } = await learner.trainBpe(texts, { vocab: 320 });
  expect(merges).toHaveLength(64);
  expectMerges((await learner.trainBpe(iterable(texts), { vocab: 320 })).merges, merges);
});

test('a vocabulary that cannot hold the bytes is refused', { points: 1, zh: '装不下字节的词表被拒绝' }, async ({ learner }) => {
  for (const vocab of [255, 300.5]) await expect(learner.trainBpe(['a'], { vocab })).toReject();
  await expect(learner.trainBpe(['a'], { vocab: 260, special: SPECIAL })).toReject();
  expect((await learner.trainBpe(['a'], { vocab: 261, special: SPECIAL })).vocab.size).toBe(261);
});

test('words with names of object members are words like others', { points: 1, zh: '与对象成员同名的词也是普通的词' }, async ({
  learner,
}) => {
  const { vocab, merges } = await learner.trainBpe(['constructor __proto__ toString '.repeat(6)], { vocab: 320, minFreq: 6 });
  expect([...vocab.keys()].filter((token: string) => /^Ġ?(constructor|proto|toString)$/.test(token)).sort()).toEqual([
    'constructor',
    'proto',
    'ĠtoString',
  ]);
  expect(merges.every((pair: unknown) => Array.isArray(pair) && pair.length === 2)).toBe(true);
});

performance('training keeps up with the reference', {
  points: 2,
  zh: '训练速度跟得上参考实现',
  kind: 'ratio',
  atLeast: 0.4,
  of: 'reference',
  call: 'trainBpe',
  inputs: (random) => [makeCorpus(300_000, 1 + random.seed()), { vocab: 1256 }],
  check: sameMerges,
});

performance('twice the text takes about twice as long', {
  points: 2,
  zh: '文本加倍，时间约加倍',
  kind: 'growth',
  atMost: 2.6,
  n: 200_000,
  call: 'trainBpe',
  inputs: (random, n) => [makeCorpus(n, 1 + random.seed()), { vocab: 456 }],
  check: sameMerges,
});

performance('equal pre-tokens are kept once', {
  points: 2,
  zh: '相同的预分词只保存一份',
  kind: 'memory',
  atMost: 0.6,
  of: 'naive',
  call: 'trainBpe',
  inputs: (random) => {
    const part = makeCorpus(100_000, 1 + random.seed());
    return [Array.from({ length: 10 }, () => part).flat(), { vocab: 300 }];
  },
  check: sameMerges,
});

// --- helpers ---

/** The tokens in the order of their ids, which must be 0, 1, 2 ... */
function tokensOf(vocab: ReadonlyMap<string, number>): string[] {
  expect(vocab).toBeInstanceOf(Map);
  const entries = [...vocab].sort(([, a], [, b]) => a - b);
  expect(entries.map(([, id]) => id)).toEqual(entries.map((_, i) => i));
  return entries.map(([token]) => token);
}

/** Says which merge is the first that differs. */
function expectMerges(got: unknown, expected: Merges): void {
  expect(got).toBeInstanceOf(Array);
  const list = got as Merges;
  const at = expected.findIndex((pair, i) => JSON.stringify(list[i]) !== JSON.stringify(pair));
  if (at >= 0) expect({ merge: at, pair: list[at] }).toEqual({ merge: at, pair: expected[at] });
  expect(list).toHaveLength(expected.length);
}

function sameMerges(got: { merges: Merges } | undefined, expected: { merges: Merges }): void {
  expectMerges(got?.merges, expected.merges);
}

function randomWord(random: Random, letters: string): string {
  return Array.from({ length: random.integer(1, 12) }, () => random.pick([...letters])).join('');
}

/** Every pair counted anew after every merge; for words of lower-case letters, whose order of ids is that of the alphabet. */
function mergesByLoop(texts: string[], count: number): Merges {
  const tokens = [...'abcdefghijklmnopqrstuvwxyz'];
  const words = texts.map((text) => [...text].map((letter) => tokens.indexOf(letter)));
  const merges: Merges = [];
  while (merges.length < count) {
    const counts = new Map<string, number>();
    for (const word of words)
      for (let i = 1; i < word.length; i++) counts.set(`${word[i - 1]} ${word[i]}`, (counts.get(`${word[i - 1]} ${word[i]}`) ?? 0) + 1);
    const pairs = [...counts].filter(([, n]) => n >= 2).map(([pair, n]) => ({ pair: pair.split(' ').map(Number) as [number, number], n }));
    const best = pairs.sort((a, b) => b.n - a.n || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])[0]?.pair;
    if (!best) break;
    merges.push([tokens[best[0]]!, tokens[best[1]]!]);
    const id = tokens.push(merges.at(-1)!.join('')) - 1;
    for (const word of words)
      for (let i = 1; i < word.length; i++) if (word[i - 1] === best[0] && word[i] === best[1]) word.splice(i - 1, 2, id);
  }
  return merges;
}
