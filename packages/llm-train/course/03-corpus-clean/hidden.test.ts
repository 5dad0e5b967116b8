import { expect, iterable, performance, type Random, test } from '@llm-ladder/grader/suite';
import { jaccard, pairOf, phrase, pieces, prose, shuffled, twoSets, word } from '../documents.ts';

// Dims: N documents.
const PARTNERS = 40; // planted pairs

test('each rule is broken on one side of its bound only, in both languages', {
  points: 5,
  zh: '每条规则只在界限的一侧算违反，两种语言都如此',
  gate: true,
}, async ({ learner, random }) => {
  const met = new Set<string>();
  for (let round = 0; round < 6; round++) {
    for (const doc of nearTheBounds(random)) {
      const expected = rulesByLoop(doc);
      expect({ doc, rules: await learner.filters(doc) }).toEqual({ doc, rules: expected });
      met.add(expected.join());
    }
  }
  expect([...met]).toEqual(expect.arrayContaining(['', 'short', 'symbols', 'lines', 'loop', 'cut']));
  const runs = everyRunOf8(); // and a start again: 256 different windows of 316, but only 128 of 7 characters
  expect(await learner.filters(runs + runs.slice(0, 60))).toEqual([]);
});

test('characters are code points, letters are those of any script', { points: 2, zh: '字符按码点数，字母包括任何文字的字母' }, async ({
  learner,
}) => {
  const hanzi = Array.from({ length: 50 }, (_, i) => String.fromCodePoint(0x20000 + 37 * i)); // two UTF-16 units each
  for (const [size, rules] of [
    [49, ['short']],
    [50, []],
  ] as const)
    expect(await learner.filters(distinct(hanzi, size))).toEqual(rules);
  const smiles = '🙂🙃😀😁😂😃😄😅😆😇';
  // 35 letters and 15 signs are 70 %; 16 signs are more than 30 %.
  expect(await learner.filters(`${distinct(hanzi, 35)}${smiles}🚀🚁🚂🚃🚄`)).toEqual([]);
  expect(await learner.filters(`${distinct(hanzi, 35)}${smiles}🚀🚁🚂🚃🚄🚅`)).toEqual(['symbols']);
  expect(await learner.filters('Пароход отходит от причала в шесть часов утра, и к полудню мы уже на острове.')).toEqual([]);
  expect(await learner.filters('हम सुबह छह बजे नाव से निकले और दोपहर तक द्वीप पर पहुँच गए, जहाँ सब लोग चाय पी रहे थे।')).toEqual([]); // marks are letters
  expect(await learner.filters('')).toEqual(['short']);
  expect(await learner.filters(' \n\u3000\n ')).toEqual(['short']);
});

test('blank lines and white space around a line count for nothing', { points: 1, zh: '空行和行首行尾的空白都不算' }, async ({
  learner,
  random,
}) => {
  const lines = Array.from({ length: 6 }, () => phrase(random, 12));
  expect(await learner.filters(lines.join('\n\n\n\n\n'))).toEqual([]);
  expect(await learner.filters([...lines, `  ${lines[0]}`, `${lines[1]} \r`, `\t${lines[2]}`].join('\n'))).toEqual(['lines']); // 3 of 9
  expect(await learner.filters([...lines, lines[0], lines[1]].join('\n'))).toEqual([]); // 2 of 8
  expect(await learner.filters(lines.map((line, i) => (i < 2 ? `${line}... ` : `${line} `)).join('\n'))).toEqual(['cut']);
});

test('the share of equal places estimates the Jaccard similarity', { points: 4, zh: '相等位置的比例估计 Jaccard 相似度' }, async ({
  learner,
  random,
}) => {
  for (const k of [64, 256, 1024]) {
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const [a, b] = twoSets(random, 300, share);
      const seed = random.seed();
      const [one, other]: [number[], number[]] = [
        Array.from(await learner.minhash(a, k, seed)),
        Array.from(await learner.minhash(b, k, seed)),
      ];
      expect([one.length, other.length]).toEqual([k, k]);
      const error = Math.abs(equalShare(one, other) - jaccard(new Set(a), new Set(b)));
      expect({ k, share, error, within: error < 3 / Math.sqrt(k) }).toMatchObject({ within: true }); // 6 sigma at J = .5
    }
  }
});

