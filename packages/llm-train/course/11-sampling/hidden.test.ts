import { boxed, expect, performance, type Random, rng, TensorValue, tensor, test, type Value } from '@llm-ladder/grader/suite';

// Dims: B rows, V ids.
const LN = Math.log;

test('ids come as often as their probabilities say', { points: 4, zh: 'id 出现的频率符合概率', gate: true }, async ({
  learner,
  random,
}) => {
  const [B, V] = [6000, 12];
  const row = Array.from(random.permutation(V), (place) => 0.35 * place + 0.1 * random.next());
  const seen = [random.integer(0, V), random.integer(0, V)];
  const six = { temp: 0.9, topK: 6, rep: 1.4 };
  const [a, b, c, d] = probabilities(row, { ...six, seen }).sort((x, y) => y - x);
  const topP = a! + b! + c! + d! / 2; // amid the fourth: rounding decides nothing
  for (const options of [{ temp: 1 }, { temp: 0.6 }, { temp: 2.5 }, { ...six, topP }]) {
    const given = { ...options, rng: rng(random.seed()), seen: Array.from({ length: B }, () => seen) };
    const ids: number[] = await sampled(learner, repeated(row, B), given);
    expectShares(ids, probabilities(row, { ...options, seen }));
  }
});

test('temperature 0 takes the largest, the lower id of equals', { points: 2, zh: '温度 0 取最大的，并列取小的 id' }, async ({
  learner,
  random,
}) => {
  const logits = tensor([[1, 5, 5, 2], [-3, -1, -2, -1], [7, 0, 7, 7], [0, 0, 0, 1]]); // biome-ignore format: one row a line
  for (const options of [{}, { topP: 0.5 }, { topK: 2 }])
    expect(await sampled(learner, logits, { temp: 0, ...options, rng: rng(random.seed()) })).toEqual([1, 1, 0, 3]);
  // The penalty comes first, at temperature 0 too.
  expect(await sampled(learner, logits, { temp: 0, rep: 10, seen: [[1], [], [0], [3]], rng: rng(1) })).toEqual([2, 1, 2, 3]);
});

test('top-k keeps exactly k, the lower ids of equals', { points: 2, zh: 'top-k 恰好留 k 个，并列留小的 id' }, async ({
  learner,
  random,
}) => {
  const row = [1, 2.2, 1.6, 2.2, 1, 1.6, 1.6, 0.4];
  for (const [
    topK,
    kept,
  ] of [[1, [1]], [2, [1, 3]], [3, [1, 2, 3]], [4, [1, 2, 3, 5]], [6, [0, 1, 2, 3, 5, 6]], [8, range(8)], [0, range(8)], [99, range(8)]] as const) // biome-ignore format: k and the ids that stay
    expect(await idsOf(learner, random, row, { temp: 1, topK })).toEqual([...kept]);
});

test('top-p keeps the id that crosses p, and at least one', { points: 2, zh: 'top-p 保留跨过 p 的那个，至少留一个' }, async ({
  learner,
  random,
}) => {
  const row = [LN(0.15), LN(0.5), LN(0.05), LN(0.3)];
  for (const [
    topP,
    kept,
  ] of [[0.01, [1]], [0.49, [1]], [0.51, [1, 3]], [0.79, [1, 3]], [0.81, [0, 1, 3]], [0.96, range(4)], [1, range(4)]] as const) // biome-ignore format: p and the ids that stay
    expect(await idsOf(learner, random, row, { temp: 1, topP })).toEqual([...kept]);
  expect(await idsOf(learner, random, [2, 2, 2, 2], { temp: 1, topP: 0.6 })).toEqual([0, 1, 2]); // equals: lower ids
});

test('the temperature acts before the filters, top-k before top-p', { points: 2, zh: '温度先于过滤，top-k 先于 top-p' }, async ({
  learner,
  random,
}) => {
  const row = [LN(0.4), LN(0.3), LN(0.2), LN(0.1)];
  // At temperature 0.5 the probabilities are .533 .3 .133 .033: half is reached by the first alone.
  expect(await idsOf(learner, random, row, { temp: 0.5, topP: 0.5 })).toEqual([0]);
  expect(await idsOf(learner, random, row, { temp: 1, topP: 0.5 })).toEqual([0, 1]);
  // Of two that are left the first has .571.
  expect(await idsOf(learner, random, row, { temp: 1, topK: 2, topP: 0.55 })).toEqual([0]);
  expect(await idsOf(learner, random, row, { temp: 1, topK: 3, topP: 0.55 })).toEqual([0, 1]);
});

