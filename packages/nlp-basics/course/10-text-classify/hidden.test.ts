import { common, expect, type Random, rng, type Subject, tensor, test } from '@llm-ladder/grader/suite';

// Dims: N texts, V vocabulary, Y classes.
const training = { Y: 3, steps: 300, lr: 0.05, l2: 0.05 };

test('log posteriors of a small example are exact', { points: 3, zh: '小例子的对数后验分毫不差', gate: true }, async ({
  learner,
  random,
}) => {
  const docs = [['ball', 'goal', 'ball'], ['goal', 'vote'], ['vote', 'law', 'law', 'vote'], ['chip']];
  const model = await learner.naiveBayes(docs, ['sport', 'sport', 'state', 'tech'], 0.5);
  // Five known words: ball, goal, vote, law, chip. The totals 5, 4 and 1 grow by 5 times a half.
  expect(model.classes).toEqual(['sport', 'state', 'tech']);
  const scores = [(2 / 4) * (2.5 / 7.5) * (1.5 / 7.5), (1 / 4) * (0.5 / 6.5) * (2.5 / 6.5), (1 / 4) * (0.5 / 3.5) * (0.5 / 3.5)]; // ball, vote
  const total = scores.reduce((sum, score) => sum + score, 0);
  expect(await learner.logPosteriors(model, ['ball', 'vote'])).toBeAllClose(scores.map((score) => Math.log(score / total)));
  expect(model.logPrior).toBeAllClose([Math.log(0.5), Math.log(0.25), Math.log(0.25)]);
  expect(model.logLikelihood.get('law')).toBeAllClose([Math.log(0.5 / 7.5), Math.log(2.5 / 6.5), Math.log(0.5 / 3.5)]);
  const drawn = makeTexts(random, 12); // texts that nobody can have stored
  const fitted = await learner.naiveBayes(drawn.docs, drawn.labels, 0.7);
  for (const text of drawn.docs.slice(0, 4))
    expect(await learner.logPosteriors(fitted, text)).toBeAllClose(posteriorsByLoop(drawn.docs, drawn.labels, 0.7, text));
});

test('the prior decides where the words say nothing', { points: 2, zh: '词说明不了什么时由先验决定' }, async ({ learner }) => {
  const docs = [
    ['x', 'y'],
    ['x', 'y'],
    ['y', 'x'],
    ['x', 'y'],
  ];
  const model = await learner.naiveBayes(docs, ['many', 'many', 'many', 'few'], 1);
  for (const doc of [[], ['x'], ['y', 'x', 'y']]) {
    expect(await learner.logPosteriors(model, doc)).toBeAllClose([Math.log(0.25), Math.log(0.75)]);
    expect(await learner.classify(model, doc)).toBe('many');
  }
});

test('the likelihoods of each class sum to 1', { points: 2, zh: '每个类的似然之和为 1' }, async ({ learner, random }) => {
  for (const alpha of [0.1, 1, 3]) {
    const { docs, labels } = makeTexts(random, 30);
    const model = await learner.naiveBayes(docs, labels, alpha);
    const words = [...model.logLikelihood.values()] as number[][];
    expect(words).toHaveLength(new Set(docs.flat()).size);
    for (const y of [0, 1, 2]) expect(words.reduce((sum, row) => sum + Math.exp(row[y]!), 0)).toBeCloseTo(1, 9);
  }
});

test('a word that training never saw is skipped', { points: 1, zh: '训练中没见过的词跳过' }, async ({ learner, random }) => {
  const { docs, labels } = makeTexts(random, 20);
  const model = await learner.naiveBayes(docs, labels, 1);
  const [known, other] = [docs[0]!, docs[1]!];
  const before = await learner.logPosteriors(model, known);
  expect(await learner.logPosteriors(model, ['never-seen', ...known, '生词'])).toBeAllClose(before);
  expect(await learner.logPosteriors(model, [...known, ...other])).not.toBeAllClose(before);
});

test('a word that comes twice counts twice, and order does not count', { points: 1, zh: '出现两次的词算两次，顺序不算' }, async ({
  learner,
}) => {
  const model = await learner.naiveBayes(
    [
      ['a', 'a', 'a', 'b'],
      ['a', 'b', 'b'],
    ],
    ['one', 'two'],
    1,
  );
  const scores = [0.5 * (4 / 6) ** 2 * (2 / 6), 0.5 * (2 / 5) ** 2 * (3 / 5)]; // a, a, b
  const total = scores[0]! + scores[1]!;
  const expected = scores.map((score) => Math.log(score / total));
  expect(await learner.logPosteriors(model, ['a', 'a', 'b'])).toBeAllClose(expected);
  expect(await learner.logPosteriors(model, ['b', 'a', 'a'])).toBeAllClose(expected);
});

