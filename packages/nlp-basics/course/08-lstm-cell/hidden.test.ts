import { common, expect, onDrawn, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, T time, E width of the input, D width of the state.
const [E, D] = [4, 3];

test('one step matches PyTorch', { points: 3, zh: '一步与 PyTorch 一致', gate: true }, async ({ learner, golden, random }) => {
  await onDrawn(
    { B: 5, E, D },
    ({ B, E, D }) => [[B, E], [B, D], [B, D], [E + D, 4 * D], [4 * D]].map((shape) => random.normal(shape)) as Five, // biome-ignore format: one line
    async (...drawn) => {
      const [mine, expected] = [await learner.lstmStep(...drawn), stepByLoop(...drawn)]; // numbers that nobody can have stored
      expect(mine.c).toBeAllClose(expected.c);
      expect(mine.h).toBeAllClose(expected.h);
    },
  );
  const { x, h, c, W, b, h2, c2 } = await golden('step');
  const next = await learner.lstmStep(x, h, c, W, b);
  expect(next.c).toBeAllClose(c2);
  expect(next.h).toBeAllClose(h2);
});

test('the four blocks are input, forget, candidate, output', { points: 2, zh: '四块依次是输入门、遗忘门、候选、输出门' }, async ({
  learner,
  random,
}) => {
  const b = tensor(random.shuffle([0.4, 0.9, 1.4, 1.9].map((x) => x + 0.1 * random.next())));
  const c = random.uniform([1, 1], { min: 0.5, max: 1.5 });
  const [i, f, g, o] = [0, 1, 2, 3].map((block) => b.at(block)) as [number, number, number, number];
  const next = await learner.lstmStep(tensor([[3]]), tensor([[-2]]), c, tensor([[0, 0, 0, 0], [0, 0, 0, 0]]), b); // biome-ignore format: one row for x, one for h
  const memory = sigmoid(f) * c.at(0, 0) + sigmoid(i) * Math.tanh(g);
  expect(next.c).toBeAllClose([[memory]]);
  expect(next.h).toBeAllClose([[sigmoid(o) * Math.tanh(memory)]]);
});

test('a sequence of rows of unequal length matches PyTorch', { points: 3, zh: '长短不一的序列与 PyTorch 一致' }, async ({
  learner,
  golden,
}) => {
  const { x, mask, W, b, out, h, c } = await golden('sequence');
  const got = await learner.lstmSeq(x, mask, W, b);
  expect(got.out).toBeAllClose(out);
  expect(got.h).toBeAllClose(h);
  expect(got.c).toBeAllClose(c);
});

test('the gradients of a sequence match PyTorch', { points: 2, zh: '序列的梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { x, mask, W, b, upstream, dx, dW, db } = await golden('sequence');
  const gradients = await learner.grad('lstmSeq', [x, mask, W, b], { wrt: [0, 2, 3], output: 'out', upstream });
  for (const [at, expected] of [dx, dW, db].entries()) expect(gradients[at]).toBeAllClose(expected);
});

test('a sequence is one step after the other', { points: 1, zh: '序列就是一步接一步' }, async ({ learner, random }) => {
  const [B, T] = [2, 6];
  const [x, W, b] = [random.normal([B, T, E]), random.normal([E + D, 4 * D]), random.normal([4 * D])];
  const { out, h: last, c: memory } = await learner.lstmSeq(x, ones(B, T), W, b);
  let [h, c] = [zeros(B, D), zeros(B, D)];
  for (let t = 0; t < T; t++) {
    ({ h, c } = await learner.lstmStep(x.slice([0, t, 0], [B, 1, E]).reshape([B, E]), h, c, W, b));
    expect(out.slice([0, t, 0], [B, 1, D]).reshape([B, D])).toBeAllClose(h);
  }
  expect(last).toBeAllClose(h);
  expect(memory).toBeAllClose(c);
  expect(out.slice([0, 0, 0], [B, 1, D])).not.toBeAllClose(out.slice([0, 1, 0], [B, 1, D]));
});

test('where the mask is 0 the state is held, wherever that is', { points: 2, zh: '掩码为 0 的地方状态保持不变，不论在哪里' }, async ({
  learner,
  random,
}) => {
  const [x, W, b] = [random.normal([1, 6, E]), random.normal([E + D, 4 * D]), random.normal([4 * D])];
  const gaps = await learner.lstmSeq(x, tensor([[0, 1, 0, 0, 1, 0]]), W, b);
  const dense = await learner.lstmSeq(x.gather([1, 4], 1), ones(1, 2), W, b);
  const first = dense.out.slice([0, 0, 0], [1, 1, D]);
  const second = dense.out.slice([0, 1, 0], [1, 1, D]);
  const at = (t: number): TensorValue => gaps.out.slice([0, t, 0], [1, 1, D]);
  expect(at(0)).toBeAllClose(first.map(() => 0));
  for (const t of [1, 2, 3]) expect(at(t)).toBeAllClose(first);
  for (const t of [4, 5]) expect(at(t)).toBeAllClose(second);
  expect(gaps.h).toBeAllClose(dense.h);
  expect(gaps.c).toBeAllClose(dense.c);
});

test('what stands at the padding does not matter, a token does', { points: 1, zh: '填充处放什么没有影响，换一个词元有影响' }, async ({
  learner,
  random,
}) => {
  const [x, W, b] = [random.normal([2, 5, E]), random.normal([E + D, 4 * D]), random.normal([4 * D])];
  const mask = tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]); // biome-ignore format: one row per sentence
  const change = (t: number) => x.map((value, at) => (Math.floor(at / E) === t ? value + 2 : value)); // of the first row
  const before = await learner.lstmSeq(x, mask, W, b);
  const padded = await learner.lstmSeq(change(3), mask, W, b);
  for (const part of ['out', 'h', 'c']) expect(padded[part]).toBeAllClose(before[part]);
  const token = await learner.lstmSeq(change(2), mask, W, b);
  for (const part of ['out', 'h', 'c']) expect(token[part]).not.toBeAllClose(before[part]);
});