test('the penalty divides what is positive and multiplies what is negative, once', {
  points: 2,
  zh: '惩罚对正数相除，对负数相乘，每个 id 只一次',
}, async ({ learner, random }) => {
  const B = 9000;
  const row = [1.2, -0.8, 0.4, 0];
  const seen = [0, 1, 1, 2, 1];
  const ids: number[] = await sampled(learner, repeated(row, B), {
    ...{ temp: 1, rep: 2, seen: Array.from({ length: B }, () => seen) },
    rng: rng(random.seed()),
  });
  expectShares(ids, softmax([0.6, -1.6, 0.2, 0]));
  // Each row has a past of its own.
  const two = tensor([[3, 2, 0], [3, 2, 0]]); // biome-ignore format: one row a line
  expect(await sampled(learner, two, { temp: 0, rep: 2, seen: [[0], [1]], rng: rng(1) })).toEqual([1, 0]);
});

test('each row is drawn from its own logits', { points: 1, zh: '每一行用自己的 logits' }, async ({ learner, random }) => {
  const wanted = random.permutation(7);
  const logits = tensor(wanted.map((id) => range(7).map((v) => (v === id ? 50 : 0))));
  for (const options of [{}, { topK: 3 }, { topP: 0.5 }])
    expect(await sampled(learner, logits, { temp: 1, ...options, rng: rng(random.seed()) })).toEqual(wanted);
  // A k beyond the vocabulary, where the weights, 2^40 apart, do not add up to the last bit.
  const uneven = wanted.map((id) => range(7).map((v) => (v === id ? 3 : random.uniform([1], { min: -31, max: -25 }).at(0))));
  for (let call = 0; call < 20; call++)
    expect(await sampled(learner, tensor(uneven), { temp: 1, topK: 99, rng: rng(random.seed()) })).toEqual(wanted);
});

test('the same seed gives the same ids, another seed gives others', { points: 1, zh: '种子相同结果相同，种子不同结果不同' }, async ({
  learner,
  random,
}) => {
  const [logits, seed] = [random.normal([40, 30]), random.seed()];
  const options = { temp: 1.2, topK: 20, topP: 0.95 };
  const first = await sampled(learner, logits, { ...options, rng: rng(seed) });
  expect(await sampled(learner, logits, { ...options, rng: rng(seed) })).toEqual(first);
  expect(await sampled(learner, logits, { ...options, rng: rng(seed + 1) })).not.toEqual(first);
});

test('logits of 1e4 are drawn from, ids at -Infinity never are', {
  points: 1,
  zh: 'logits 为 1e4 也能抽取，-Infinity 的 id 从不被抽中',
}, async ({ learner, random }) => {
  const row = [-Infinity, 1e4, 1e4 - 1, -Infinity, 1e4];
  for (const options of [{}, { topK: 4 }, { topP: 0.99 }])
    expect(await idsOf(learner, random, row, { temp: 1, ...options })).toEqual([1, 2, 4]);
  expect(await idsOf(learner, random, [1, 2], { temp: 1e-6 })).toEqual([1]);
  // At both ends of what an rng gives: the first and the last id are forbidden.
  const ends = tensor(range(50).map(() => [-Infinity, ...random.normal([40]).values, -Infinity]));
  for (const chance of [0, 1 - 2 ** -53])
    for (const options of [{}, { topK: 41 }, { topP: 0.99 }]) {
      const ids = await sampled(learner, ends, { temp: 1, ...options, rng: boxed('always', chance) });
      expect(ids.filter((id) => id === 0 || id === 41)).toEqual([]);
    }
});

test('options out of range and broken logits are refused', { points: 1, zh: '拒绝超出范围的选项和坏掉的 logits' }, async ({ learner }) => {
  const logits = tensor([[1, 2, 3]]);
  expect(await sampled(learner, logits, { temp: 0, rng: rng(1) })).toEqual([2]);
  for (const wrong of [{ temp: -1 }, { topP: 0 }, { topP: 1.1 }, { topK: -1 }, { topK: 1.5 }, { rep: 0 }])
    await expect(learner.sample(logits, { temp: 1, ...wrong, rng: rng(1) })).toReject();
  for (const broken of [NaN, Infinity]) await expect(learner.sample(tensor([[1, broken, 3]]), { temp: 1, rng: rng(1) })).toReject();
});