test('posteriors of two thousand words are finite', { points: 1, zh: '两千个词的后验仍然有限' }, async ({ learner }) => {
  const model = await learner.naiveBayes(
    [
      ['a', 'a', 'b'],
      ['a', 'b', 'b'],
    ],
    ['one', 'two'],
    1,
  );
  const doc = [...Array(1000).fill('a'), ...Array(1003).fill('b')]; // three more b than a: (3/5)^-3 against (2/5)^-3
  const scores = [(2 / 5) ** 3, (3 / 5) ** 3];
  const total = scores[0]! + scores[1]!;
  expect(await learner.logPosteriors(model, doc)).toBeAllClose(
    scores.map((score) => Math.log(score / total)),
    { rtol: 1e-6 },
  );
  // e to the 811 is infinite: here one class has all but certainty.
  expect(await learner.logPosteriors(model, Array(2000).fill('a'))).toBeAllClose([0, 2000 * Math.log(2 / 3)]);
});

test('classify names the likeliest class, the first of equals', { points: 1, zh: 'classify 给出最可能的类，相等时取第一个' }, async ({
  learner,
}) => {
  const model = { classes: ['p', 'q', 'r'], logPrior: [-1, -1, -2], logLikelihood: new Map([['r', [-5, -4, -1]], ['q', [-2, -1, -9]]]) }; // biome-ignore format: one model
  expect(await learner.classify(model, [])).toBe('p');
  expect(await learner.classify(model, ['r'])).toBe('r');
  expect(await learner.classify(model, ['q'])).toBe('q');
});

test('macro-F1 matches scikit-learn', { points: 2, zh: 'macro-F1 与 scikit-learn 一致' }, async ({ learner, golden }) => {
  const { gold, predicted, f1 } = await golden('macro-f1');
  expect(await learner.macroF1([...gold.values], [...predicted.values])).toBeAllClose(f1.at());
});

test('every class has the same weight in macro-F1', { points: 1, zh: 'macro-F1 中每个类权重相同' }, async ({ learner }) => {
  const gold = [...Array(9).fill('big'), 'small'];
  expect(await learner.macroF1(gold, gold)).toBeCloseTo(1, 9);
  expect(await learner.macroF1(gold, Array(10).fill('big'))).toBeCloseTo(18 / 19 / 2, 9); // accuracy would be 0.9
  expect(await learner.macroF1(['a', 'a', 'b', 'b'], ['a', 'c', 'b', 'b'])).toBeCloseTo((2 / 3 + 1 + 0) / 3, 9); // c was only answered
  expect(await learner.macroF1(['a', 'b'], ['b', 'a'])).toBe(0);
});

test('probabilities are a softmax of X W + b', { points: 2, zh: '概率是 X W + b 的 softmax' }, async ({ learner, random }) => {
  const [X, W, b] = [random.normal([4, 5]), random.normal([5, 3]), random.normal([3])];
  const rows = Array.from({ length: 4 }, (_, n) => {
    const scores = [0, 1, 2].map((y) => b.at(y) + [0, 1, 2, 3, 4].reduce((sum, v) => sum + X.at(n, v) * W.at(v, y), 0));
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    return scores.map((score) => Math.exp(score) / total);
  });
  expect(await learner.logRegProbs(X, { W, b })).toBeAllClose(rows);
  const large = await learner.logRegProbs(tensor([[100], [-100]]), { W: tensor([[100, -100]]), b: tensor([0, 0]) }); // scores of 1e4
  expect(large).toBeAllClose([[1, 0], [0, 1]]); // biome-ignore format: one row per text
});

test('training ends where scikit-learn does', { points: 4, zh: '训练的终点与 scikit-learn 一致', trains: true, timeoutMs: 30_000 }, async ({
  learner,
  golden,
}) => {
  const { X, y, W, b } = await golden('logreg');
  const got = await learner.bowLogReg(X, [...y.values], training);
  expect(got.W).toBeAllClose(W, { rtol: 0, atol: 0.02 });
  const shift = Array.from(got.b.values as Float32Array).reduce((sum, x) => sum + x, 0) / 3; // the same number for all classes says nothing
  expect(got.b.map((x: number) => x - shift)).toBeAllClose(b, { rtol: 0, atol: 0.02 });
});