test('a memory is kept over fifty steps, and so is its gradient', { points: 2, zh: '记忆能保持五十步，梯度也能' }, async ({
  learner,
  random,
}) => {
  // x opens the input gate and is written; the forget gate is open at all times. After the first step x is 0.
  const [W, b] = [tensor([[40, 0, 2, 0], [0, 0, 0, 0]]), tensor([-20, 20, 0, 20])]; // biome-ignore format: one row for x, one for h
  const first = random.uniform([1], { min: 0.8, max: 1.2 }).at(0);
  const T = 50;
  const x = tensor(
    Float32Array.from({ length: T }, (_, t) => (t === 0 ? first : 0)),
    [1, T, 1],
  );
  const memory = Math.tanh(2 * first);
  const { h, c } = await learner.lstmSeq(x, ones(1, T), W, b);
  expect(c).toBeAllClose([[memory]], { rtol: 1e-3 });
  expect(h).toBeAllClose([[Math.tanh(memory)]], { rtol: 1e-3 });
  const [gradient] = await learner.grad('lstmSeq', [x, ones(1, T), W, b], { wrt: [0], output: 'h' });
  const slope = (1 - Math.tanh(memory) ** 2) * 2 * (1 - memory ** 2);
  expect(gradient.slice([0, 0, 0], [1, 1, 1])).toBeAllClose([[[slope]]], { rtol: 1e-2 });
});

test('gradients through fifty steps are finite', { points: 1, zh: '穿过五十步的梯度有限' }, async ({ learner, random }) => {
  const [x, W, b] = [random.normal([2, 50, E], { std: 3 }), random.normal([E + D, 4 * D], { std: 3 }), random.normal([4 * D])];
  for (const gradient of await learner.grad('lstmSeq', [x, ones(2, 50), W, b], { wrt: [0, 2, 3], output: 'h' })) {
    expect(gradient).toBeFinite();
    expect(gradient).toBeNonZero();
  }
});

common('lstmStep', {
  inputs: ({ random, B }) => [random.normal([B, E]), random.normal([B, D]), random.normal([B, D]), random.normal([E + D, 4 * D]), random.normal([4 * D])], // biome-ignore format: five arguments
  output: 'h',
  wrt: [0, 1, 2, 3, 4],
  noT1: true,
});

common('lstmSeq', {
  inputs: ({ random, B, T }) => [random.normal([B, T, E]), ones(B, T), random.normal([E + D, 4 * D]), random.normal([4 * D])],
  output: 'out',
  wrt: [0, 2, 3],
});

// --- helpers ---

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function ones(rows: number, columns: number): TensorValue {
  return tensor(new Float32Array(rows * columns).fill(1), [rows, columns]);
}

function zeros(rows: number, columns: number): TensorValue {
  return tensor(new Float32Array(rows * columns), [rows, columns]);
}

type Five = [TensorValue, TensorValue, TensorValue, TensorValue, TensorValue];

/** One step, number by number. */
function stepByLoop(x: TensorValue, h: TensorValue, c: TensorValue, W: TensorValue, b: TensorValue): { h: number[][]; c: number[][] } {
  const [E, D] = [x.shape[1]!, h.shape[1]!];
  const next: { h: number[][]; c: number[][] } = { h: [], c: [] };
  for (let row = 0; row < x.shape[0]!; row++) {
    const gate = (block: number, d: number): number => {
      let sum = b.at(block * D + d);
      for (let e = 0; e < E; e++) sum += x.at(row, e) * W.at(e, block * D + d);
      for (let other = 0; other < D; other++) sum += h.at(row, other) * W.at(E + other, block * D + d);
      return sum;
    };
    const memory = Array.from({ length: D }, (_, d) => sigmoid(gate(1, d)) * c.at(row, d) + sigmoid(gate(0, d)) * Math.tanh(gate(2, d)));
    next.c.push(memory);
    next.h.push(memory.map((m, d) => sigmoid(gate(3, d)) * Math.tanh(m)));
  }
  return next;
}
