import { common, expect, onDrawn, rng, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, T time, D model width, F MLP width, N elements.
const PARAMETERS = ['x', 'W1', 'b1', 'W2', 'b2'] as const;

test('ffn matches PyTorch', { points: 2, zh: 'ffn 与 PyTorch 一致', gate: true }, async ({ learner, reference, golden, random }) => {
  await onDrawn(
    { B: 2, T: 5, D: 3, F: 4 },
    ({ B, T, D, F }) => [[B, T, D], [D, F], [F], [F, D], [D]].map((shape) => random.normal(shape)), // numbers that nobody can have stored
    async (...drawn) => {
      expect(await learner.ffn(...drawn, 'relu')).toBeAllClose(await reference.ffn(...drawn, 'relu'));
    },
  );
  const { x, W1, b1, W2, b2, relu } = await golden('ffn');
  expect(await learner.ffn(x, W1, b1, W2, b2, 'relu')).toBeAllClose(relu);
});

test('ffn with tanh matches PyTorch', { points: 1, zh: '用 tanh 的 ffn 与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { x, W1, b1, W2, b2, tanh } = await golden('ffn');
  expect(await learner.ffn(x, W1, b1, W2, b2, 'tanh')).toBeAllClose(tanh);
});

test('the gradients of ffn match PyTorch', { points: 1, zh: 'ffn 的梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const stored = await golden('ffn');
  const weights = PARAMETERS.map((name) => stored[name]);
  for (const act of ['relu', 'tanh']) {
    const gradients = await learner.grad('ffn', [...weights, act], { wrt: [0, 1, 2, 3, 4], upstream: stored.upstream });
    for (const [i, name] of PARAMETERS.entries()) expect(gradients[i]).toBeAllClose(stored[`${act}.d${name}`]);
  }
});

test('the activation stands between the two layers', { points: 1, zh: '激活函数在两层之间' }, async ({ learner }) => {
  const [W1, b1, W2, b2] = [tensor([[1, -1]]), tensor([1, 1]), tensor([[-2], [3]]), tensor([-1])];
  // x = 2: the wide layer is [3, -1], bent [3, 0], so -2 * 3 - 1; x = -3: [-2, 4], bent [0, 4], so 3 * 4 - 1. No act given: relu.
  expect(await learner.ffn(tensor([[2], [-3]]), W1, b1, W2, b2)).toBeAllClose([[-7], [11]]);
});

test('ffn takes any number of leading dims', { points: 1, zh: 'ffn 前面可以有任意多个维度' }, async ({ learner, random }) => {
  const [D, F] = [3, 4];
  const [W1, b1, W2, b2] = [random.normal([D, F]), random.normal([F]), random.normal([F, D]), random.normal([D])];
  for (const lead of [[2], [2, 5], [2, 1, 5]]) {
    const x = random.normal([...lead, D]);
    expect(await learner.ffn(x, W1, b1, W2, b2, 'tanh')).toBeAllClose(ffnByLoop(x, W1, b1, W2, b2));
  }
});

test('outside training dropout changes nothing', { points: 1, zh: '不在训练时，dropout 不改变任何值' }, async ({ learner, random }) => {
  const x = random.normal([4, 25]);
  expect(await learner.dropout(x, 0.5, false, rng(random.seed()))).toBeAllClose(x, { rtol: 0, atol: 0 });
  expect(await learner.dropout(x, 0.5, true, rng(random.seed()))).not.toBeAllClose(x);
});

test('p = 0 changes nothing', { points: 1, zh: 'p = 0 时不改变任何值' }, async ({ learner, random }) => {
  const x = random.normal([4, 25]);
  expect(await learner.dropout(x, 0, true, rng(random.seed()))).toBeAllClose(x, { rtol: 0, atol: 0 });
});

test('what survives is divided by 1 - p', { points: 1, zh: '留下的元素除以 1 - p' }, async ({ learner, random }) => {
  const p = random.pick([0.2, 0.3, 0.6]);
  const x = random.uniform([8, 25], { min: 1, max: 2 });
  const out: TensorValue = await learner.dropout(x, p, true, rng(random.seed()));
  expect(out).toHaveShape([8, 25]);
  expect(out).toBeAllClose(x.map((value, at) => (out.values[at] === 0 ? 0 : value / (1 - p))));
});

test('dropout keeps the mean within 2 %', { points: 1, zh: 'dropout 使均值的变化不超过 2 %' }, async ({ learner, random }) => {
  const [N, p] = [120_000, 0.5]; // the mean has a standard deviation of sqrt(p / (1 - p) / N) = 0.29 %: 2 % is 6.9 of them
  const out: TensorValue = await learner.dropout(tensor(new Float32Array(N).fill(1), [N, 1]), p, true, rng(random.seed()));
  const mean = Array.from(out.values).reduce((sum, value) => sum + value, 0) / N;
  expect(Math.abs(mean - 1)).toBeLessThan(0.02);
});

test('p is the share that is dropped', { points: 1, zh: 'p 是被丢弃的比例' }, async ({ learner, random }) => {
  const N = 20_000;
  for (const p of [0.1, 0.7]) {
    const out: TensorValue = await learner.dropout(tensor(new Float32Array(N).fill(1), [N, 1]), p, true, rng(random.seed()));
    const dropped = out.values.filter((value: number) => value === 0).length / N;
    expect(Math.abs(dropped - p)).toBeLessThan(6.5 * Math.sqrt((p * (1 - p)) / N)); // 6.5 sigma: 2 percentage points and less
  }
});

test('each element is dropped on its own', { points: 1, zh: '每个元素独立地被丢弃' }, async ({ learner, random }) => {
  const [rows, columns] = [200, 300];
  const ones = tensor(new Float32Array(rows * columns).fill(1), [rows, columns]);
  const out: TensorValue = await learner.dropout(ones, 0.5, true, rng(random.seed()));
  const zerosIn = (lines: TensorValue, line: number) =>
    lines.slice([line, 0], [1, -1]).values.filter((value: number) => value === 0).length;
  const far = (lines: TensorValue) => {
    const [count, width] = lines.shape as [number, number];
    return Array.from({ length: count }, (_, line) => Math.abs(zerosIn(lines, line) - width / 2) / Math.sqrt(width / 4)).filter(
      (z) => z > 8,
    );
  };
  expect({ rowsFarFromHalf: far(out).length, columnsFarFromHalf: far(out.transpose()).length }).toEqual({
    rowsFarFromHalf: 0,
    columnsFarFromHalf: 0,
  });
});

test('chance comes from rng alone', { points: 1, zh: '随机性只来自 rng' }, async ({ learner, random }) => {
  const x = random.uniform([10, 20], { min: 1, max: 2 });
  const [seed, other] = [random.seed(), random.seed()];
  const first = await learner.dropout(x, 0.5, true, rng(seed));
  expect(await learner.dropout(x, 0.5, true, rng(seed))).toBeAllClose(first, { rtol: 0, atol: 0 });
  expect(await learner.dropout(x, 0.5, true, rng(other))).not.toBeAllClose(first);
});

test('forty states of rng give forty masks', { points: 1, zh: 'rng 的四十个状态给出四十个掩码' }, async ({ learner, random }) => {
  const x = tensor(new Float32Array(128).fill(1), [8, 16]); // two honest masks are equal once in 2^128
  const masks = new Set<string>();
  for (let draw = 0; draw < 40; draw++) masks.add((await learner.dropout(x, 0.5, true, rng(random.seed()))).values.join());
  expect(masks.size).toBe(40);
});

test('gradients flow through the survivors only', { points: 1, zh: '梯度只流过留下的元素' }, async ({ learner, random }) => {
  const [x, upstream] = [random.uniform([6, 20], { min: 1, max: 2 }), random.normal([6, 20])];
  const [p, seed] = [0.4, random.seed()];
  const out: TensorValue = await learner.dropout(x, p, true, rng(seed));
  const [toX] = await learner.grad('dropout', [x, p, true, rng(seed)], { wrt: [0], upstream });
  expect(toX).toBeAllClose(upstream.map((value, at) => (out.values[at] === 0 ? 0 : value / (1 - p))));
});

common('ffn', {
  inputs: ({ random, B, T }) => [
    random.normal([B, T, 4]),
    random.normal([4, 7]),
    random.normal([7]),
    random.normal([7, 4]),
    random.normal([4]),
  ],
  wrt: [0, 1, 2, 3, 4],
});

common('dropout', {
  inputs: ({ random, B, T }) => [random.normal([B, T, 6]), 0.3, true, rng(random.seed())],
  points: 0,
  batched: false, // two sentences draw other numbers than one
  noT1: true,
});

// --- helpers: plain loops, obviously right ---

function ffnByLoop(x: TensorValue, W1: TensorValue, b1: TensorValue, W2: TensorValue, b2: TensorValue): TensorValue {
  const [D, F] = W1.shape as [number, number];
  const rows = x.reshape([-1, D]);
  const out: number[] = [];
  for (let n = 0; n < rows.shape[0]!; n++) {
    const bent = Array.from({ length: F }, (_, f) => Math.tanh(range(D).reduce((sum, d) => sum + rows.at(n, d) * W1.at(d, f), b1.at(f))));
    out.push(...range(D).map((d) => bent.reduce((sum, value, f) => sum + value * W2.at(f, d), b2.at(d))));
  }
  return tensor(new Float32Array(out), x.shape);
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
