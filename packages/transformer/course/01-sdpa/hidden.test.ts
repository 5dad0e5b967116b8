import { common, expect, onDrawn, performance, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, H heads, Tq queries, Tk keys, K width of a query, Kv width of a value.
const HIDDEN = -1e9;

test('matches PyTorch', { points: 2, zh: '与 PyTorch 一致', gate: true }, async ({ learner, reference, golden, random }) => {
  await onDrawn(
    { B: 2, H: 3, Tq: 4, Tk: 5, K: 6, Kv: 7 },
    ({ B, H, Tq, Tk, K, Kv }) => [random.normal([B, H, Tq, K]), random.normal([B, H, Tk, K]), random.normal([B, H, Tk, Kv])], // numbers that nobody can have stored
    async (...qkv) => {
      const [mine, theirs] = [await learner.attention(...qkv), await reference.attention(...qkv)];
      expect(mine.w).toBeAllClose(theirs.w);
      expect(mine.out).toBeAllClose(theirs.out);
    },
  );
  const { q, k, v, out, w } = await golden('sdpa');
  const got = await learner.attention(q, k, v);
  expect(got.w).toBeAllClose(w);
  expect(got.out).toBeAllClose(out);
});

test('matches PyTorch with a mask', { points: 2, zh: '带掩码时与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { q, k, v, mask, out, w } = await golden('sdpa-masked');
  const got = await learner.attention(q, k, v, mask);
  expect(got.w).toBeAllClose(w);
  expect(got.out).toBeAllClose(out);
});

test('the scores are divided by the root of the query width', { points: 1, zh: '分数除以查询宽度的平方根' }, async ({
  learner,
  random,
}) => {
  for (const K of [1, 4, 9]) {
    const [long, short] = [random.uniform([1], { min: 1, max: 3 }).at(0), random.uniform([1], { min: -1, max: 0.5 }).at(0)];
    const along = (x: number) => Array.from({ length: K }, (_, i) => (i === 0 ? x : 0));
    const got = await learner.attention(tensor([along(long)]), tensor([along(1), along(short)]), tensor([[1], [0]]));
    const first = 1 / (1 + Math.exp((long * short - long) / Math.sqrt(K))); // softmax of two scores
    expect(got.w).toBeAllClose([[first, 1 - first]]);
    expect(got.out).toBeAllClose([[first]]);
  }
});

test('each row of weights sums to 1', { points: 1, zh: '每一行权重之和为 1' }, async ({ learner, random }) => {
  const [q, k, v] = [random.normal([2, 3, 4]), random.normal([2, 5, 4]), random.normal([2, 5, 6])];
  const mask = tensor([0, 0, HIDDEN, 0, HIDDEN], [1, 1, 5]);
  for (const w of [(await learner.attention(q, k, v)).w, (await learner.attention(q, k, v, mask)).w]) {
    expect(w).toHaveShape([2, 3, 5]);
    expect(Math.min(...w.values)).toBeGreaterThanOrEqual(0);
    expect(sumOverKeys(w)).toBeAllClose([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  }
});

test('keys and values in another order give the same output', { points: 1, zh: '键和值一起换顺序，输出不变' }, async ({
  learner,
  random,
}) => {
  const [q, k, v] = [random.normal([2, 3, 4]), random.normal([2, 5, 4]), random.normal([2, 5, 6])];
  const order = [3, 0, 4, 1, 2];
  const before = await learner.attention(q, k, v);
  const both = await learner.attention(q, k.gather(order, 1), v.gather(order, 1));
  expect(both.out).toBeAllClose(before.out);
  expect(both.w).toBeAllClose(before.w.gather(order, 2));
  const keysOnly = await learner.attention(q, k.gather(order, 1), v);
  expect(keysOnly.out).not.toBeAllClose(before.out);
});

test('very large scores stay finite', { points: 1, zh: '极大的分数不会溢出' }, async ({ learner }) => {
  const got = await learner.attention(tensor([[100], [-100]]), tensor([[100], [-100], [99]]), tensor([[1], [2], [3]])); // scores of 1e4
  const rows = [
    [1, 0, 0],
    [0, 1, 0],
  ];
  expect(got.w).toBeAllClose(rows);
  expect(got.out).toBeAllClose([[1], [2]]);
});

test('a query that sees no key returns zeros', { points: 1, zh: '看不到任何键的查询返回零' }, async ({ learner, random }) => {
  const [q, k, v] = [random.normal([2, 2, 4]), random.normal([2, 3, 4]), random.normal([2, 3, 5])];
  const mask = tensor([0, 0, HIDDEN, HIDDEN, HIDDEN, HIDDEN], [2, 3]); // the second query sees nothing
  for (const shape of [
    [2, 3],
    [1, 2, 3],
  ]) {
    const { out, w } = await learner.attention(q, k, v, mask.reshape(shape));
    expect(out.slice([0, 1, 0], [2, 1, 5])).toBeAllClose(
      random.normal([2, 1, 5]).map(() => 0),
      { atol: 0 },
    );
    expect(w.slice([0, 1, 0], [2, 1, 3])).toBeAllClose(
      random.normal([2, 1, 3]).map(() => 0),
      { atol: 0 },
    );
    expect(out.slice([0, 0, 0], [2, 1, 5])).toBeNonZero();
  }
});

test('a hidden key has no influence, a visible one does', { points: 1, zh: '被遮住的键没有影响，看得见的有' }, async ({
  learner,
  random,
}) => {
  const [q, k, v] = [random.normal([2, 3, 4, 5]), random.normal([2, 3, 6, 5]), random.normal([2, 3, 6, 7])];
  const mask = tensor([0, 0, HIDDEN, 0, 0, 0, 0, 0, HIDDEN, 0, 0, 0], [2, 1, 1, 6]); // key 2 is hidden in both sentences
  const before = await learner.attention(q, k, v, mask);
  const other = (x: TensorValue, key: number) => {
    const [Tk, width] = x.shape.slice(-2) as [number, number];
    return x.map((value, at) => (Math.floor(at / width) % Tk === key ? value + 3 : value));
  };
  const hidden = await learner.attention(q, other(k, 2), other(v, 2), mask);
  expect(hidden.out).toBeAllClose(before.out, { rtol: 0, atol: 1e-6 });
  const visible = await learner.attention(q, other(k, 3), other(v, 3), mask);
  expect(visible.out).not.toBeAllClose(before.out);
});

test('takes any number of leading dims', { points: 1, zh: '前面可以有任意多个维度' }, async ({ learner, random }) => {
  for (const lead of [[], [3], [2, 3], [2, 1, 3]]) {
    const [q, k, v] = [random.normal([...lead, 4, 5]), random.normal([...lead, 6, 5]), random.normal([...lead, 6, 2])];
    const { out, w } = await learner.attention(q, k, v);
    expect(out).toHaveShape([...lead, 4, 2]);
    expect(w).toBeAllClose(weightsByLoop(q, k));
  }
});

common('attention', {
  inputs: ({ random, B, T }) => [random.normal([B, 3, T, 4]), random.normal([B, 3, T, 4]), random.normal([B, 3, T, 5])],
  output: 'out',
  wrt: [0, 1, 2],
});

performance('attention keeps up with the reference', {
  points: 2,
  zh: '注意力的速度跟得上参考实现',
  kind: 'ratio',
  atLeast: 0.7,
  of: 'reference',
  call: 'attention',
  inputs: (random) => [random.normal([2, 4, 96, 32]), random.normal([2, 4, 96, 32]), random.normal([2, 4, 96, 32])],
});

performance('two matrix products are enough', {
  points: 1,
  zh: '两次矩阵乘法就够了',
  kind: 'kernels',
  atMost: { BatchMatMul: 2 },
  call: 'attention',
  inputs: (random) => [random.normal([2, 3, 8, 4]), random.normal([2, 3, 8, 4]), random.normal([2, 3, 8, 4])],
});

// --- helpers: plain loops, obviously right ---

function sumOverKeys(w: TensorValue): number[][] {
  const [B, Tq, Tk] = w.shape as [number, number, number];
  return range(B).map((b) => range(Tq).map((i) => range(Tk).reduce((sum, j) => sum + w.at(b, i, j), 0)));
}

/** softmax(q k^T / sqrt(K)) one query at a time, for any leading dims. */
function weightsByLoop(q: TensorValue, k: TensorValue): TensorValue {
  const [Tq, K] = q.shape.slice(-2) as [number, number];
  const Tk = k.shape.at(-2)!;
  const weights: number[] = [];
  for (const block of range(q.size / (Tq * K))) {
    const [qs, ks] = [q.reshape([-1, Tq, K]), k.reshape([-1, Tk, K])];
    for (const i of range(Tq)) {
      const scores = range(Tk).map((j) => range(K).reduce((sum, c) => sum + qs.at(block, i, c) * ks.at(block, j, c), 0) / Math.sqrt(K));
      const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
      weights.push(...scores.map((score) => Math.exp(score) / total));
    }
  }
  return tensor(new Float32Array(weights), [...q.shape.slice(0, -1), Tk]);
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