test('the k functions are k different ones', { points: 2, zh: 'k 个函数互不相同' }, async ({ learner, random }) => {
  const [k, N] = [128, 60];
  const [a, b] = twoSets(random, 200, 0.5);
  const similarity = jaccard(new Set(a), new Set(b));
  const errors: number[] = [];
  for (let n = 0; n < N; n++) {
    const seed = random.seed();
    errors.push(equalShare(Array.from(await learner.minhash(a, k, seed)), Array.from(await learner.minhash(b, k, seed))) - similarity);
  }
  const sigma = Math.sqrt((similarity * (1 - similarity)) / k);
  const mean = errors.reduce((sum, error) => sum + error, 0) / N;
  expect({ mean, within: Math.abs(mean) < (6 * sigma) / Math.sqrt(N) }).toMatchObject({ within: true });
  // N squared errors over sigma^2: chi-square, whose 6 sigma bound over N is 2.53 (Wilson and Hilferty). Groups of equal functions have more.
  const spread = errors.reduce((sum, error) => sum + (error / sigma) ** 2, 0) / N;
  expect({ spread, within: spread < 2.6 }).toMatchObject({ within: true });
});

test('a signature belongs to a set and a seed, and holds the least values', {
  points: 2,
  zh: '签名由集合和种子决定，存的是最小值',
}, async ({ learner, random }) => {
  const [k, seed] = [32, random.seed()];
  const sign = async (pieces: unknown, by = seed): Promise<number[]> => Array.from(await learner.minhash(pieces, k, by));
  const [a, b] = twoSets(random, 40, 0.3);
  const [first, second] = [await sign(a), await sign(b)];
  expect(await sign(random.shuffle([...a, ...a]))).toEqual(first);
  expect(await sign(iterable(a))).toEqual(first);
  expect(await sign([...a, ...b])).toEqual(first.map((value, i) => Math.min(value, second[i]!)));
  expect(equalShare(await sign(a, seed + 1), first)).toBeLessThan(0.2);
  expect(await sign([])).toEqual(Array.from({ length: k }, () => 2 ** 32 - 1));
  expect(first.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32 - 1)).toBe(true); // each function met some shingle
});

test('near-duplicates go, and hardly anything else does', { points: 4, zh: '近似重复的被去掉，几乎不误伤别的' }, async ({
  learner,
  random,
}) => {
  const pairs = Array.from({ length: PARTNERS }, () => pairOf(random, 0.9, 0.99));
  const halves = Array.from({ length: 25 }, () => pairOf(random, 0.5, 0.62));
  const { docs, at } = shuffled(random, [...pairs, ...halves].flat());
  const stay = new Set<number>(await learner.lshDedup(docs, 0.8));
  const dropped = (n: number): number => (stay.has(at[2 * n]!) ? 0 : 1) + (stay.has(at[2 * n + 1]!) ? 0 : 1);
  const found = pairs.filter((_, n) => dropped(n) > 0).length;
  const killed = pairs.filter((_, n) => dropped(n) > 1).length + halves.reduce((sum, _, n) => sum + dropped(PARTNERS + n), 0);
  expect({ found, recall: found / PARTNERS >= 0.95 }).toMatchObject({ recall: true });
  expect({ killed, falseKill: killed / (docs.length - PARTNERS) <= 0.02 }).toMatchObject({ falseKill: true });
  // Also pairs that are just alike enough, and where that is hardly alike.
  const foundOf = async (N: number, [low, high]: readonly [number, number], thr: number): Promise<number> => {
    const list = Array.from({ length: N }, () => pairOf(random, low, high)).flat();
    return list.length - (await learner.lshDedup(list, thr)).length;
  };
  expect(await foundOf(40, [0.8, 0.81], 0.8)).toBeGreaterThanOrEqual(29); // 0.97 is a mean of 38.8
  expect(await foundOf(25, [0.12, 0.2], 0.1)).toBeGreaterThanOrEqual(24); // only bands of one number find 0.97
});

test('equals comparing all pairs where likeness is clear', { points: 3, zh: '相似度分明时，结果等于比较所有文档对' }, async ({
  learner,
  random,
}) => {
  const docs = random.shuffle(Array.from({ length: 8 }, () => family(random)).flat());
  const stay = dedupByLoop(docs, 0.8);
  expect(stay).toHaveLength(8 * 3); // of each family the longest, the half and the stranger
  expect(await learner.lshDedup(docs, 0.8)).toEqual(stay);
  expect(await learner.lshDedup(docs, 0.8, { k: 200, seed: random.seed() })).toEqual(stay);
  expect(await learner.lshDedup([docs[0]!, ...docs], 1)).toEqual(dedupByLoop([docs[0]!, ...docs], 1));
});