test('training starts from zero weights', { points: 1, zh: '训练从零权重开始' }, async ({ learner, random }) => {
  const X = random.uniform([6, 4]);
  const { W, b } = await learner.bowLogReg(X, [0, 1, 2, 0, 1, 2], { ...training, steps: 0 });
  expect(W).toBeAllClose(tensor(new Float32Array(12), [4, 3]));
  expect(b).toBeAllClose([0, 0, 0]);
  // From there Adam's first step moves every weight by lr, against the sign of its gradient.
  const [rows, y] = [[[1, 0, 2, 0], [0, 3, 0, 1], [2, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, 3]], [0, 1, 2, 0, 0]]; // biome-ignore format: five texts
  const moved = (value: (row: number[]) => number) =>
    [0, 1, 2].map((label) => {
      const gradient = rows.reduce((sum, row, n) => sum + value(row) * (1 / 3 - (y[n] === label ? 1 : 0)), 0);
      return -training.lr * Math.sign(gradient);
    });
  const one = await learner.bowLogReg(tensor(rows), y, { ...training, steps: 1 });
  expect(one.W).toBeAllClose([0, 1, 2, 3].map((v) => moved((row) => row[v]!)));
  expect(one.b).toBeAllClose(moved(() => 1));
});

test('a split uses every row once, and chance decides where', { points: 2, zh: '划分把每一行用且只用一次，去哪边由随机决定' }, async ({
  learner,
  random,
}) => {
  for (const [N, share, size] of [
    [20, 0.25, 5],
    [7, 0.5, 4],
    [5, 0.01, 1],
    [400, 0.3, 120],
  ] as const) {
    // biome-ignore format: one line
    const seed = random.seed();
    const { train, test: held } = await learner.holdOut(N, share, rng(seed));
    expect(held).toHaveLength(size);
    expect(train).toHaveLength(N - size);
    expect([...train, ...held].sort((a: number, b: number) => a - b)).toEqual(Array.from({ length: N }, (_, n) => n));
    expect(await learner.holdOut(N, share, rng(seed))).toEqual({ train, test: held });
  }
  // How often each of three rows is the one that is held out, in 300 splits: 100 times, 6 sigma is 49.
  const times = [0, 0, 0];
  for (let round = 0; round < 300; round++) {
    const { train, test: held } = await learner.holdOut(3, 0.34, rng(random.seed()));
    expect(train).toHaveLength(2);
    times[held[0]]! += 1;
  }
  for (const count of times) expect(Math.abs(count - 100)).toBeLessThan(49);
});

test('training sees the training rows only, the score the others only', {
  points: 3,
  zh: '训练只看训练行，评分只看其余的行',
  trains: true,
  timeoutMs: 30_000,
}, async ({ learner, random }) => {
  // The training rows follow a rule, the test rows its opposite: a model that saw only the former is wrong on all of the latter.
  const N = 40;
  const order = random.permutation(N);
  const [train, held] = [order.slice(0, 15), order.slice(15)];
  const side = Array.from({ length: N }, (_, n) => n % 2);
  const X = tensor(side.map((s) => (s === 0 ? [1, 0] : [0, 1])));
  const opposite = side.map((s, n) => (held.includes(n) ? 1 - s : s));
  const options = { Y: 2, steps: 50, lr: 0.1, l2: 0.01 };
  expect(await learner.scoreHeldOut(X, opposite, { train, test: held }, options)).toBe(0);
  expect(await learner.scoreHeldOut(X, side, { train, test: held }, options)).toBe(1);
});

test('the score is a macro-F1', { points: 1, zh: '得分是 macro-F1', trains: true, timeoutMs: 30_000 }, async ({ learner }) => {
  // Every row looks alike and most are class 0: the answer is 0 for all.
  const y = [...Array(9).fill(0), 1, ...Array(9).fill(0), 1];
  const X = tensor(y.map(() => [1, 1]));
  const split = { train: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], test: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] };
  expect(await learner.scoreHeldOut(X, y, split, { Y: 2, steps: 50, lr: 0.1, l2: 0.01 })).toBeCloseTo(18 / 19 / 2, 5);
});

test('both reach 90 % macro-F1 on texts they have not seen, with three seeds', {
  points: 5,
  zh: '用三个种子，两者在没见过的文本上都达到 90 % 的 macro-F1',
  trains: true,
  timeoutMs: 90_000,
}, async ({ learner, random }) => {
  for (let seed = 0; seed < 3; seed++) {
    const { docs, labels } = makeTexts(random, 240);
    const vocab = [...new Set(docs.flat())];
    const X = tensor(docs.map((doc) => vocab.map((word) => doc.filter((other) => other === word).length)));
    const y = labels.map((label) => topics.indexOf(label));
    const split = await learner.holdOut(docs.length, 0.3, rng(random.seed()));
    const score = await learner.scoreHeldOut(X, y, split, { Y: 3, steps: 80, lr: 0.1, l2: 0.002 });
    expect(score).toBeGreaterThanOrEqual(0.9);
    expect(await bayesScore(learner, docs, labels, split)).toBeGreaterThanOrEqual(0.9);
  }
});

