import { common, expect, onDrawn, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, T time, D model width. The gain g is [D].
const EPS = 1e-5;

test('matches Hugging Face', { points: 2, zh: '与 Hugging Face 一致', gate: true }, async ({ learner, golden, random }) => {
  await onDrawn(
    { B: 5, D: 7 },
    ({ B, D }) => [random.normal([B, D], { std: 3 }), random.normal([D]), EPS], // numbers that nobody can have stored
    async (x, g, eps) => expect(await learner.rmsNorm(x, g, eps)).toBeAllClose(rmsNormInFloat64(x, g, eps)),
  );
  const { x, g, out } = await golden('rmsnorm');
  expect(await learner.rmsNorm(x, g, EPS)).toBeAllClose(out);
});

test('the gradients match Hugging Face', { points: 2, zh: '梯度与 Hugging Face 一致' }, async ({ learner, golden }) => {
  const { x, g, upstream, dx, dg } = await golden('rmsnorm');
  const [toX, toG] = await learner.grad('rmsNorm', [x, g, EPS], { wrt: [0, 1], upstream });
  expect(toX).toBeAllClose(dx);
  expect(toG).toBeAllClose(dg);
});

test('1, 2, 3, 4 becomes 0.3651, 0.7303, 1.0954, 1.4606', { points: 1, zh: '1, 2, 3, 4 变成 0.3651, 0.7303, 1.0954, 1.4606' }, async ({
  learner,
}) => {
  const expected = [[0.365148, 0.730296, 1.095444, 1.460593]];
  expect(await learner.rmsNorm(tensor([[1, 2, 3, 4]]), tensor([1, 1, 1, 1]))).toBeAllClose(expected);
});

test('eps stands inside the root', { points: 2, zh: 'eps 在根号里面' }, async ({ learner, random }) => {
  // A root mean square of 1e-3 is a mean square of 1e-6: 1 / sqrt(1.1e-5) against 1 / (1e-3 + 1e-5), a factor of 3.3.
  const x = tensor([[0.001, -0.001, 0.001, 0.001, -0.001, 0.001]]);
  const g = random.uniform([6], { min: 1, max: 2 });
  expect(await learner.rmsNorm(x, g, EPS)).toBeAllClose(rmsNormInFloat64(x, g, EPS));
});

test('eps is the one that is given, 1e-5 unless told', { points: 1, zh: '使用传入的 eps，不给时为 1e-5' }, async ({ learner }) => {
  const g = tensor([2, 2]);
  expect(await learner.rmsNorm(tensor([[-1, 1]]), g, 3)).toBeAllClose([[-1, 1]]); // mean square 1, root of 1 + 3
  const small = tensor([[0.002, -0.002]]); // mean square 4e-6
  expect(await learner.rmsNorm(small, g)).toBeAllClose(rmsNormInFloat64(small, g, 1e-5));
});

test('a row of zeros stays zero', { points: 1, zh: '全零的行仍为零' }, async ({ learner, random }) => {
  const out = await learner.rmsNorm(tensor([0, 0, 0, 0, 0, 0], [2, 3]), random.normal([3]));
  expect(out).toBeAllClose([
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('longer rows give the same output, shifted rows do not', { points: 2, zh: '整行放大输出不变，整行平移输出改变' }, async ({
  learner,
  random,
}) => {
  const [x, g] = [random.normal([3, 5]), random.uniform([5], { min: 1, max: 2 })];
  const scaled = (factor: number) => x.map((value) => value * factor);
  const before = await learner.rmsNorm(x, g, 1e-12);
  for (const factor of [0.1, 30, 1e4]) expect(await learner.rmsNorm(scaled(factor), g, 1e-12)).toBeAllClose(before);
  expect(await learner.rmsNorm(scaled(-2), g, 1e-12)).toBeAllClose(before.map((value: number) => -value));
  const shifted = x.map((value) => value + 5);
  const after = await learner.rmsNorm(shifted, g, 1e-12);
  expect(after).not.toBeAllClose(before);
  expect(after).toBeAllClose(rmsNormInFloat64(shifted, g, 1e-12));
});

test('other tokens have no influence', { points: 1, zh: '其他词元没有影响' }, async ({ learner, random }) => {
  const [B, T, D] = [2, 3, 5];
  const [x, g] = [random.normal([B, T, D]), random.uniform([D], { min: 1, max: 2 })];
  const row = (y: TensorValue, token: number) => y.reshape([B * T, D]).slice([token, 0], [1, D]);
  const changed = x.map((value, at) => (Math.floor(at / D) === 4 ? value * 3 - 1 + (at % D) : value)); // the second token of the second sentence
  const [before, after] = [await learner.rmsNorm(x, g, EPS), await learner.rmsNorm(changed, g, EPS)];
  for (const token of [0, 1, 2, 3, 5]) expect(row(after, token)).toBeAllClose(row(before, token), { rtol: 0, atol: 1e-6 });
  expect(row(after, 4)).not.toBeAllClose(row(before, 4));
});

common('rmsNorm', {
  inputs: ({ random, B, T }) => [random.normal([B, T, 6], { std: 5 }), random.normal([6]), EPS],
  wrt: [0, 1],
});

// --- helpers: plain loops, obviously right ---

function rmsNormInFloat64(x: TensorValue, g: TensorValue, eps: number): number[][] {
  const [N, D] = x.shape as [number, number];
  return Array.from({ length: N }, (_, n) => {
    const row = Array.from({ length: D }, (_, d) => x.at(n, d));
    const meanSquare = row.reduce((sum, value) => sum + value ** 2, 0) / D;
    return row.map((value, d) => (value / Math.sqrt(meanSquare + eps)) * g.at(d));
  });
}
