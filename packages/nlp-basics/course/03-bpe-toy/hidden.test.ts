import { expect, type Random, test } from '@llm-ladder/grader/suite';

type Merge = readonly [string, string];

const english = new Map([['cold', 5], ['colder', 2], ['oldest', 3], ['told', 4]]); // biome-ignore format: one line
const chinese = new Map([['大学', 4], ['大学生', 3], ['学生', 5], ['中学生', 2], ['中学', 3]]); // biome-ignore format: one line

test('learns the merges worked out by hand', { points: 3, zh: '学出手工算得的合并', gate: true }, async ({ learner, random }) => {
  expect(asText(await learner.learnBpe(english, 7))).toEqual(['l d', 'o ld', 'c old', 't old', 'e s', 'es t', 'old est']);
  expect(asText(await learner.learnBpe(chinese, 5))).toEqual(['学 生', '大 学', '中 学', '大 学生', '中 学生']);
  const freq = drawWords(random); // words that nobody can have stored
  expect(asText(await learner.learnBpe(freq, 9))).toEqual(asText(learnByLoop(freq, 9)));
});

test('learns what the plain loop learns from random words', { points: 2, zh: '在随机的词上与朴素循环学得一样' }, async ({
  learner,
  random,
}) => {
  for (let round = 0; round < 6; round++) {
    const freq = drawWords(random);
    expect(asText(await learner.learnBpe(freq, 25))).toEqual(asText(learnByLoop(freq, 25)));
  }
});

test('a pair counts as often as its word occurs', { points: 1, zh: '词出现几次，其中的一对就算几次' }, async ({ learner }) => {
  const freq = new Map([['ab', 1], ['abc', 1], ['abd', 1], ['xy', 5], ['zz', 0]]); // biome-ignore format: one line
  expect(asText(await learner.learnBpe(freq, 2))).toEqual(['x y', 'a b']);
  expect(asText(await learner.learnBpe(freq, 9))).toEqual(['x y', 'a b', 'ab c', 'ab d']);
  for (const count of [-1, 0.5, Number.NaN]) await expect(learner.learnBpe(new Map([['ab', count]]), 1)).toReject(); // no word occurs that often
});

test('pairs that overlap both count, and merging goes from the left', { points: 2, zh: '重叠的都算数，合并从左往右' }, async ({
  learner,
}) => {
  expect(asText(await learner.learnBpe(new Map([['aaa', 2], ['bc', 3]]), 3))).toEqual(['a a', 'b c', 'aa a']); // biome-ignore format: one line
  expect(asText(await learner.learnBpe(new Map([['哈哈哈哈哈', 1]]), 9))).toEqual(['哈 哈', '哈哈 哈', '哈哈 哈哈哈']);
  expect(await learner.applyBpe('aaaaa', [['a', 'a']])).toEqual(['aa', 'aa', 'a']);
});

test('a tie goes to the first pair in code-point order', { points: 2, zh: '相同时取码点顺序靠前的一对' }, async ({ learner }) => {
  expect(asText(await learner.learnBpe(new Map([['ba', 1], ['ac', 1], ['ab', 1]]), 3))).toEqual(['a b', 'a c', 'b a']); // biome-ignore format: one line
  // U+FF21 before U+1F680, though the emoji's UTF-16 units are smaller; upper case before lower case before hanzi.
  const signs = new Map([['🚀b', 2], ['Ａb', 2], ['大b', 2], ['ab', 2], ['Bb', 2], ['b🚀', 2], ['bＡ', 2]]); // biome-ignore format: one line
  expect(asText(await learner.learnBpe(signs, 7))).toEqual(['B b', 'a b', 'b Ａ', 'b 🚀', '大 b', 'Ａ b', '🚀 b']);
  // The left symbols decide, "a" before "ab"; the joined texts, "abb" and "aba", would say the opposite.
  const joined = new Map([['bb', 20], ['ab', 9], ['aba', 3], ['abb', 3]]); // biome-ignore format: one line
  expect(asText(await learner.learnBpe(joined, 4))).toEqual(['b b', 'a b', 'a bb', 'ab a']);
});

test('as many merges as asked for, or as there are', { points: 1, zh: '要几次合并就几次，不够就到此为止' }, async ({ learner }) => {
  expect(await learner.learnBpe(english, 0)).toEqual([]);
  expect(await learner.learnBpe(english, 1)).toHaveLength(1);
  expect(await learner.learnBpe(english, 100)).toHaveLength(9);
  expect(await learner.learnBpe(new Map(), 3)).toEqual([]);
  expect(await learner.learnBpe(new Map([['a', 7], ['学', 2]]), 3)).toEqual([]); // biome-ignore format: one line
});

test('the order of the words makes no difference', { points: 1, zh: '词的先后没有影响' }, async ({ learner, random }) => {
  const freq = drawWords(random);
  const once = await learner.learnBpe(freq, 30);
  expect(await learner.learnBpe(new Map(random.shuffle([...freq])), 30)).toEqual(once);
  expect(asText(await learner.learnBpe(new Map([...freq, ['xy', 1000]]), 1))).toEqual(['x y']); // counts do make one
});

