import { expect, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: T positions, D model width.

test('equals the formula, feature by feature', { points: 2, zh: '每个特征都与公式一致', gate: true }, async ({ learner, random }) => {
  for (const [T, D] of [
    [5, 2],
    [7, 10],
    [12, 4],
    [3, 16],
    [random.integer(13, 40), 2 * random.integer(9, 20)],
  ] as const) {
    expect(await learner.sinusoidal(T, D)).toBeAllClose(byFormula(T, D, 10000));
  }
});

test('position 3 of width 4 is the worked number', { points: 1, zh: '宽度 4、位置 3 就是例题里的数' }, async ({ learner }) => {
  const table = await learner.sinusoidal(4, 4);
  expect(table.slice([3, 0], [1, 4])).toBeAllClose([[0.1411, -0.99, 0.03, 0.9996]], { atol: 1e-4 });
});

test('position 0 has sines of 0 and cosines of 1', { points: 1, zh: '位置 0 的正弦为 0、余弦为 1' }, async ({ learner }) => {
  const table = await learner.sinusoidal(3, 6);
  expect(table.slice([0, 0], [1, 6])).toBeAllClose([[0, 1, 0, 1, 0, 1]], { atol: 1e-6 });
  expect(table.slice([1, 0], [1, 6])).not.toBeAllClose([[0, 1, 0, 1, 0, 1]]);
});

test('another base gives other speeds', { points: 1, zh: '换一个底数，速度随之改变' }, async ({ learner, random }) => {
  const base = random.integer(20, 2000);
  const table = await learner.sinusoidal(9, 6, base);
  expect(table).toBeAllClose(byFormula(9, 6, base));
});

test('the product of two positions depends on their distance alone', { points: 2, zh: '两个位置的点积只取决于距离' }, async ({
  learner,
  random,
}) => {
  const [T, D] = [40, 2 * random.integer(3, 9)];
  const table: TensorValue = await learner.sinusoidal(T, D);
  const dot = (p: number, q: number) => Array.from({ length: D }, (_, c) => table.at(p, c) * table.at(q, c)).reduce((a, b) => a + b, 0);
  for (const k of [1, 2, 5, 11]) {
    for (let p = 1; p + k < T; p++) expect(tensor(dot(p, p + k))).toBeAllClose(dot(0, k), { atol: 1e-4 });
  }
  expect(tensor(dot(0, 1))).not.toBeAllClose(dot(0, 5), { atol: 1e-2 }); // and it does depend on it
});

test('a longer table starts with the shorter one', { points: 1, zh: '更长的表以更短的表开头' }, async ({ learner, random }) => {
  const T = random.integer(4, 12);
  const [short, long] = [await learner.sinusoidal(T, 8), await learner.sinusoidal(2 * T, 8)];
  expect(long).toHaveShape([2 * T, 8]);
  expect(long.slice([0, 0], [T, 8])).toBeAllClose(short, { atol: 1e-6 });
  expect(long.slice([T, 0], [T, 8])).not.toBeAllClose(short);
});

test('an odd width is refused', { points: 2, zh: '拒绝奇数宽度' }, async ({ learner }) => {
  for (const D of [1, 5, 7]) await expect(learner.sinusoidal(4, D)).toReject();
});

test('a length or width that counts nothing is refused', { points: 1, zh: '拒绝不能计数的长度或宽度' }, async ({ learner }) => {
  for (const T of [0, -3, 2.5]) await expect(learner.sinusoidal(T, 4)).toReject();
  for (const D of [0, -4]) await expect(learner.sinusoidal(3, D)).toReject();
});

test('one position is a table too', { points: 1, zh: '只有一个位置也是一张表' }, async ({ learner }) => {
  expect(await learner.sinusoidal(1, 4)).toBeAllClose([[0, 1, 0, 1]]);
});

test('keeps one tensor, the table', { points: 1, zh: '只留下一个张量，就是这张表', untrusted: true }, async ({ learner }) => {
  let kept = 0;
  for (let call = 0; call < 10; call++) {
    await learner.sinusoidal(5, 6);
    if (call > 1) kept += learner.stats().tensorsKept;
  }
  expect({ tensorsKeptBesidesTheTable: kept }).toEqual({ tensorsKeptBesidesTheTable: 0 });
});

// --- helpers: plain loops, obviously right ---

function byFormula(T: number, D: number, base: number): TensorValue {
  const values = new Float32Array(T * D);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < D / 2; i++) {
      const angle = t / base ** ((2 * i) / D);
      values[t * D + 2 * i] = Math.sin(angle);
      values[t * D + 2 * i + 1] = Math.cos(angle);
    }
  }
  return tensor(values, [T, D]);
}