test('the order of the documents is no matter', { points: 3, zh: '文档的先后次序没有影响' }, async ({ learner, random }) => {
  const docs = Array.from({ length: 40 }, () => pairOf(random, 0.7, 0.9)).flat(); // at .8 some go and some stay
  const survivors = async (list: string[]): Promise<string[]> => {
    const places: number[] = await learner.lshDedup(list, 0.8);
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    return places.map((place) => list[place]!).sort();
  };
  const first = await survivors(docs);
  expect(first.length).toBeLessThan(docs.length);
  expect(await survivors([...docs].reverse())).toEqual(first);
  for (let round = 0; round < 2; round++) expect(await survivors(random.shuffle(docs))).toEqual(first);
  expect(await learner.lshDedup([`${docs[0]}?`, `${docs[0]}!`], 0.8)).toEqual([1]); // equally long: '!' comes before '?'
});

test('the comparison decides, thr included, and what was dropped drops nobody', {
  points: 2,
  zh: '由比较来决定，等于 thr 也算；已丢掉的不再淘汰别人',
}, async ({ learner, random }) => {
  const base = prose(random, 60);
  const docs = [`${base}!`, `${base}!!!`, base, `${base}!!`, prose(random, 60)]; // four are candidates of each other; the second is the longest
  const likeness = new Map([['1,3', 0.7], ['0,3', 0.9], ['0,1', 0.69], ['1,2', 0.7], ['2,3', 0.2], ['0,2', 0.5]]); // biome-ignore format: one line
  const asked: string[] = [];
  const compare = async (one: number, other: number): Promise<number> => {
    asked.push([one, other].sort((a, b) => a - b).join());
    return likeness.get(asked.at(-1)!) ?? 0;
  };
  // The second stays and drops the fourth, which would have dropped the first; and the third, though the first stands between them.
  expect(await learner.lshDedup(docs, 0.7, { compare })).toEqual([0, 1, 4]);
  expect(new Set(asked).size).toBe(asked.length);
  expect(await learner.lshDedup(docs, 0.71, { compare })).toEqual([1, 2, 3, 4]);
});

test('no documents, and texts without a letter', { points: 1, zh: '没有文档；没有字母的文本' }, async ({ learner, random }) => {
  expect(await learner.lshDedup([], 0.8)).toEqual([]);
  expect(await learner.lshDedup(['???', prose(random, 20), '', '!!', '中'], 0.5)).toEqual([0, 1, 4]);
});

test('options out of range are refused', { points: 1, zh: '拒绝超出范围的选项' }, async ({ learner, random }) => {
  const docs = [prose(random, 30), prose(random, 30)];
  expect(await learner.lshDedup(docs, 1)).toEqual([0, 1]);
  expect(await learner.lshDedup([docs[0]!, docs[0]!], 0.01, { k: 2 })).toEqual([0]); // no band finds 0.97 of those, but there must be one
  for (const thr of [0, -0.5, 1.1]) await expect(learner.lshDedup(docs, thr)).toReject();
  for (const k of [0, 2.5]) {
    await expect(learner.minhash(['a'], k, 1)).toReject();
    await expect(learner.lshDedup(docs, 0.8, { k })).toReject();
  }
});

performance('at most 5 % of the pairs of a random corpus are compared', {
  points: 3,
  zh: '随机语料上最多比较 5 % 的文档对',
  kind: 'calls',
  atMost: Math.floor((0.05 * 140 * 139) / 2),
  count: async ({ learner, random }) => {
    // Few words, so that unrelated texts share some shingles, as real ones do. The grader alone knows which of the planted pairs are alike.
    const words = Array.from({ length: 250 }, () => word(random));
    const text = (): string => Array.from({ length: 50 }, () => random.pick(words)).join(' ');
    const planted = Array.from({ length: 10 }, () => {
      const base = text();
      return [base, `${base} ${random.pick(words)}`];
    });
    const { docs, at } = shuffled(random, [...planted.flat(), ...Array.from({ length: 120 }, text)]);
    const same = new Map(planted.map((_, n) => [[at[2 * n]!, at[2 * n + 1]!].sort((a, b) => a - b).join(), n % 2]));
    let calls = 0;
    const compare = async (one: number, other: number): Promise<number> => {
      calls++;
      return same.get([one, other].sort((a, b) => a - b).join()) ?? 0;
    };
    const stay: number[] = await learner.lshDedup(docs, 0.8, { compare });
    const shorter = new Set(planted.flatMap((_, n) => (n % 2 === 1 ? [at[2 * n]!] : [])));
    expect(stay).toEqual(docs.flatMap((_, place) => (shorter.has(place) ? [] : [place])));
    return calls;
  },
});

