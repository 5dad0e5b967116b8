import { common, expect, onDrawn, performance, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, T time, H heads, K width of one head. A cache has a row per position and a column per pair.
const STYLES = ['interleaved', 'half'] as const;
type Style = (typeof STYLES)[number];

test('both styles match Meta and Hugging Face', { points: 3, zh: '两种风格分别与 Meta 和 Hugging Face 一致', gate: true }, async ({
  learner,
  golden,
  random,
}) => {
  for (const style of STYLES)
    await onDrawn(
      { B: 2, T: 3, H: 4, pairs: 3 },
      ({ B, T, H, pairs }) => {
        const { cos, sin } = cacheByLoop(2 * pairs, 9, 100);
        const places = Array.from({ length: B }, () => Array.from({ length: T }, () => random.integer(0, 9)));
        return [random.normal([B, T, H, 2 * pairs]), cos, sin, ints(places), style]; // numbers that nobody can have stored
      },
      async (x, cos, sin, pos, style) =>
        expect(await learner.applyRope(x, cos, sin, pos, style)).toBeAllClose(
          turnedByLoop(x, { cos, sin }, pos.toArray() as number[][], style),
        ),
    );
  const { x, pos, cos, sin, ...expected } = await golden('rope'); // positions that jump, others in each sentence
  for (const style of STYLES) expect(await learner.applyRope(x, cos, sin, pos, style)).toBeAllClose(expected[style]);
});

test('the gradients match PyTorch', { points: 2, zh: '梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { x, pos, cos, sin, upstream, ...expected } = await golden('rope');
  for (const style of STYLES) {
    const [dx] = await learner.grad('applyRope', [x, cos, sin, pos, style], { wrt: [0], upstream });
    expect(dx).toBeAllClose(expected[`dx.${style}`]);
  }
});

test('the cache matches PyTorch', { points: 2, zh: '缓存与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { cos, sin } = await golden('rope');
  const cache = await learner.ropeCache(8, 64, 10_000);
  expect(cache.cos).toBeAllClose(cos);
  expect(cache.sin).toBeAllClose(sin);
});

test('1, 2, 3, 4 at position 1', { points: 1, zh: '位置 1 上的 1, 2, 3, 4' }, async ({ learner }) => {
  const { cos, sin } = cacheByLoop(4, 2, 10_000);
  const turned = async (style: Style) => learner.applyRope(tensor([1, 2, 3, 4], [1, 1, 1, 4]), cos, sin, ints([[1]]), style);
  expect(await turned('interleaved')).toBeAllClose(tensor([-1.14264, 1.922076, 2.959851, 4.0298], [1, 1, 1, 4]));
  expect(await turned('half')).toBeAllClose(tensor([-1.984111, 1.959901, 2.462378, 4.0198], [1, 1, 1, 4]));
});

test('position 0 turns nothing, every other one does', { points: 1, zh: '位置 0 不旋转，其他位置都旋转' }, async ({ learner, random }) => {
  const { cos, sin } = cacheByLoop(6, 4, 10_000);
  const x = random.normal([2, 3, 2, 6]);
  for (const style of STYLES) {
    expect(await learner.applyRope(x, cos, sin, ints([[0, 0, 0], [0, 0, 0]]), style)).toBeAllClose(x); // biome-ignore format: one row per sentence
    const moved = await learner.applyRope(x, cos, sin, ints([[1, 2, 3], [3, 1, 2]]), style); // biome-ignore format: one row per sentence
    for (let t = 0; t < 3; t++) expect(moved.slice([0, t, 0, 0], [2, 1, 2, 6])).not.toBeAllClose(x.slice([0, t, 0, 0], [2, 1, 2, 6]));
  }
});

test('theta and the width set the frequencies', { points: 2, zh: '频率由 theta 和宽度决定' }, async ({ learner }) => {
  for (const [K, T, theta] of [
    [2, 5, 10_000],
    [6, 9, 500],
    [16, 7, 500_000],
  ] as const) {
    const [cache, expected] = [await learner.ropeCache(K, T, theta), cacheByLoop(K, T, theta)];
    expect(cache.cos).toBeAllClose(expected.cos);
    expect(cache.sin).toBeAllClose(expected.sin);
  }
  expect((await learner.ropeCache(4, 2)).sin).toBeAllClose([
    [0, 0],
    [Math.sin(1), Math.sin(0.01)],
  ]);
});

test('late positions keep their digits', { points: 1, zh: '靠后的位置不丢精度' }, async ({ learner }) => {
  // In float32 theta^(-2i / K) times 30000 is off by up to 2e-3.
  const [cache, expected] = [await learner.ropeCache(4, 30_001, 10), cacheByLoop(4, 30_001, 10)];
  const last = (table: TensorValue) => table.slice([29_990, 0], [11, 2]);
  expect(last(cache.cos)).toBeAllClose(last(expected.cos), { rtol: 0, atol: 1e-4 });
  expect(last(cache.sin)).toBeAllClose(last(expected.sin), { rtol: 0, atol: 1e-4 });
});

test('a turn keeps the length of every pair', { points: 1, zh: '旋转不改变每一对的长度' }, async ({ learner, random }) => {
  const [K, T] = [8, 5];
  const { cos, sin } = cacheByLoop(K, 50, 100);
  const x = random.normal([1, T, 3, K]);
  for (const style of STYLES) {
    const y = await learner.applyRope(x, cos, sin, random.integers([1, T], { min: 1, max: 50 }), style);
    expect(lengths(y, style)).toBeAllClose(lengths(x, style));
    expect(y).not.toBeAllClose(x);
  }
});

test('a score depends on the distance of the positions only', { points: 2, zh: '分数只取决于位置之差' }, async ({ learner, random }) => {
  const K = 6;
  const { cos, sin } = cacheByLoop(K, 40, 50);
  const [q, k] = [random.normal([1, 1, 1, K]), random.normal([1, 1, 1, K])];
  for (const style of STYLES) {
    const score = async (m: number, n: number) => {
      const [a, b] = [await learner.applyRope(q, cos, sin, ints([[m]]), style), await learner.applyRope(k, cos, sin, ints([[n]]), style)];
      return a.values.reduce((sum: number, value: number, i: number) => sum + value * b.values[i], 0);
    };
    const near = await score(5, 2);
    expect(await score(3, 0)).toBeAllClose(near);
    expect(await score(39, 36)).toBeAllClose(near, { atol: 1e-4 });
    expect(await score(2, 5)).not.toBeAllClose(near);
    expect(await score(9, 2)).not.toBeAllClose(near);
  }
});

test('with the features in another order the styles are one', { points: 1, zh: '特征换个顺序，两种风格就是一回事' }, async ({
  learner,
  random,
}) => {
  const [K, T] = [8, 4];
  const { cos, sin } = cacheByLoop(K, 9, 10_000);
  const x = random.normal([2, T, 3, K]);
  const pos = random.integers([2, T], { min: 1, max: 9 });
  const evenThenOdd = [0, 2, 4, 6, 1, 3, 5, 7];
  const interleaved = await learner.applyRope(x, cos, sin, pos, 'interleaved');
  const half = await learner.applyRope(x.gather(evenThenOdd, 3), cos, sin, pos, 'half');
  expect(half).toBeAllClose(interleaved.gather(evenThenOdd, 3));
  expect(await learner.applyRope(x, cos, sin, pos, 'half')).not.toBeAllClose(interleaved);
});

test('one token alone turns as it does among the others', { points: 1, zh: '单独一个词元和在句子里转得一样' }, async ({
  learner,
  random,
}) => {
  const [T, K] = [5, 4];
  const { cos, sin } = cacheByLoop(K, T, 10_000);
  const x = random.normal([1, T, 2, K]);
  for (const style of STYLES) {
    const all = await learner.applyRope(x, cos, sin, ints([[0, 1, 2, 3, 4]]), style);
    for (const t of [0, 3, 4])
      expect(await learner.applyRope(x.slice([0, t, 0, 0], [1, 1, 2, K]), cos, sin, ints([[t]]), style)).toBeAllClose(
        all.slice([0, t, 0, 0], [1, 1, 2, K]),
      );
  }
});

test('an odd width is refused', { points: 1, zh: '拒绝奇数宽度' }, async ({ learner }) => {
  await expect(learner.ropeCache(5, 3)).toReject();
  await expect(learner.ropeCache(0, 3)).toReject();
});

common('applyRope', {
  inputs: ({ random, B, T }) => {
    const { cos, sin } = cacheByLoop(6, 20, 10_000);
    return [random.normal([B, T, 3, 6]), cos, sin, random.integers([B, T], { min: 1, max: 20 }), 'interleaved'];
  },
  wrt: [0],
});

test("applyRope: a batch of two and T = 1 in the 'half' style", { points: 1, zh: "applyRope：'half' 风格的两条一批和 T = 1" }, async ({
  learner,
  random,
}) => {
  const { cos, sin } = cacheByLoop(6, 20, 10_000);
  const [x, pos] = [random.normal([2, 1, 3, 6]), ints([[4], [17]])];
  const both = await learner.applyRope(x, cos, sin, pos, 'half');
  for (const b of [0, 1]) {
    const row = x.slice([b, 0, 0, 0], [1, 1, 3, 6]);
    expect(both.slice([b, 0, 0, 0], [1, 1, 3, 6])).toBeAllClose(await learner.applyRope(row, cos, sin, pos.slice([b, 0], [1, 1]), 'half'));
  }
});

performance('rope keeps up with the reference', {
  points: 2,
  zh: '旋转的速度跟得上参考实现',
  kind: 'ratio',
  atLeast: 0.7,
  of: 'reference',
  call: 'applyRope',
  inputs: (random) => {
    const { cos, sin } = cacheByLoop(64, 128, 10_000);
    return [random.normal([4, 64, 8, 64]), cos, sin, random.integers([4, 64], { min: 0, max: 128 }), random.pick([...STYLES])];
  },
});

// --- helpers: plain loops, obviously right ---

function cacheByLoop(K: number, T: number, theta: number): { cos: TensorValue; sin: TensorValue } {
  const angles = Array.from({ length: T }, (_, t) => Array.from({ length: K / 2 }, (_, i) => t * theta ** ((-2 * i) / K)));
  return { cos: tensor(angles.map((row) => row.map(Math.cos))), sin: tensor(angles.map((row) => row.map(Math.sin))) };
}

/** The length of every pair of the last axis. */
function lengths(x: TensorValue, style: Style): number[] {
  const K = x.shape.at(-1)!;
  const rows = x.reshape([-1, K]);
  const partners = (i: number): [number, number] => (style === 'half' ? [i, i + K / 2] : [2 * i, 2 * i + 1]);
  return Array.from({ length: rows.shape[0]! * (K / 2) }, (_, at) => {
    const [row, i] = [Math.floor(at / (K / 2)), at % (K / 2)];
    const [a, b] = partners(i);
    return Math.hypot(rows.at(row, a), rows.at(row, b));
  });
}

function ints(rows: number[][]): TensorValue {
  return tensor(rows, [rows.length, rows[0]!.length], 'int32');
}

/** Every pair of every head, turned by the angle of its position. */
function turnedByLoop(
  x: TensorValue,
  { cos, sin }: { cos: TensorValue; sin: TensorValue },
  pos: readonly (readonly number[])[],
  style: Style,
): TensorValue {
  const [B, T, H, K] = x.shape as [number, number, number, number];
  let out = x;
  for (let b = 0; b < B; b++)
    for (let t = 0; t < T; t++)
      for (let h = 0; h < H; h++)
        for (let i = 0; i < K / 2; i++) {
          const [one, other] = style === 'half' ? [i, i + K / 2] : [2 * i, 2 * i + 1];
          const [a, c, s] = [x.at(b, t, h, one), cos.at(pos[b]![t]!, i), sin.at(pos[b]![t]!, i)];
          out = out.set([b, t, h, one], a * c - x.at(b, t, h, other) * s);
          out = out.set([b, t, h, other], a * s + x.at(b, t, h, other) * c);
        }
  return out;
}
