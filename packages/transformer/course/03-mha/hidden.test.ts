import { common, expect, onDrawn, performance, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, Tq queries, Tk keys, D model width, H heads, K width of one head (D = H * K). Weights are [in, out].
const HIDDEN = -1e9;
type Weights = { Wq: TensorValue; Wk: TensorValue; Wv: TensorValue; Wo: TensorValue };

test('matches PyTorch', { points: 2, zh: '与 PyTorch 一致', gate: true }, async ({ learner, golden, random }) => {
  await onDrawn(
    { B: 2, Tq: 4, Tk: 5, H: 3, K: 2 },
    ({ B, Tq, Tk, H, K }) => [random.normal([B, Tq, H * K]), random.normal([B, Tk, H * K]), randomWeights(random, H * K), H], // numbers that nobody can have stored
    async (...drawn) => {
      expect(await learner.mha(...drawn)).toBeAllClose(mhaByLoop(...drawn));
    },
  );
  const { xq, xkv, Wq, Wk, Wv, Wo, out } = await golden('mha'); // 4 queries, 5 keys, 3 heads
  expect(await learner.mha(xq, xkv, { Wq, Wk, Wv, Wo }, 3)).toBeAllClose(out);
});

test('matches PyTorch with padded keys', { points: 2, zh: '键有填充时与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { xq, xkv, Wq, Wk, Wv, Wo, mask, out } = await golden('mha-padded');
  expect(await learner.mha(xq, xkv, { Wq, Wk, Wv, Wo }, 3, mask)).toBeAllClose(out);
});

test('one head is plain attention between two projections', { points: 1, zh: '一个头就是两次投影之间的普通注意力' }, async ({
  learner,
  random,
}) => {
  const [D, weights] = [4, randomWeights(random, 4)];
  const [xq, xkv] = [random.normal([1, 3, D]), random.normal([1, 5, D])];
  expect(await learner.mha(xq, xkv, weights, 1)).toBeAllClose(mhaByLoop(xq, xkv, weights, 1));
});

test('each head works on its own slice of the columns', { points: 2, zh: '每个头只用属于自己的那几列' }, async ({ learner, random }) => {
  for (const [Tq, Tk, H, K] of [
    [2, 3, 4, 3],
    [5, 2, 2, 3], // more queries than keys
  ] as const) {
    const weights = randomWeights(random, H * K);
    const [xq, xkv] = [random.normal([2, Tq, H * K]), random.normal([2, Tk, H * K])];
    expect(await learner.mha(xq, xkv, weights, H)).toBeAllClose(mhaByLoop(xq, xkv, weights, H));
  }
});

test('heads in another order give the same output', { points: 1, zh: '头换个顺序，输出不变' }, async ({ learner, random }) => {
  const [H, K] = [3, 2];
  const { Wq, Wk, Wv, Wo } = randomWeights(random, H * K);
  const [xq, xkv] = [random.normal([2, 4, H * K]), random.normal([2, 5, H * K])];
  const before = await learner.mha(xq, xkv, { Wq, Wk, Wv, Wo }, H);
  const inOrder = (columns: number[]) =>
    learner.mha(xq, xkv, { Wq: Wq.gather(columns, 1), Wk: Wk.gather(columns, 1), Wv: Wv.gather(columns, 1), Wo: Wo.gather(columns, 0) }, H);
  expect(await inOrder([4, 5, 0, 1, 2, 3])).toBeAllClose(before); // whole heads of two columns each
  expect(await inOrder([1, 2, 3, 4, 5, 0])).not.toBeAllClose(before); // columns of different heads mixed
});

test('a padded key has no influence, a real one does', { points: 1, zh: '填充的键没有影响，真实的键有' }, async ({ learner, random }) => {
  const [B, Tk, D, H] = [3, 5, 6, 2];
  const weights = randomWeights(random, D);
  const [xq, xkv] = [random.normal([B, 4, D]), random.normal([B, Tk, D])];
  const mask = tensor([2, 5, 4].map((len) => [[Array.from({ length: Tk }, (_, j) => (j < len ? 0 : HIDDEN))]])); // [B, 1, 1, Tk]
  const withToken = (b: number, t: number) => xkv.map((x, at) => (Math.floor(at / D) === b * Tk + t ? x + 2 : x));
  const before = await learner.mha(xq, xkv, weights, H, mask);
  expect(await learner.mha(xq, withToken(0, 2), weights, H, mask)).toBeAllClose(before, { rtol: 0, atol: 1e-6 });
  expect(await learner.mha(xq, withToken(2, 4), weights, H, mask)).toBeAllClose(before, { rtol: 0, atol: 1e-6 });
  expect(await learner.mha(xq, withToken(1, 4), weights, H, mask)).not.toBeAllClose(before);
});

test('H must divide D', { points: 1, zh: 'H 必须整除 D' }, async ({ learner, random }) => {
  const [x, weights] = [random.normal([2, 3, 10]), randomWeights(random, 10)];
  for (const H of [3, 0, -2, 2.5]) await expect(learner.mha(x, x, weights, H)).toReject(); // 10 / 2.5 is whole, but 2.5 heads are not
});

common('mha', {
  inputs: ({ random, B, T }) => [random.normal([B, T, 6]), random.normal([B, T + 2, 6]), randomWeights(random, 6), 2],
  wrt: [0, 1, '2.Wq', '2.Wk', '2.Wv', '2.Wo'],
});

performance('many heads keep up with the reference', {
  points: 2,
  zh: '多头的速度跟得上参考实现',
  kind: 'ratio',
  atLeast: 0.7,
  of: 'reference',
  call: 'mha',
  inputs: (random) => [random.normal([4, 32, 128]), random.normal([4, 32, 128]), randomWeights(random, 128), 16],
  close: { rtol: 1e-3, atol: 1e-4 },
});

performance('six matrix products are enough', {
  points: 1,
  zh: '六次矩阵乘法就够了',
  kind: 'kernels',
  atMost: { BatchMatMul: 6 },
  call: 'mha',
  inputs: (random) => [random.normal([2, 5, 12]), random.normal([2, 5, 12]), randomWeights(random, 12), 3],
});

// --- helpers: plain loops, obviously right ---

function randomWeights(random: { normal(shape: number[], options: { std: number }): TensorValue }, D: number): Weights {
  const weight = () => random.normal([D, D], { std: 1 / Math.sqrt(D) });
  return { Wq: weight(), Wk: weight(), Wv: weight(), Wo: weight() };
}

/** Head by head, query by query: head h reads columns h*K .. (h+1)*K of Wq, Wk, Wv and the same rows of Wo. */
function mhaByLoop(xq: TensorValue, xkv: TensorValue, { Wq, Wk, Wv, Wo }: Weights, H: number): TensorValue {
  const [B, Tq, D] = xq.shape as [number, number, number];
  const Tk = xkv.shape[1]!;
  const K = D / H;
  const linear = (x: TensorValue, b: number, t: number, W: TensorValue, column: number) => sum(D, (d) => x.at(b, t, d) * W.at(d, column));
  const out = new Float32Array(B * Tq * D);
  for (const b of range(B))
    for (const h of range(H)) {
      const columns = range(K).map((c) => h * K + c);
      const q = range(Tq).map((i) => columns.map((c) => linear(xq, b, i, Wq, c)));
      const k = range(Tk).map((j) => columns.map((c) => linear(xkv, b, j, Wk, c)));
      const v = range(Tk).map((j) => columns.map((c) => linear(xkv, b, j, Wv, c)));
      for (const i of range(Tq)) {
        const e = range(Tk).map((j) => Math.exp(sum(K, (c) => q[i]![c]! * k[j]![c]!) / Math.sqrt(K)));
        const total = e.reduce((a, x) => a + x, 0);
        const head = range(K).map((c) => sum(Tk, (j) => (e[j]! / total) * v[j]![c]!));
        for (const d of range(D)) out[(b * Tq + i) * D + d]! += sum(K, (c) => head[c]! * Wo.at(columns[c]!, d));
      }
    }
  return tensor(out, [B, Tq, D]);
}

function sum(n: number, term: (i: number) => number): number {
  return range(n).reduce((total, i) => total + term(i), 0);
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