test('merges are applied in the order of their rank', { points: 2, zh: '按名次先后应用合并' }, async ({ learner }) => {
  const merges: Merge[] = [['b', 'c'], ['a', 'b'], ['ab', 'c'], ['d', 'e'], ['bc', 'de']]; // biome-ignore format: one line
  expect(await learner.applyBpe('abc', merges)).toEqual(['a', 'bc']);
  expect(await learner.applyBpe('abcde', merges)).toEqual(['a', 'bcde']);
  expect(await learner.applyBpe('abab', merges)).toEqual(['ab', 'ab']);
  expect(await learner.applyBpe('大学生', [['学', '生'], ['大', '学'], ['大学', '生']])).toEqual(['大', '学生']); // biome-ignore format: one line
  expect(await learner.applyBpe('大学生', [['大', '学'], ['学', '生'], ['大学', '生']])).toEqual(['大学生']); // biome-ignore format: one line
});

test('applies what the plain loop applies to random words', { points: 1, zh: '在随机的词上与朴素循环切得一样' }, async ({
  learner,
  random,
}) => {
  const merges = learnByLoop(drawWords(random), 20);
  for (let round = 0; round < 25; round++) {
    const word = drawWord(random, random.integer(1, 15));
    const got: string[] = await learner.applyBpe(word, merges);
    expect(got).toEqual(applyByLoop(word, merges));
    expect(got.join('')).toBe(word);
  }
});

test('characters that were never seen stay alone, whole', { points: 1, zh: '没见过的字符单独保留，并且完整' }, async ({ learner }) => {
  expect(await learner.applyBpe('x大🚀cold𠮷', [['l', 'd'], ['o', 'ld'], ['c', 'old']])).toEqual(['x', '大', '🚀', 'cold', '𠮷']); // biome-ignore format: one line
  expect(await learner.applyBpe('🚀🚀!', [['🚀', '🚀']])).toEqual(['🚀🚀', '!']);
  expect(await learner.applyBpe('cold', [])).toEqual(['c', 'o', 'l', 'd']);
  expect(await learner.applyBpe('', [['l', 'd']])).toEqual([]);
});

test('with every merge, each word of the corpus is one piece', { points: 1, zh: '用上全部合并，语料里的词各成一块' }, async ({
  learner,
  random,
}) => {
  const freq = drawWords(random);
  const merges = await learner.learnBpe(freq, 10_000);
  for (const word of freq.keys()) expect(await learner.applyBpe(word, merges)).toEqual([word]);
  expect(await learner.applyBpe(`${[...freq.keys()][0]}!`, merges)).not.toHaveLength(1);
});

test('a number of merges that is not whole is refused', { points: 1, zh: '拒绝不是整数的合并数' }, async ({ learner }) => {
  for (const merges of [-1, 1.5, Number.NaN]) await expect(learner.learnBpe(english, merges)).toReject();
});

// --- helpers: plain loops, obviously right ---

function asText(merges: readonly Merge[]): string[] {
  return merges.map((merge) => merge.join(' '));
}

function drawWord(random: Random, length: number): string {
  return Array.from({ length }, () => random.pick([...'aaabbc学学生🚀Ａ'])).join('');
}

function drawWords(random: Random): Map<string, number> {
  return new Map(Array.from({ length: 20 }, () => [drawWord(random, random.integer(1, 8)), random.integer(1, 6)]));
}

function learnByLoop(freq: ReadonlyMap<string, number>, merges: number): Merge[] {
  const words = [...freq].map(([word, count]) => ({ symbols: Array.from(word), count }));
  const learned: Merge[] = [];
  while (learned.length < merges) {
    const counts = new Map<string, number>();
    for (const { symbols, count } of words) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair = JSON.stringify([symbols[i], symbols[i + 1]]);
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const most = Math.max(...counts.values());
    const tied = [...counts].filter(([, count]) => count === most && count > 0).map(([pair]) => JSON.parse(pair) as Merge);
    if (tied.length === 0) break;
    const best = tied.sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))[0]!;
    learned.push(best);
    for (const word of words) word.symbols = merge(word.symbols, best);
  }
  return learned;
}

/** Learned merges in turn: a merge can only build on earlier ones. */
function applyByLoop(word: string, merges: readonly Merge[]): string[] {
  return merges.reduce((symbols, pair) => merge(symbols, pair), Array.from(word));
}

function merge(symbols: readonly string[], [left, right]: Merge): string[] {
  const merged: string[] = [];
  let i = 0;
  while (i < symbols.length) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      merged.push(left + right);
      i += 2;
    } else merged.push(symbols[i++]!);
  }
  return merged;
}

function order(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => Array.from(text, (char) => char.codePointAt(0)!)) as [number[], number[]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
}
