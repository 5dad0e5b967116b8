import { common, expect, performance, type Random, rng, type TensorValue, table, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch (pairs), N negatives of a pair, V vocabulary, D width of a vector.
const [V, D] = [7, 4];
const always = (number: number) => table([[[], number]]); // an rng that gives one number for ever

test('matches PyTorch', { points: 3, zh: '与 PyTorch 一致', gate: true }, async ({ learner, golden, random }) => {
  const { center, ctx, neg, Win, Wout, loss } = await golden('sgns');
  expect(await learner.sgnsLoss(center, ctx, neg, Win, Wout)).toBeAllClose(loss);
  const drawn = lossInputs(random, 4, 3); // numbers that nobody can have stored
  expect(await learner.sgnsLoss(...drawn)).toBeAllClose(lossByLoop(...drawn));
});

test('the gradients match PyTorch', { points: 3, zh: '梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { center, ctx, neg, Win, Wout, dWin, dWout } = await golden('sgns');
  const [forWin, forWout] = await learner.grad('sgnsLoss', [center, ctx, neg, Win, Wout], { wrt: [3, 4] });
  expect(forWin).toBeAllClose(dWin);
  expect(forWout).toBeAllClose(dWout);
});

test('a mean over pairs, a sum over negatives', { points: 2, zh: '对词对求平均，对负样本求和' }, async ({ learner, random }) => {
  for (const [B, N] of [
    [1, 1],
    [1, 3],
    [5, 2],
    [3, 6],
  ] as const) {
    // biome-ignore format: one line
    const args = lossInputs(random, B, N);
    expect(await learner.sgnsLoss(...args)).toBeAllClose(lossByLoop(...args));
  }
});

test('very large scores stay finite', { points: 1, zh: '极大的得分不会溢出' }, async ({ learner }) => {
  const [Win, Wout] = [tensor([[20], [1]]), tensor([[-10], [10]])];
  const args = [ids([0]), ids([0]), ids([1, 1], [1, 2]), Win, Wout]; // scores -200, and 200 twice
  expect(await learner.sgnsLoss(...args)).toBeAllClose(600);
  for (const gradient of await learner.grad('sgnsLoss', args, { wrt: [3, 4] })) expect(gradient).toBeFinite();
});

test('tensors that do not fit are refused', { points: 1, zh: '拒绝形状不配的张量' }, async ({ learner, random }) => {
  const [center, ctx, neg, Win, Wout] = lossInputs(random, 3, 2);
  await expect(learner.sgnsLoss(center, ids([1, 2]), neg, Win, Wout)).toReject();
  await expect(learner.sgnsLoss(center, ctx, ids([1, 2], [1, 2]), Win, Wout)).toReject();
  await expect(learner.sgnsLoss(center, ctx, neg, Win, random.normal([V, D + 1]))).toReject();
});

test('the pairs of six words', { points: 3, zh: '六个词的全部词对' }, async ({ learner }) => {
  const sent = [10, 11, 12, 13, 14, 15];
  const near = ['10 11', '11 10', '11 12', '12 11', '12 13', '13 12', '13 14', '14 13', '14 15', '15 14'];
  const far = ['10 12', '11 13', '12 10', '12 14', '13 11', '13 15', '14 12', '15 13'];
  expect(asText(await learner.pairs([sent], 2, always(0.999)))).toEqual([...near, ...far].sort());
  expect(asText(await learner.pairs([sent], 2, always(0.499)))).toEqual(near); // every window is 1
  expect(asText(await learner.pairs([sent], 1, always(0.7)))).toEqual(near);
  expect(asText(await learner.pairs([[1, 2]], 9, always(0.5)))).toEqual(['1 2', '2 1']);
});

test('a window ends where the sentence ends', { points: 2, zh: '窗口到句子末尾为止' }, async ({ learner }) => {
  const got = await learner.pairs([[1, 2], [], [3], [4, 5]], 3, always(0.999));
  expect(asText(got)).toEqual(['1 2', '2 1', '4 5', '5 4']);
});

test('a place is not its own neighbour, the same word elsewhere is', { points: 1, zh: '一个位置不是自己的邻居，别处的同一个词是' }, async ({
  learner,
}) => {
  expect(asText(await learner.pairs([[8, 8, 9]], 2, always(0.999)))).toEqual(['8 8', '8 8', '8 9', '8 9', '9 8', '9 8']);
});

test('each word has a window of its own, all sizes alike', { points: 2, zh: '每个词各有窗口，各种大小机会均等' }, async ({
  learner,
  random,
}) => {
  const [length, window] = [6000, 4];
  const sent = Array.from({ length }, (_, at) => at); // the word is its place
  const { center, ctx } = await learner.pairs([sent], window, rng(random.seed()));
  const found = new Set(Array.from(center, (word, i) => `${word} ${ctx[i]}`));
  for (let distance = 1; distance <= window; distance++) {
    let count = 0;
    for (let at = distance; at + distance < length; at++) {
      const [before, behind] = [found.has(`${at} ${at - distance}`), found.has(`${at} ${at + distance}`)];
      expect([at, before]).toEqual([at, behind]); // the window reaches as far to either side
      if (behind) count++;
    }
    const [N, p] = [length - 2 * distance, (window - distance + 1) / window];
    expect(Math.abs(count - N * p)).toBeLessThanOrEqual(6 * Math.sqrt(N * p * (1 - p)));
  }
});

test('the table adds up frequencies to the power of 0.75', { points: 2, zh: '表累加词频的 0.75 次幂' }, async ({ learner }) => {
  const exact = { rtol: 1e-9, atol: 1e-12 };
  expect(await learner.negTable([16, 1, 0, 81])).toBeAllClose([8 / 36, 9 / 36, 9 / 36, 1], exact);
  expect(await learner.negTable([3, 1, 4], 1)).toBeAllClose([3 / 8, 4 / 8, 1], exact);
  expect(await learner.negTable([5, 0, 500], 0)).toBeAllClose([1 / 2, 1 / 2, 1], exact); // all words that occur alike
  expect(await learner.negTable([0, 1])).toBeAllClose([0, 1], exact);
  for (const freq of [[], [0, 0], [3, -1]]) {
    for (const power of [0.75, 1]) await expect(learner.negTable(freq, power)).toReject();
  }
});

test('a number finds its word in the table', { points: 1, zh: '一个数在表里找到它的词' }, async ({ learner }) => {
  const cumulative = new Float64Array([0.25, 0.25, 0.5, 1]);
  for (const [number, word] of [
    [0, 0],
    [0.249, 0],
    [0.25, 2],
    [0.4999, 2],
    [0.5, 3],
    [0.9999, 3],
  ] as const) {
    // biome-ignore format: one line
    expect([number, ...(await learner.drawNegatives(cumulative, 2, always(number)))]).toEqual([number, word, word]);
  }
});

test('negatives are drawn as often as the table says', { points: 2, zh: '负样本按表中的频率抽取' }, async ({ learner, random }) => {
  const freq = [1000, 300, 100, 30, 10, 3, 0, 1];
  const N = 40_000;
  const drawn: Int32Array = await learner.drawNegatives(await learner.negTable(freq), N, rng(random.seed()));
  expect(drawn).toHaveLength(N);
  const sum = freq.reduce((total, count) => total + count ** 0.75, 0);
  for (const [word, count] of freq.entries()) {
    const p = count === 0 ? 0 : count ** 0.75 / sum;
    const off = Math.abs(drawn.filter((id) => id === word).length - N * p);
    expect(off).toBeLessThanOrEqual(6 * Math.sqrt(N * p * (1 - p)));
  }
});

test('two words for one thing get one direction', { points: 3, zh: '两个同义词得到同一个方向', trains: true, timeoutMs: 180_000 }, async ({
  learner,
  random,
}) => {
  const things = 12; // thing t has two names, 2t and 2t + 1, as in a text that mixes Chinese and English
  const cfg = { V: 2 * things, D: 16, window: 2, negatives: 5, epochs: 10, batch: 128, lr: 0.1 };
  const vectors: TensorValue = await learner.trainSkipgram(drawText(random, things), cfg, rng(random.seed()));
  expect(vectors).toHaveShape([cfg.V, cfg.D]);
  const cos = (a: number, b: number) => {
    const rows = [a, b].map((id) => Array.from({ length: cfg.D }, (_, d) => vectors.at(id, d))) as [number[], number[]];
    return rows[0].reduce((dot, x, d) => dot + x * rows[1][d]!, 0) / (Math.hypot(...rows[0]) * Math.hypot(...rows[1]));
  };
  for (let thing = 0; thing < things; thing++) {
    const others = Array.from({ length: cfg.V }, (_, id) => id).filter((id) => id >> 1 !== thing);
    const names = cos(2 * thing, 2 * thing + 1);
    expect(names).toBeGreaterThan(0.6);
    expect(Math.max(...others.map((id) => cos(2 * thing, id)))).toBeLessThan(names);
  }
});

test('training moves the vectors as the loop says', { points: 1, zh: '训练按循环所写移动向量' }, async ({ learner, random }) => {
  // With an rng that always gives 0.75 each window is the largest and each negative the same word, word 3 of the first text and word 2 of the second.
  const several = { sents: [[0, 1, 2, 0], [3, 0], [4]], negative: 3, batch: 99 }; // biome-ignore format: one line
  const alike = { sents: [[1, 1, 1, 1], [2], [2]], negative: 2, batch: 5 }; // ten pairs of 1 and 1, so that their order does not matter; biome-ignore format: one line
  for (const { sents, negative, batch } of [several, alike]) {
    for (const epochs of [1, 2, 3]) {
      const cfg = { V: 6, D: 3, window: 2, negatives: 4, epochs, batch, lr: 0.5 };
      const start: TensorValue = await learner.trainSkipgram(sents, { ...cfg, lr: 0 }, always(0.75));
      const moved = trainByLoop(start, sents, negative, cfg);
      expect(await learner.trainSkipgram(sents, cfg, always(0.75))).toBeAllClose(moved);
    }
  }
  // The rate falls, but the pairs are shuffled: words 8 and 9 of the last sentences move about as far as 0 and 1 of the first. 0.5 is 6 sigma below.
  const sents = Array.from({ length: 300 }, (_, at) => [0, 1].map((word) => 2 * Math.floor(at / 60) + word));
  const [cfg, seed] = [{ V: 10, D: 6, window: 1, negatives: 2, epochs: 1, batch: 10, lr: 0.4 }, random.seed()];
  const start: TensorValue = await learner.trainSkipgram(sents, { ...cfg, lr: 0 }, rng(seed));
  const end: TensorValue = await learner.trainSkipgram(sents, cfg, rng(seed));
  const way = (word: number) => Math.hypot(...Array.from({ length: cfg.D }, (_, d) => end.at(word, d) - start.at(word, d)));
  expect((way(8) + way(9)) / (way(0) + way(1))).toBeGreaterThan(0.5);
  const [least, most] = [Math.min(...start.values), Math.max(...start.values)].map((x) => x * cfg.D) as [number, number]; // of 60 numbers
  expect(least).toBeGreaterThan(-0.50001);
  expect(most).toBeLessThan(0.50001);
  expect(most - least).toBeGreaterThan(0.5);
});

test('the same rng gives the same vectors', { points: 1, zh: '同样的 rng 得到同样的向量' }, async ({ learner, random }) => {
  const [text, seed] = [drawText(random, 4).slice(0, 20), random.seed()];
  const cfg = { V: 8, D: 5, window: 3, negatives: 2, epochs: 2, batch: 32, lr: 0.05 };
  const once = await learner.trainSkipgram(text, cfg, rng(seed));
  expect(await learner.trainSkipgram(text, cfg, rng(seed))).toBeAllClose(once, { rtol: 0, atol: 1e-6 });
  expect(await learner.trainSkipgram(text, cfg, rng(seed ^ 1))).not.toBeAllClose(once);
});

test('a window or an id outside its range is refused', { points: 1, zh: '拒绝超出范围的窗口和 id' }, async ({ learner }) => {
  for (const window of [0, 1.5, -1]) await expect(learner.pairs([[1, 2]], window, always(0.5))).toReject();
  const cfg = { V: 3, D: 2, window: 1, negatives: 1, epochs: 1, batch: 4, lr: 0.1 };
  for (const id of [3, -1]) await expect(learner.trainSkipgram([[0, 1, id]], cfg, always(0.5))).toReject();
});

common('sgnsLoss', { inputs: ({ random, B }) => lossInputs(random, B, 3), batched: false, noT1: true, wrt: [3, 4] });

common('trainSkipgram', {
  inputs: ({ random }) => [[[0, 1, 2], [3, 1]], { V: 4, D: 3, window: 1, negatives: 2, epochs: 1, batch: 4, lr: 0.1 }, rng(random.seed())], // biome-ignore format: one line
  batched: false,
  noT1: true,
});

performance('trains as many pairs a second', {
  points: 2,
  zh: '每秒训练的词对数跟得上',
  kind: 'ratio',
  atLeast: 0.6,
  of: 'reference',
  inputs: (random, scale) => [
    drawText(random, 40).slice(0, 120),
    { V: 80, D: 32, window: 3, negatives: 5, epochs: 1, batch: 256 * scale, lr: 0.05 },
    random.seed(),
  ],
  run: (subject, [text, cfg, seed]) => subject.trainSkipgram(text, cfg, rng(seed)),
  check: (got, expected) => {
    expect(got).toHaveShape(expected.shape);
    expect(got).toBeFinite();
  },
});

// --- helpers ---

function ids(values: readonly number[], shape: readonly number[] = [values.length]): TensorValue {
  return tensor(Int32Array.from(values), shape, 'int32');
}

function lossInputs(random: Random, B: number, N: number): [TensorValue, TensorValue, TensorValue, TensorValue, TensorValue] {
  const draw = (shape: readonly number[]) => random.integers(shape, { max: V });
  return [draw([B]), draw([B]), draw([B, N]), random.normal([V, D]), random.normal([V, D])];
}

function lossByLoop(center: TensorValue, ctx: TensorValue, neg: TensorValue, Win: TensorValue, Wout: TensorValue): number {
  const [B, N] = neg.shape as [number, number];
  let sum = 0;
  for (let b = 0; b < B; b++) {
    const score = (other: number) =>
      Array.from({ length: D }, (_, d) => Win.at(center.at(b), d) * Wout.at(other, d)).reduce((x, y) => x + y, 0);
    sum += Math.log1p(Math.exp(-score(ctx.at(b))));
    for (let n = 0; n < N; n++) sum += Math.log1p(Math.exp(score(neg.at(b, n))));
  }
  return sum / B;
}

function asText({ center, ctx }: { center: ArrayLike<number>; ctx: ArrayLike<number> }): string[] {
  expect(ctx.length).toBe(center.length);
  return Array.from(center, (word, i) => `${word} ${ctx[i]}`).sort();
}

/** Sentences that walk around a ring of things in steps of 1 or 2, and call each by one of its two names. */
function drawText(random: Random, things: number): number[][] {
  return Array.from({ length: 300 }, () => {
    let thing = random.integer(0, things);
    return Array.from({ length: 8 }, () => {
      thing = (thing + random.integer(1, 3)) % things;
      return 2 * thing + random.integer(0, 2);
    });
  });
}

interface Training {
  readonly window: number;
  readonly negatives: number;
  readonly epochs: number;
  readonly batch: number;
  readonly lr: number;
}

/** Win after training from `start`, pair by pair, where all windows are the largest and all negatives are one word. */
function trainByLoop(start: TensorValue, sents: readonly (readonly number[])[], negative: number, cfg: Training): number[][] {
  let [Win, Wout] = [start.toArray() as number[][], (start.toArray() as number[][]).map((row) => row.map(() => 0))];
  const all = sents.flatMap((sent) =>
    sent.flatMap((center, at) =>
      sent.filter((_, other) => other !== at && Math.abs(other - at) <= cfg.window).map((ctx) => [center, ctx] as const),
    ),
  );
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  for (let epoch = 0; epoch < cfg.epochs; epoch++) {
    for (let from = 0; from < all.length; from += cfg.batch) {
      const rate = cfg.lr * (1 - (epoch + from / all.length) / cfg.epochs);
      const [nextWin, nextWout] = [structuredClone(Win), structuredClone(Wout)];
      for (const [center, ctx] of all.slice(from, from + cfg.batch)) {
        for (const [word, label] of [[ctx, 1], ...Array.from({ length: cfg.negatives }, () => [negative, 0])] as [number, number][]) {
          const [v, u] = [Win[center]!, Wout[word]!];
          const slope = sigmoid(v.reduce((sum, x, d) => sum + x * u[d]!, 0)) - label;
          for (const d of v.keys()) {
            nextWin[center]![d]! -= rate * slope * u[d]!;
            nextWout[word]![d]! -= rate * slope * v[d]!;
          }
        }
      }
      [Win, Wout] = [nextWin, nextWout];
    }
  }
  return Win;
}
