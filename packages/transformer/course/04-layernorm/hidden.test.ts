import { common, expect, onDrawn, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, T time, D model width. Gain g and bias b are [D].
const EPS = 1e-5;

test('matches PyTorch', { points: 2, zh: '与 PyTorch 一致', gate: true }, async ({ learner, golden, random }) => {
  await onDrawn(
    { N: 3, D: 7 },
    ({ N, D }) => [random.normal([N, D]), random.normal([D]), random.normal([D]), EPS], // numbers that nobody can have stored
    async (...drawn) => {
      expect(await learner.layerNorm(...drawn)).toBeAllClose(layerNormInFloat64(...drawn));
    },
  );
  const { x, g, b, out } = await golden('layernorm');
  expect(await learner.layerNorm(x, g, b, EPS)).toBeAllClose(out);
});

test('the gradients match PyTorch', { points: 2, zh: '梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { x, g, b, upstream, dx, dg, db } = await golden('layernorm');
  const [toX, toG, toB] = await learner.grad('layerNorm', [x, g, b, EPS], { wrt: [0, 1, 2], upstream });
  expect(toX).toBeAllClose(dx);
  expect(toG).toBeAllClose(dg);
  expect(toB).toBeAllClose(db);
});

test('1, 2, 3, 4 becomes -1.3416, -0.4472, 0.4472, 1.3416', { points: 1, zh: '1, 2, 3, 4 变成 -1.3416, -0.4472, 0.4472, 1.3416' }, async ({
  learner,
}) => {
  const [g, b] = [tensor([1, 1, 1, 1]), tensor([0, 0, 0, 0])];
  expect(await learner.layerNorm(tensor([[1, 2, 3, 4]]), g, b)).toBeAllClose([[-1.3416354, -0.4472118, 0.4472118, 1.3416354]]);
});

test('a constant row returns the bias', { points: 1, zh: '常数行返回偏置' }, async ({ learner, random }) => {
  const [g, b] = [random.normal([3]), random.normal([3])];
  const rows = [7, -2, 0].map((value) => [value, value, value]);
  // A float32 mean of three sevens may be off by 1e-6, and 1 / sqrt(eps) makes 316 times that of it.
  expect(await learner.layerNorm(tensor(rows), g, b, EPS)).toBeAllClose(
    rows.map(() => b.toArray() as number[]),
    { rtol: 0, atol: 2e-3 },
  );
});

test('eps stands inside the root', { points: 2, zh: 'eps 在根号里面' }, async ({ learner, random }) => {
  // A standard deviation of 1e-3 is a variance of 1e-6: 1 / sqrt(1.1e-5) against 1 / (1e-3 + 1e-5), a factor of 3.3.
  const x = tensor([[0.001, -0.001, 0.001, -0.001, -0.001, 0.001]]);
  const [g, b] = [random.uniform([6], { min: 1, max: 2 }), random.normal([6])];
  expect(await learner.layerNorm(x, g, b, EPS)).toBeAllClose(layerNormInFloat64(x, g, b, EPS));
});

test('eps is the one that is given', { points: 1, zh: '使用传入的 eps' }, async ({ learner }) => {
  const [g, b] = [tensor([2, 2]), tensor([1, 1])];
  expect(await learner.layerNorm(tensor([[-1, 1]]), g, b, 3)).toBeAllClose([[0, 2]]); // variance 1, root of 1 + 3
});

test('a large common offset does no harm', { points: 1, zh: '很大的公共偏移不影响结果' }, async ({ learner, random }) => {
  const steps = [-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2]; // exact in float32 at 1e4
  const x = tensor([1, 2, 3].map((scale) => random.shuffle(steps).map((step) => 1e4 + scale * step)));
  const [g, b] = [random.uniform([8], { min: 0.5, max: 1 }), random.normal([8])];
  // A float32 mean of eight such numbers is off by 2.5e-3 at worst; mean(x^2) - mean(x)^2 comes in steps of 8, where the truth is 1.9.
  expect(await learner.layerNorm(x, g, b, EPS)).toBeAllClose(layerNormInFloat64(x, g, b, EPS), { rtol: 0, atol: 5e-3 });
});

test('other tokens have no influence', { points: 1, zh: '其他词元没有影响' }, async ({ learner, random }) => {
  const [B, T, D] = [2, 3, 5];
  const [x, g, b] = [random.normal([B, T, D]), random.normal([D]), random.normal([D])];
  const row = (y: TensorValue, token: number) => y.reshape([B * T, D]).slice([token, 0], [1, D]);
  const changed = x.map((value, at) => (Math.floor(at / D) === 4 ? value * 3 - 1 + (at % D) : value)); // the second token of the second sentence
  const [before, after] = [await learner.layerNorm(x, g, b, EPS), await learner.layerNorm(changed, g, b, EPS)];
  for (const token of [0, 1, 2, 3, 5]) expect(row(after, token)).toBeAllClose(row(before, token), { rtol: 0, atol: 1e-6 });
  expect(row(after, 4)).not.toBeAllClose(row(before, 4));
});

common('layerNorm', {
  inputs: ({ random, B, T }) => [random.normal([B, T, 6], { std: 5 }), random.normal([6]), random.normal([6]), EPS],
  wrt: [0, 1, 2],
});

// --- helpers: plain loops, obviously right ---

function layerNormInFloat64(x: TensorValue, g: TensorValue, b: TensorValue, eps: number): number[][] {
  const [N, D] = x.shape as [number, number];
  return Array.from({ length: N }, (_, n) => {
    const row = Array.from({ length: D }, (_, d) => x.at(n, d));
    const mean = row.reduce((sum, value) => sum + value, 0) / D;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / D;
    return row.map((value, d) => ((value - mean) / Math.sqrt(variance + eps)) * g.at(d) + b.at(d));
  });
}
