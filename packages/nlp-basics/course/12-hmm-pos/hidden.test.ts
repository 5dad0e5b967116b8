import { expect, type Random, test } from '@llm-ladder/grader/suite';

// Dims: V known words, Y tags.
type Tagged = readonly (readonly [word: string, tag: string])[];

const small: Tagged[] = [
  [['she', 'P'], ['can', 'V'], ['swim', 'V']],
  [['the', 'D'], ['can', 'N']],
  [['the', 'D'], ['swim', 'N'], ['can', 'V']],
]; // biome-ignore format: one line per sentence

test('counts of a small example are exact', { points: 4, zh: '小例子的计数分毫不差', gate: true }, async ({ learner, random }) => {
  const k = 0.5;
  const { tags, start, trans, end, emit, unknown } = await learner.fitHmm(small, k);
  expect(tags).toEqual(['D', 'N', 'P', 'V']); // seen 2, 2, 1, 3 times; four words are known
  expect(start).toBeAllClose([2.5 / 5, 0.5 / 5, 1.5 / 5, 0.5 / 5].map(Math.log));
  expect(trans).toBeAllClose([
    [0.5 / 4.5, 2.5 / 4.5, 0.5 / 4.5, 0.5 / 4.5].map(Math.log),
    [0.5 / 4.5, 0.5 / 4.5, 0.5 / 4.5, 1.5 / 4.5].map(Math.log),
    [0.5 / 3.5, 0.5 / 3.5, 0.5 / 3.5, 1.5 / 3.5].map(Math.log),
    [0.5 / 5.5, 0.5 / 5.5, 0.5 / 5.5, 1.5 / 5.5].map(Math.log),
  ]);
  expect(end).toBeAllClose([0.5 / 4.5, 1.5 / 4.5, 0.5 / 3.5, 2.5 / 5.5].map(Math.log));
  expect(emit.get('can')).toBeAllClose([0.5 / 4.5, 1.5 / 4.5, 0.5 / 3.5, 2.5 / 5.5].map(Math.log));
  expect(emit.get('the')).toBeAllClose([2.5 / 4.5, 0.5 / 4.5, 0.5 / 3.5, 0.5 / 5.5].map(Math.log));
  expect(unknown).toBeAllClose([0.5 / 4.5, 0.5 / 4.5, 0.5 / 3.5, 0.5 / 5.5].map(Math.log));

  const drawn = makeSentences(random, 12); // sentences that nobody can have stored
  const hmm = await learner.fitHmm(drawn, k);
  const pairs = drawn.flat();
  const words = new Set(pairs.map(([word]) => word));
  for (const [y, tag] of [...new Set(pairs.map(([, one]) => one))].sort().entries()) {
    expect(hmm.tags[y]).toBe(tag);
    const count = (fits: (pair: readonly [string, string]) => boolean) => pairs.filter(fits).length;
    const seen = count(([, one]) => one === tag);
    for (const word of words)
      expect(hmm.emit.get(word)[y]).toBeAllClose(
        Math.log((count(([w, one]) => w === word && one === tag) + k) / (seen + k * (words.size + 1))),
      );
    const last = drawn.filter((sentence) => sentence.at(-1)?.[1] === tag).length;
    expect(hmm.end[y]).toBeAllClose(Math.log((last + k) / (seen + k * (hmm.tags.length + 1))));
  }
});

test('every distribution sums to 1', { points: 2, zh: '每个分布之和为 1' }, async ({ learner, random }) => {
  for (const k of [0.01, 1, 4]) {
    const { tags, start, trans, end, emit, unknown } = await learner.fitHmm(makeSentences(random, 20), k);
    const total = (logs: readonly number[]) => logs.reduce((sum, log) => sum + Math.exp(log), 0);
    expect(total(start)).toBeCloseTo(1, 9);
    for (const y of tags.keys()) {
      expect(total([...trans[y], end[y]])).toBeCloseTo(1, 9);
      const words = [...emit.values()].map((logs) => (logs as number[])[y]!);
      expect(total([...words, unknown[y]])).toBeCloseTo(1, 9);
    }
  }
});