// --- helpers: plain loops, obviously right ---

/** The rules one after the other, each as the README says it. */
function rulesByLoop(doc: string): string[] {
  let chars = 0;
  let letters = 0;
  const text: string[] = [];
  for (const char of doc) {
    if (/\s/u.test(char)) continue;
    chars++;
    text.push(char);
    if (/\p{L}|\p{M}|\p{N}/u.test(char)) letters++;
  }
  const lines: string[] = [];
  let repeats = 0;
  let cut = 0;
  for (const raw of doc.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    if (lines.includes(line)) repeats++;
    if (line.endsWith('...') || line.endsWith('…')) cut++;
    lines.push(line);
  }
  let windows = 0;
  const seen = new Set<string>();
  for (let at = 0; at + 8 <= text.length; at++) {
    windows++;
    seen.add(text.slice(at, at + 8).join(''));
  }
  const rules: string[] = [];
  if (chars < 50) rules.push('short');
  if (letters / chars < 0.7 - 1e-12) rules.push('symbols');
  if (repeats / lines.length > 0.3 + 1e-12) rules.push('lines');
  if (seen.size / windows < 0.5 - 1e-12) rules.push('loop');
  if (cut / lines.length > 0.3 + 1e-12) rules.push('cut');
  return rules;
}

/** Documents at a bound and one past it, for each rule. */
function nearTheBounds(random: Random): string[] {
  const lines = Array.from({ length: 10 }, () => phrase(random, 14));
  const repeating = (count: number) => lines.map((line, i) => (i >= 10 - count ? lines[0]! : line)).join('\n');
  const cutting = (count: number) => lines.map((line, i) => (i < count ? `${line}${random.pick(['...', '…'])}` : line)).join('\n');
  const letters = [...lines.join('')].filter((char) => /\p{L}/u.test(char));
  const size = 10 * random.integer(6, 12);
  const signs = [...'，。！？；：、（）,.!?;:()[]+-=*/#@&%|~'];
  const mixed = (few: number) =>
    random
      .shuffle([...letters.slice(0, (7 * size) / 10 - few), ...Array.from({ length: (3 * size) / 10 + few }, () => random.pick(signs))])
      .join('');
  const unit = distinct(letters, 41);
  return [
    ...[49, 50].map((chars) => letters.slice(0, chars).join(random.pick(['', ' ', '\u3000']))),
    ...[mixed(0), mixed(1)],
    ...[3, 4].map(repeating),
    ...[3, 4].map(cutting),
    // 41 letters over and over: 41 different windows of 82 and of 83.
    ...[89, 90].map((chars) => distinct([...unit.repeat(3)], chars)),
  ];
}

/** The first `size` items as one text. */
function distinct(items: readonly string[], size: number): string {
  return items.slice(0, size).join('');
}

/** A text, a copy of it, two that are almost the same, one that is its first half, and a stranger. */
function family(random: Random): string[] {
  const base = prose(random, 150);
  const docs = [base, base, `${base}${random.pick(['', '！', '.'])}y`, base.slice(2), base.slice(0, base.length / 2), prose(random, 150)];
  return docs.every((one) => docs.every((other) => clear(jaccard(pieces(one), pieces(other))))) ? docs : family(random);
}

function clear(likeness: number): boolean {
  return likeness < 0.6 || likeness >= 0.96;
}

/** Every pair compared, the longest first. */
function dedupByLoop(docs: readonly string[], thr: number): number[] {
  const order = docs.map((text, place) => ({ text, place, runs: pieces(text) }));
  order.sort((a, b) => b.text.length - a.text.length || (a.text < b.text ? -1 : a.text > b.text ? 1 : a.place - b.place));
  const stay: typeof order = [];
  for (const doc of order) if (!stay.some((other) => jaccard(other.runs, doc.runs) >= thr)) stay.push(doc);
  return stay.map(({ place }) => place).sort((a, b) => a - b);
}

/** A text of two letters in which each of the 256 runs of eight stands once (the greedy de Bruijn sequence). */
function everyRunOf8(): string {
  let text = 'a'.repeat(8);
  for (;;) {
    const next = ['b', 'a'].find((letter) => !text.includes(`${text.slice(-7)}${letter}`));
    if (next === undefined) return text;
    text += next;
  }
}

function equalShare(one: readonly number[], other: readonly number[]): number {
  return one.filter((value, i) => value === other[i]).length / one.length;
}