test('sampling keeps no tensors and leaves the logits as they are', {
  points: 1,
  zh: '采样不留张量，也不改动 logits',
  untrusted: true,
}, async ({ learner, random }) => {
  const logits = random.normal([3, 11]);
  let kept = 0;
  for (let call = 0; call < 6; call++) {
    await sampled(learner, logits, { temp: 0.7, topK: 5, topP: 0.9, rep: 1.3, seen: [[1], [2], [3]], rng: rng(call) });
    if (call > 1) kept += learner.stats().tensorsKept;
    expect({ changed: learner.stats().inputsChanged }).toEqual({ changed: false });
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

test('rows end where they end, and are padded while others go on', { points: 2, zh: '各行在各自的地方结束，其他行继续时补 pad' }, async ({
  learner,
}) => {
  const calls: number[][][] = [];
  const answers = await learner.generate(counting(calls), [[3], [6, 7], [1]], { temp: 0, rng: rng(1), maxNew: 20, stop: [9], pad: 0 });
  expect(answers).toEqual([[4, 5, 6, 7, 8], [8], [2, 3, 4, 5, 6, 7, 8]]);
  expect(calls[0]).toEqual([[3], [6, 7], [1]]);
  expect(calls.at(-1)).toEqual([[3, 4, 5, 6, 7, 8, 9, 0], [6, 7, 8, 9, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8]]); // biome-ignore format: one list a row
  expect(calls).toHaveLength(8); // the longest row needs eight, and nobody asks again
});

test('the id that ends a row is shown only when asked for', { points: 1, zh: '结束 id 只在要求时出现' }, async ({ learner }) => {
  const options = { temp: 0, rng: rng(1), maxNew: 20, stop: [9, 5], pad: 0 };
  expect(await learner.generate(counting(), [[3], [6]], { ...options, includeStop: true })).toEqual([[4, 5], [7, 8, 9]]); // biome-ignore format: one answer a row
  expect(await learner.generate(counting(), [[3], [6]], { ...options, includeStop: false })).toEqual([[4], [7, 8]]); // biome-ignore format: one answer a row
  // pad may be the id that ends a row.
  expect(await learner.generate(counting(), [[3], [6]], { ...options, pad: 9 })).toEqual([[4], [7, 8]]); // biome-ignore format: one answer a row
});

test('no more than maxNew ids, and none for no prompts', { points: 1, zh: '最多 maxNew 个新 id；没有提示就没有回答' }, async ({
  learner,
}) => {
  const calls: number[][][] = [];
  const options = { temp: 0, rng: rng(1), maxNew: 3, stop: [9], pad: 0 };
  expect(await learner.generate(counting(calls), [[1], [7]], options)).toEqual([[2, 3, 4], [8]]); // biome-ignore format: one answer a row
  expect(calls).toHaveLength(3);
  expect(await learner.generate(counting(calls), [], options)).toEqual([]);
  expect(await learner.generate(counting(calls), [[1]], { ...options, maxNew: 0 })).toEqual([[]]);
  expect(calls).toHaveLength(3);
});

test('generate punishes what prompt and answer hold', { points: 1, zh: 'generate 惩罚提示和回答里已有的 id' }, async ({ learner }) => {
  // The same logits at every step: without a penalty id 4 for ever.
  const step = async (rows: readonly unknown[]) => tensor(rows.map(() => [0.1, 0.2, 1.9, 1.8, 2, 1.7]));
  const options = { temp: 0, rng: rng(1), maxNew: 3, stop: [], pad: 0 };
  expect(await learner.generate(step, [[5], [2]], { ...options, rep: 5 })).toEqual([[4, 2, 3], [4, 3, 5]]); // biome-ignore format: one answer a row
  expect(await learner.generate(step, [[5], [2]], options)).toEqual([[4, 4, 4], [4, 4, 4]]); // biome-ignore format: one answer a row
});

test('generate frees the logits of every step', { points: 1, zh: 'generate 释放每一步的 logits', untrusted: true }, async ({ learner }) => {
  let kept = 0;
  for (let call = 0; call < 3; call++) {
    await learner.generate(counting(), [[1], [5]], { temp: 0, rng: rng(1), maxNew: 6, stop: [9], pad: 0 });
    kept += learner.stats().tensorsKept;
    expect({ promptsChanged: learner.stats().inputsChanged }).toEqual({ promptsChanged: false });
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

performance('a vocabulary of 49,152 ids keeps up', {
  points: 2,
  zh: '49,152 个 id 的词表跟得上',
  kind: 'ratio',
  atLeast: 0.3,
  of: 'reference',
  inputs: (random) => [random.normal([4, 49_152], { std: 3 }), random.seed()],
  run: (subject, [logits, seed]) => subject.sample(logits, { temp: 0.8, topK: 400, topP: 0.9, rng: rng(seed) }),
  check: (got: TensorValue, _expected: unknown, [logits]: [TensorValue]) => {
    expect(got).toHaveShape([4]);
    for (const [b, id] of got.values.entries()) {
      const value = logits.at(b, id);
      const larger = logits.values.subarray(b * 49_152, (b + 1) * 49_152).filter((other) => other > value).length;
      expect(larger).toBeLessThan(400);
    }
  },
});

// --- helpers: plain loops, obviously right ---

// biome-ignore lint/suspicious/noExplicitAny: a subject
type Learner = any;
type Options = { temp: number; topK?: number; topP?: number; rep?: number; seen?: readonly number[] };

/** The ids that `sample` draws: an int32 tensor [B]. */
async function sampled(learner: Learner, logits: TensorValue, options: { readonly [name: string]: Value }): Promise<number[]> {
  const ids: TensorValue = await learner.sample(logits, options);
  expect(ids).toHaveShape([logits.shape[0]!]);
  expect(ids.dtype).toBe('int32');
  return Array.from(ids.values);
}

/** The next id is one more than the last of its row. */
function counting(calls: number[][][] = []) {
  return async (rows: readonly (readonly number[])[]): Promise<TensorValue> => {
    calls.push(rows.map((row) => [...row]));
    return tensor(rows.map((row) => range(12).map((v) => (v === row.at(-1)! + 1 ? 3 : 0))));
  };
}

/** Every id that 800 draws give: no id that may come has less than 3 %, so one is missed with a chance below 1e-10. */
async function idsOf(learner: Learner, random: Random, row: readonly number[], options: Options): Promise<number[]> {
  const ids: number[] = await sampled(learner, repeated(row, 800), { ...options, rng: rng(random.seed()) });
  return [...new Set(ids)].sort((a, b) => a - b);
}

function repeated(row: readonly number[], B: number): TensorValue {
  const values = new Float32Array(B * row.length);
  for (let b = 0; b < B; b++) values.set(row, b * row.length);
  return new TensorValue('float32', [B, row.length], values);
}

/** Penalty, temperature, top-k, top-p, one after the other, on a list of [id, logit] that is sorted. */
function probabilities(row: readonly number[], { temp, topK = row.length, topP = 1, rep = 1, seen = [] }: Options): number[] {
  const logits = row.map((x, id) => (seen.includes(id) ? (x > 0 ? x / rep : x * rep) : x) / temp);
  const order = range(row.length).sort((a, b) => logits[b]! - logits[a]! || a - b);
  let kept = order.slice(0, topK);
  const first = softmax(kept.map((id) => logits[id]!));
  let sum = 0;
  kept = kept.filter((_, i) => {
    const before = sum;
    sum += first[i]!;
    return before < topP;
  });
  const last = softmax(kept.map((id) => logits[id]!));
  return row.map((_, id) => (kept.includes(id) ? last[kept.indexOf(id)]! : 0));
}

/** Pearson's chi-square within 6 sigma (Wilson and Hilferty 1931); ids of probability 0 never come. */
function expectShares(ids: readonly number[], shares: readonly number[]): void {
  const count = (id: number) => ids.filter((other) => other === id).length;
  expect(ids.every((id) => shares[id]! > 0)).toBe(true);
  // Rare ids share a bin: the square of a bin with few draws is no chi-square.
  const falling = range(shares.length).sort((a, b) => shares[b]! - shares[a]!);
  const bins = falling.filter((id) => ids.length * shares[id]! >= 40).map((id) => [id]);
  const rare = falling.slice(bins.length);
  if (ids.length * rare.reduce((sum, id) => sum + shares[id]!, 0) >= 40) bins.push(rare);
  else bins.at(-1)!.push(...rare);
  const square = bins.reduce((sum, bin) => {
    const expected = ids.length * bin.reduce((part, id) => part + shares[id]!, 0);
    return sum + (bin.reduce((part, id) => part + count(id), 0) - expected) ** 2 / expected;
  }, 0);
  const freedom = bins.length - 1;
  if (freedom === 0) return; // one id, and it came every time
  const limit = freedom * (1 - 2 / (9 * freedom) + 6 * Math.sqrt(2 / (9 * freedom))) ** 3;
  expect({ chiSquare: square.toFixed(1), limit: limit.toFixed(1), within: square <= limit }).toMatchObject({ within: true });
}

function softmax(logits: readonly number[]): number[] {
  const exps = logits.map((x) => Math.exp(x - Math.max(...logits)));
  const total = exps.reduce((sum, x) => sum + x, 0);
  return exps.map((x) => x / total);
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