test('sentences without words and words called constructor are no trouble', {
  points: 1,
  zh: '没有词的句子、名叫 constructor 的词都不出问题',
}, async ({ learner }) => {
  const odd: Tagged[] = [[], [['constructor', 'N'], ['__proto__', 'V']], [['constructor', 'N']], []]; // biome-ignore format: one line
  const hmm = await learner.fitHmm(odd, 1);
  expect(hmm.start).toBeAllClose([Math.log(3 / 4), Math.log(1 / 4)]);
  expect(hmm.emit.get('constructor')).toBeAllClose([Math.log(3 / 5), Math.log(1 / 4)]);
  expect(hmm.emit.get('__proto__')).toBeAllClose([Math.log(1 / 5), Math.log(2 / 4)]);
  expect(await learner.decode(hmm, ['constructor', 'toString'])).toHaveLength(2);
  expect(await learner.decode(hmm, [])).toEqual([]);
});

test('the tags found are the likeliest of all', { points: 3, zh: '找到的标签是所有标签里最可能的' }, async ({ learner, random }) => {
  for (let round = 0; round < 10; round++) {
    const hmm = randomHmm(random);
    const T = 1 + (round % 5);
    const words = Array.from({ length: T }, () => random.pick(['a', 'b', 'c', 'never seen']));
    const all = paths(T).map((path) => ({ path, score: scoreOf(path, words, hmm) }));
    const best = all.reduce((a, b) => (b.score > a.score ? b : a));
    expect(await learner.decode(hmm, words)).toEqual(best.path.map((y) => hmm.tags[y]));
  }
});

test('the context tells the tags of one word apart', { points: 2, zh: '同一个词的标签由上下文决定' }, async ({ learner }) => {
  const train = parse([
    'I/P can/V swim/V',
    'you/P can/V swim/V',
    'I/P can/V fish/V',
    'the/D can/N fell/V',
    'a/D swim/N helps/V',
    '我/P 会/V 画/V 画/N',
    '他/P 画/V 画/N',
    '这/D 画/N 好/A',
  ]);
  const hmm = await learner.fitHmm(train, 0.1);
  expect(await learner.decode(hmm, ['you', 'can', 'fish'])).toEqual(['P', 'V', 'V']);
  expect(await learner.decode(hmm, ['a', 'can', 'helps'])).toEqual(['D', 'N', 'V']);
  expect(await learner.decode(hmm, ['我', '画', '画'])).toEqual(['P', 'V', 'N']);
});

test('a word that training never saw is tagged by its context', { points: 2, zh: '没见过的词由上下文决定标签' }, async ({ learner }) => {
  const train = parse(['the/D cat/N sleeps/V', 'the/D dog/N barks/V', 'a/D bird/N sings/V', '这/D 猫/N 睡/V', '那/D 狗/N 叫/V']);
  const hmm = await learner.fitHmm(train, 0.1);
  expect(await learner.decode(hmm, ['the', 'walrus', 'sleeps'])).toEqual(['D', 'N', 'V']);
  expect(await learner.decode(hmm, ['the', 'cat', 'yawns'])).toEqual(['D', 'N', 'V']);
  expect(await learner.decode(hmm, ['那', '海象', '打盹'])).toEqual(['D', 'N', 'V']);
});

test('three thousand words are no trouble', { points: 1, zh: '三千个词也不出问题' }, async ({ learner }) => {
  const hmm = {
    tags: ['X', 'Y', 'Z'],
    start: [-9, -9, -0.1],
    trans: [[-9, -0.1, -9], [-9, -9, -0.1], [-0.1, -9, -9]], // Z, X, Y, Z ...
    end: [-2, -2, -2],
    emit: new Map([['w', [-7, -7, -7]]]),
    unknown: [-8, -8, -8],
  }; // biome-ignore format: one line per table
  const found = await learner.decode(hmm, Array(3000).fill('w'));
  expect(found.join('')).toBe('ZXY'.repeat(1000));
});