test('training keeps two tensors, W and b, and scoring keeps none', {
  points: 1,
  zh: '训练只留下 W 和 b 两个张量，评分一个也不留',
  untrusted: true,
}, async ({ learner, random }) => {
  const [X, y, options] = [random.uniform([6, 4]), [0, 1, 2, 0, 1, 2], { ...training, steps: 2 }];
  let kept = 0;
  for (let call = 0; call < 4; call++) {
    await learner.bowLogReg(X, y, options);
    if (call > 1) kept += learner.stats().tensorsKept;
    await learner.scoreHeldOut(X, y, { train: [0, 1, 2, 3], test: [4, 5] }, options);
    if (call > 1) kept += learner.stats().tensorsKept;
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

common('logRegProbs', {
  inputs: ({ random, B }) => [random.normal([B, 5]), { W: random.normal([5, 3]), b: random.normal([3]) }],
  wrt: [0, '1.W', '1.b'],
  noT1: true,
});

// --- helpers ---

const topics = ['sport', 'state', 'tech'];

/** Words of each topic, and words of none, in two languages. Ours. */
const LEXICON: Record<string, [en: string, zh: string]> = {
  sport: ['goal match team coach striker referee medal race stadium league', '进球 比赛 球队 教练 前锋 裁判 奖牌 赛跑 球场 联赛'],
  state: ['vote law minister budget treaty parliament election tax mayor reform', '投票 法律 部长 预算 条约 议会 选举 税收 市长 改革'],
  tech: ['chip software phone network battery robot screen code sensor update', '芯片 软件 手机 网络 电池 机器人 屏幕 代码 传感器 更新'],
  none: ['the a of and in today people said new after year long they with city', '的 了 在 和 今天 人们 说 新 之后 年 长 他们 与 城市 很'],
};

/** Texts of 20 words, English or Chinese: 45 % of the words belong to their topic, 5 % to any. */
function makeTexts(random: Random, count: number): { docs: string[][]; labels: string[] } {
  const labels = random.shuffle(Array.from({ length: count }, (_, n) => topics[n % topics.length]!));
  const docs = labels.map((label) => {
    const language = random.integer(0, 2) as 0 | 1;
    const draw = () => {
      const u = random.next();
      const topic = u < 0.45 ? label : u < 0.5 ? random.pick(topics) : 'none';
      return random.pick(LEXICON[topic]![language].split(' '));
    };
    return Array.from({ length: 20 }, draw);
  });
  return { docs, labels };
}

/** Macro-F1 of naive Bayes on the held-out texts, counted here. */
async function bayesScore(
  learner: Subject,
  docs: string[][],
  labels: string[],
  split: { train: number[]; test: number[] },
): Promise<number> {
  const pick = <T>(all: readonly T[], rows: readonly number[]) => rows.map((n) => all[n]!);
  const model = await learner.naiveBayes(pick(docs, split.train), pick(labels, split.train), 1);
  const pairs: [gold: string, answer: string][] = [];
  for (const n of split.test) pairs.push([labels[n]!, await learner.classify(model, docs[n]!)]);
  const scores = topics.map((topic) => {
    const hits = pairs.filter(([gold, answer]) => gold === topic && answer === topic).length;
    return (2 * hits) / (pairs.filter(([gold]) => gold === topic).length + pairs.filter(([, answer]) => answer === topic).length);
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Bayes' rule by counting; classes in string order. */
function posteriorsByLoop(docs: readonly string[][], labels: readonly string[], alpha: number, text: readonly string[]): number[] {
  const V = new Set(docs.flat()).size;
  const joint = [...new Set(labels)].sort().map((label) => {
    const mine = docs.filter((_, n) => labels[n] === label);
    const said = mine.flat();
    const likelihood = (word: string) => Math.log((said.filter((other) => other === word).length + alpha) / (said.length + alpha * V));
    return Math.log(mine.length / docs.length) + text.reduce((sum, word) => sum + likelihood(word), 0);
  });
  const top = Math.max(...joint);
  const total = joint.reduce((sum, log) => sum + Math.exp(log - top), 0);
  return joint.map((log) => log - top - Math.log(total));
}
