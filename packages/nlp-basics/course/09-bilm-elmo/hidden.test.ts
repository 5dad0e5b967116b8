import { common, expect, type Random, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, T time, V vocabulary, D width of a vector and of each direction's state, L LSTM layers.
const [V, D, L] = [9, 4, 2];

test('all layers match PyTorch, for rows of unequal length', {
  points: 3,
  zh: '各层与 PyTorch 一致，各行长短不一',
  gate: true,
}, async ({ learner, reference, golden, random }) => {
  const { ids, mask, layers, ...rest } = await golden('bilm');
  expect(await learner.bilmLayers(ids, mask, weightsOf(rest))).toBeAllClose(layers);
  const drawn = [words(random, [3, 5]), maskOf([3, 5, 2], 5), randomWeights(random)]; // numbers that nobody can have stored
  expect(await learner.bilmLayers(...drawn)).toBeAllClose(await reference.bilmLayers(...drawn));
});

test('the scores of the next and of the previous word match PyTorch', { points: 2, zh: '后一个词和前一个词的分数与 PyTorch 一致' }, async ({
  learner,
  golden,
}) => {
  const { ids, mask, next, previous, ...rest } = await golden('bilm');
  const got = await learner.bilmLogits(ids, mask, weightsOf(rest));
  const here = (x: TensorValue) => x.map((value, at) => (mask.values[Math.floor(at / V)] === 1 ? value : 0)); // padding is nobody's business
  expect(here(got.next)).toBeAllClose(here(next));
  expect(here(got.previous)).toBeAllClose(here(previous));
});

test('the loss and its gradients match PyTorch', { points: 3, zh: '损失和梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { ids, mask, loss, dembed, dhead, dbias, ...rest } = await golden('bilm');
  const args = [ids, mask, weightsOf(rest)];
  expect(await learner.bilmLoss(...args)).toBeAllClose(loss);
  const gradients = await learner.grad('bilmLoss', args, { wrt: ['2.embed', '2.head', '2.bias'] });
  for (const [at, expected] of [dembed, dhead, dbias].entries()) expect(gradients[at]).toBeAllClose(expected);
});

test('each row is reversed by its own length', { points: 2, zh: '每一行按自己的长度反转' }, async ({ learner, random }) => {
  const [lengths, T] = [[4, 6, 1, 5], 6];
  const x = random.normal([lengths.length, T, D]);
  const reversed = await learner.reverseRows(x, maskOf(lengths, T));
  for (const [row, n] of lengths.entries()) {
    const from = Array.from({ length: T }, (_, t) => (t < n ? n - 1 - t : t));
    expect(reversed.slice([row, 0, 0], [1, T, D])).toBeAllClose(x.slice([row, 0, 0], [1, T, D]).gather(from, 1));
  }
});

test('a later word never changes an earlier forward state', { points: 2, zh: '后面的词不会改变前面的正向状态' }, async ({
  learner,
  random,
}) => {
  const { before, after, at } = await changeOneWord(learner, random);
  for (let level = 0; level <= L; level++) {
    for (let t = 0; t < 6; t++) {
      const [old, now] = [half(before, level, t, 0), half(after, level, t, 0)];
      if (t < at || (level === 0 && t > at)) expect(now).toBeAllClose(old, { rtol: 0, atol: 1e-6 });
      else expect(now).not.toBeAllClose(old, { rtol: 0, atol: 1e-6 });
    }
  }
});

test('an earlier word never changes a later backward state', { points: 2, zh: '前面的词不会改变后面的反向状态' }, async ({
  learner,
  random,
}) => {
  const { before, after, at } = await changeOneWord(learner, random);
  for (let level = 0; level <= L; level++) {
    for (let t = 0; t < 6; t++) {
      const [old, now] = [half(before, level, t, 1), half(after, level, t, 1)];
      if (t > at || (level === 0 && t < at)) expect(now).toBeAllClose(old, { rtol: 0, atol: 1e-6 });
      else expect(now).not.toBeAllClose(old, { rtol: 0, atol: 1e-6 });
    }
  }
});

test('more padding and other ids in it change nothing, and the padding is 0', {
  points: 2,
  zh: '多些填充、填充里换别的 id 都没有影响，填充处为 0',
}, async ({ learner, random }) => {
  const [w, lengths] = [randomWeights(random), [4, 3]];
  const short = words(random, [2, 4]);
  const long = sideBySide(short, words(random, [2, 3]));
  const before = await learner.bilmLayers(short, maskOf(lengths, 4), w);
  const after = await learner.bilmLayers(long, maskOf(lengths, 7), w);
  expect(after.slice([0, 0, 0, 0], [L + 1, 2, 4, 2 * D])).toBeAllClose(before);
  const padding = after.slice([0, 1, 3, 0], [L + 1, 1, 4, 2 * D]);
  expect(padding).toBeAllClose(padding.map(() => 0));
  expect(await learner.bilmLoss(long, maskOf(lengths, 7), w)).toBeAllClose(await learner.bilmLoss(short, maskOf(lengths, 4), w));
});

test('the same word in two sentences has one embedding and two contextual vectors', {
  points: 1,
  zh: '同一个词在两个句子里：词嵌入相同，上下文向量不同',
}, async ({ learner, random }) => {
  const w = randomWeights(random);
  const ids = tensor(Int32Array.from([3, 5, 4, 7, 5, 8]), [2, 3], 'int32'); // word 5 in the middle of both
  const layers = await learner.bilmLayers(ids, maskOf([3, 3], 3), w);
  const vector = (level: number, row: number) => layers.slice([level, row, 1, 0], [1, 1, 1, 2 * D]);
  expect(vector(0, 0)).toBeAllClose(vector(0, 1));
  for (let level = 1; level <= L; level++) expect(vector(level, 0)).not.toBeAllClose(vector(level, 1));
});

test('every pair of neighbours counts the same, and nothing else counts', { points: 2, zh: '每对相邻的词权重相同，别的都不算' }, async ({
  learner,
  random,
}) => {
  // With a head of zeros the guess is the softmax of the bias, for every place and both directions.
  const w = { ...randomWeights(random), head: tensor(new Float32Array(D * V), [D, V]), bias: random.normal([V]) };
  const total = Math.log(Array.from(w.bias.values).reduce((sum, x) => sum + Math.exp(x), 0));
  const cost = (word: number) => total - w.bias.at(word);
  const fourPairs = [[3, 5, 8, 4], [6, 7], [8]]; // biome-ignore format: one line
  for (const rows of [fourPairs, [[8], [6, 7]]]) {
    const asked = rows.flatMap((row) => [...row.slice(1), ...row.slice(0, -1)]); // the right words of the pairs, then the left ones
    const ids = tensor(Int32Array.from(rows.flatMap((row) => [0, 1, 2, 3, 4].map((t) => row[t] ?? 1))), [rows.length, 5], 'int32');
    const lengths = rows.map((row) => row.length);
    const loss = await learner.bilmLoss(ids, maskOf(lengths, 5), w);
    expect(loss).toBeAllClose(asked.reduce((sum, word) => sum + cost(word), 0) / asked.length);
  }
});

test('rows of one word have a loss of 0', { points: 1, zh: '只有一个词的行损失为 0' }, async ({ learner, random }) => {
  const ids = words(random, [2, 3]);
  expect(await learner.bilmLoss(ids, maskOf([1, 1], 3), randomWeights(random))).toBeAllClose(0);
});

test('the weights of the mix are a softmax, times gamma', { points: 2, zh: '混合的权重是 softmax，再乘 gamma' }, async ({
  learner,
  random,
}) => {
  const [layers, s, gamma] = [random.normal([3, 2, 5, 4]), random.normal([3]), random.uniform([], { min: 1.5, max: 3 })];
  const total = [0, 1, 2].reduce((sum, level) => sum + Math.exp(s.at(level)), 0);
  const mixed = random.normal([2, 5, 4]).map((_, at) => {
    const parts = [0, 1, 2].map((level) => (Math.exp(s.at(level)) / total) * layers.values[level * 40 + at]!);
    return gamma.at() * parts.reduce((sum, x) => sum + x, 0);
  });
  expect(await learner.scalarMix(layers, s, gamma)).toBeAllClose(mixed);
  expect(await learner.scalarMix(layers, s.map((x) => x + 3), gamma)).toBeAllClose(mixed); // biome-ignore format: one line
  const same = layers.slice([0, 0, 0, 0], [1, 2, 5, 4]).gather([0, 0, 0], 0);
  const first = same.slice([0, 0, 0, 0], [1, 2, 5, 4]).reshape([2, 5, 4]);
  expect(await learner.scalarMix(same, s, tensor(new Float32Array([1]), []))).toBeAllClose(first); // they sum to 1
});

test('reverseRows, bilmLayers and bilmLoss keep one tensor each, the result', {
  points: 1,
  zh: 'reverseRows、bilmLayers 和 bilmLoss 各只留下结果',
  untrusted: true,
}, async ({ learner, random }) => {
  const [x, mask, ids, w] = [random.normal([2, 3, D]), maskOf([2, 3], 3), words(random, [2, 3]), randomWeights(random)];
  const calls = [['reverseRows', x, mask], ['bilmLayers', ids, mask, w], ['bilmLoss', ids, mask, w]] as const; // biome-ignore format: one line
  let kept = 0;
  for (let round = 0; round < 4; round++) {
    for (const [name, ...args] of calls) {
      await learner[name](...args);
      if (round > 1) kept += learner.stats().tensorsKept;
    }
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

common('bilmLogits', {
  inputs: ({ random, B, T }) => [words(random, [B, T]), maskOf(Array(B).fill(T), T), randomWeights(random)],
  output: 'previous',
  wrt: ['2.embed', '2.bwd.0.W', '2.bwd.1.b', '2.head', '2.bias'],
});

common('scalarMix', {
  inputs: ({ random, B, T }) => [random.normal([3, B, T, 4]), random.normal([3]), random.uniform([], { min: 1, max: 2 })],
  wrt: [0, 1, 2],
  batched: false,
  noT1: true,
});

// --- helpers ---

interface Weights {
  readonly [name: string]: TensorValue | readonly { readonly W: TensorValue; readonly b: TensorValue }[];
}

/** The weights of a golden: `w.embed`, `w.fwd.0.W` and so on. */
function weightsOf(golden: { readonly [name: string]: TensorValue }): Weights {
  const stack = (side: string) => [0, 1].map((level) => ({ W: golden[`w.${side}.${level}.W`]!, b: golden[`w.${side}.${level}.b`]! }));
  return { embed: golden['w.embed']!, fwd: stack('fwd'), bwd: stack('bwd'), head: golden['w.head']!, bias: golden['w.bias']! };
}

function randomWeights(random: Random): Weights {
  const stack = () => [0, 1].map(() => ({ W: random.normal([2 * D, 4 * D]), b: random.normal([4 * D]) }));
  return { embed: random.normal([V, D]), fwd: stack(), bwd: stack(), head: random.normal([D, V]), bias: random.normal([V]) };
}

function words(random: Random, shape: readonly number[]): TensorValue {
  return random.integers(shape, { max: V });
}

function maskOf(lengths: readonly number[], T: number): TensorValue {
  return tensor(lengths.map((n) => Array.from({ length: T }, (_, t) => (t < n ? 1 : 0))));
}

/** Two rectangles of ids side by side. */
function sideBySide(left: TensorValue, right: TensorValue): TensorValue {
  const [B, S, T] = [left.shape[0]!, left.shape[1]!, right.shape[1]!];
  const at = (row: number, t: number) => (t < S ? left.at(row, t) : right.at(row, t - S));
  const joined = Array.from({ length: B * (S + T) }, (_, i) => at(Math.floor(i / (S + T)), i % (S + T)));
  return tensor(Int32Array.from(joined), [B, S + T], 'int32');
}

/** All layers of a sentence of six words, and again with another word in one place. */
// biome-ignore lint/suspicious/noExplicitAny: what a learner's function returns is unknown
async function changeOneWord(learner: any, random: Random): Promise<{ before: TensorValue; after: TensorValue; at: number }> {
  const [w, ids, at] = [randomWeights(random), words(random, [1, 6]), random.integer(1, 5)];
  const mask = maskOf([6], 6);
  const before = await learner.bilmLayers(ids, mask, w);
  const after = await learner.bilmLayers(ids.set([0, at], (ids.at(0, at) + 1) % V), mask, w);
  return { before, after, at };
}

/** The forward (0) or the backward (1) state of one layer at one place. */
function half(layers: TensorValue, level: number, t: number, side: 0 | 1): TensorValue {
  return layers.slice([level, 0, t, side * D], [1, 1, 1, D]);
}