test('at least 95 % of the words of new sentences are tagged right, with three seeds', {
  points: 4,
  zh: '用三个种子，新句子里至少 95 % 的词标对',
}, async ({ learner, random }) => {
  for (let seed = 0; seed < 3; seed++) {
    const hmm = await learner.fitHmm(makeSentences(random, 200), 0.1);
    let [right, words] = [0, 0];
    for (const sentence of makeSentences(random, 40)) {
      const tags = await learner.decode(hmm, sentence.map(([word]) => word)); // biome-ignore format: one line
      right += sentence.filter(([, tag], t) => tags[t] === tag).length;
      words += sentence.length;
    }
    expect(right / words).toBeGreaterThanOrEqual(0.95);
  }
});

// --- helpers ---

function parse(lines: readonly string[]): Tagged[] {
  return lines.map((line) => line.split(' ').map((pair) => pair.split('/') as [string, string]));
}

interface Model {
  readonly tags: string[];
  readonly start: number[];
  readonly trans: number[][];
  readonly end: number[];
  readonly emit: Map<string, number[]>;
  readonly unknown: number[];
}

/** Three tags and three words; the numbers need not be probabilities for Viterbi to be right. */
function randomHmm(random: Random): Model {
  const row = () => Array.from(random.normal([3], { mean: -2, std: 1.5 }).values);
  return {
    tags: ['A', 'B', 'C'],
    start: row(),
    trans: [row(), row(), row()],
    end: row(),
    emit: new Map(['a', 'b', 'c'].map((word) => [word, row()])),
    unknown: row(),
  };
}

/** Every path of T tags out of three. */
function paths(T: number): number[][] {
  return Array.from({ length: 3 ** T }, (_, n) => Array.from({ length: T }, (_, t) => Math.floor(n / 3 ** t) % 3));
}

function scoreOf(path: readonly number[], words: readonly string[], { start, trans, end, emit, unknown }: Model): number {
  let score = start[path[0]!]! + end[path.at(-1)!]!;
  for (const [t, y] of path.entries()) score += (emit.get(words[t]!) ?? unknown)[y]! + (t > 0 ? trans[path[t - 1]!]![y]! : 0);
  return score;
}

/** Sentences of a small grammar, English or Chinese; most nouns and verbs are the same words, so that the context must tell. Ours. */
function makeSentences(random: Random, count: number): Tagged[] {
  const both = [['walk', 'run', 'drink', 'light', 'plan'], ['画', '锁', '计划', '工作', '领导']]; // biome-ignore format: one list per language
  const noun = ['girl river house train garden letter market winter', '女孩 河 房子 火车 花园 信 市场 冬天'].map((list) => list.split(' '));
  const verb = ['sees builds finds paints loves carries opens needs', '看见 建 找到 爱 带 打开 需要 修'].map((list) => list.split(' '));
  const other = {
    D: ['the a this every', '这 那 每 某'],
    A: ['old quiet bright small', '旧 静 亮 小'],
    P: ['she he they we', '她 他 他们 我们'],
  };
  return Array.from({ length: count }, () => {
    const language = random.integer(0, 2);
    const word = (tag: string): [string, string] => {
      if (tag !== 'N' && tag !== 'V') return [random.pick(other[tag as 'D'][language]!.split(' ')), tag];
      return [random.pick(random.next() < 0.8 ? both[language]! : (tag === 'N' ? noun : verb)[language]!), tag];
    };
    const phrase = () => random.pick([['P'], ['D', 'N'], ['D', 'A', 'N']]);
    return [
      ...phrase(),
      'V',
      ...random.pick([
        ['D', 'N'],
        ['D', 'A', 'N'],
      ]),
    ].map(word);
  });
}
