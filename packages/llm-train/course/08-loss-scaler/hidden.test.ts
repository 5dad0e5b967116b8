import { boxed, expect, type Random, test } from '@llm-ladder/grader/suite';

// Dims: N numbers. A gradient is a list of Float32Arrays, one for each weight.
const fp16 = { precision: 'fp16' } as const;
const calm = { lr: 0.5, clip: Number.POSITIVE_INFINITY } as const;

test('both roundings match PyTorch, bit for bit', { points: 4, zh: '两种舍入与 PyTorch 逐位一致', gate: true }, async ({
  learner,
  golden,
  random,
}) => {
  const stored = await golden('rounding');
  const x = floats(stored.x.values);
  expect(firstOther(await learner.toBf16(x), floats(stored.bf16.values), x)).toBe('none');
  expect(firstOther(await learner.toFp16(x), floats(stored.fp16.values), x)).toBe('none');
  // Numbers that nobody can have stored: exact multiples of a step, and what lies a quarter of a step beside them.
  const whole = Float32Array.from({ length: 50 }, () => random.integer(128, 256)); // 8 bits: both formats hold them
  for (const name of ['toBf16', 'toFp16'] as const) {
    expect(firstOther(await learner[name](whole), whole, whole)).toBe('none');
    expect(firstOther(await learner[name](whole.map((n) => n + 0.001)), whole, whole)).toBe('none');
    expect(firstOther(await learner[name](whole.map((n) => -n + 0.001)), whole.map((n) => -n), whole)).toBe('none'); // biome-ignore format: one line
  }
});

test('a tie goes to the even neighbour', { points: 2, zh: '恰好一半时取偶数' }, async ({ learner }) => {
  expect([...(await learner.toBf16(Float32Array.of(257, 259, 261, -257, -259)))]).toEqual([256, 260, 260, -256, -260]);
  expect([...(await learner.toFp16(Float32Array.of(2049, 2051, 2053, -2049, -2051)))]).toEqual([2048, 2052, 2052, -2048, -2052]);
});

test('float16 has subnormals, and below them 0', { points: 1, zh: 'float16 有次正规数，再小就是 0' }, async ({ learner }) => {
  const step = 2 ** -24;
  const x = Float32Array.of(step, 2.5 * step, 3.5 * step, 0.5 * step, 0.51 * step, -0.5 * step, 1e-9);
  const got: Float32Array = await learner.toFp16(x);
  const want = Float32Array.of(step, 2 * step, 4 * step, 0, step, -0, 0);
  expect(firstOther(got, want, x)).toBe('none');
});

test('float16 overflows at 65520, bfloat16 does not', { points: 1, zh: 'float16 在 65520 溢出，bfloat16 不会' }, async ({ learner }) => {
  const x = Float32Array.of(65504, 65519, 65520, -70000, 1e30);
  expect([...(await learner.toFp16(x))]).toEqual([65504, 65504, Infinity, -Infinity, Infinity]);
  expect([...(await learner.toBf16(x))].every(Number.isFinite)).toBe(true);
  expect([...(await learner.toBf16(Float32Array.of(3.4e38, -3.4e38, 3.38e38)))].map(Number.isFinite)).toEqual([false, false, true]);
});

test('infinity and NaN stay what they are', { points: 1, zh: '无穷和 NaN 保持不变' }, async ({ learner }) => {
  const bits = new Uint32Array([0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0x7fffffff, 0xffffffff]);
  for (const name of ['toBf16', 'toFp16'] as const) {
    const out: Float32Array = await learner[name](new Float32Array(bits.buffer));
    expect([...out]).toEqual([Infinity, -Infinity, NaN, NaN, NaN, NaN]);
  }
});

test('rounding twice is rounding once, and the input stays', { points: 1, zh: '舍入两次等于一次，输入不变' }, async ({
  learner,
  random,
}) => {
  const x = new Float32Array(random.normal([40]).values);
  for (const name of ['toBf16', 'toFp16'] as const) {
    const once: Float32Array = await learner[name](x);
    expect({ unchanged: !learner.stats().inputsChanged }).toEqual({ unchanged: true });
    expect(firstOther(await learner[name](once), once, x)).toBe('none');
    expect([...once]).not.toEqual([...x]);
  }
});

test('the scaled loss gives the gradients back', { points: 2, zh: '放大的损失最终还原出原来的梯度' }, async ({ learner, random }) => {
  const scaler = await learner.Scaler({ ...fp16, initial: 1024 });
  expect(await scaler.scale(0.75)).toBe(768);
  const grads = [draw(random, 3), draw(random, 5)];
  const back: Float32Array[] = await scaler.unscale(grads.map((grad) => grad.map((x) => 1024 * x)));
  for (const [i, grad] of grads.entries()) expect(back[i]).toBeAllClose(grad, { rtol: 1e-6 });
  expect(await (await learner.Scaler(fp16)).scale(1)).toBe(65536); // unless told
});

test('a gradient too small for float16 survives, thanks to the factor', {
  points: 2,
  zh: '有了系数，float16 装不下的小梯度也能留下',
}, async ({ learner, random }) => {
  const grads = [new Float32Array([1e-8, -2e-8]), new Float32Array([3e-8 * (1 + random.next())])];
  const start = () => [new Float32Array(2), new Float32Array(1)];
  const run = async (initial: number) =>
    learner.mixedStep(start(), await learner.Scaler({ ...fp16, initial }), { ...calm, ...fp16, gradsOf: boxed('constant', grads) });
  const { master, stepped } = await run(65536);
  expect(stepped).toBe(true);
  for (const [i, grad] of grads.entries()) expect(master[i]).toBeAllClose(grad.map((x) => -0.5 * x), { rtol: 2e-3, atol: 0 }); // biome-ignore format: one line
  const without = await run(1);
  expect([...without.master[0]].map(Math.abs)).toEqual([0, 0]); // no factor, no gradient
});

test('an overflow skips the update and halves the factor', { points: 2, zh: '溢出时跳过更新，系数减半' }, async ({ learner, random }) => {
  for (const bad of [Infinity, -Infinity, NaN]) {
    const scaler = await learner.Scaler({ ...fp16, initial: 64, interval: 2 });
    const start = [draw(random, 3), draw(random, 2)];
    const grads = [new Float32Array([1, 2, 3]), new Float32Array([0.5, bad])];
    const { master, stepped } = await learner.mixedStep(start, scaler, { ...calm, ...fp16, gradsOf: boxed('constant', grads) });
    expect(stepped).toBe(false);
    for (const [i, weight] of start.entries()) expect([...master[i]]).toEqual([...weight]);
    expect(await scaler.scale(1)).toBe(32);
    expect(await scaler.step([Float32Array.of(1)], [Float32Array.of(2)])).toBe(true); // the overflow is forgotten
    // And the next good update works, at the smaller factor.
    const good = await learner.mixedStep(start, scaler, {
      ...calm,
      ...fp16,
      gradsOf: boxed('constant', [grads[0]!, grads[0]!.slice(0, 2)]),
    });
    expect(good.stepped).toBe(true);
    expect(await scaler.scale(1)).toBe(32);
  }
});

test('the factor itself may overflow: it is found by trying', { points: 1, zh: '系数本身也可能造成溢出：它是试出来的' }, async ({
  learner,
}) => {
  const scaler = await learner.Scaler({ ...fp16, initial: 2 ** 16, interval: 100 });
  const options = { ...calm, ...fp16, gradsOf: boxed('constant', [Float32Array.of(8)]) }; // 8 * 2^13 is the first to overflow
  const stepped: boolean[] = [];
  for (let i = 0; i < 6; i++) stepped.push((await learner.mixedStep([Float32Array.of(1)], scaler, options)).stepped);
  expect(stepped).toEqual([false, false, false, false, true, true]);
  expect(await scaler.scale(1)).toBe(2 ** 12);
});

test('after enough good updates in a row the factor doubles', { points: 2, zh: '连续足够多次成功更新后系数加倍' }, async ({ learner }) => {
  const scaler = await learner.Scaler({ ...fp16, initial: 16, interval: 3 });
  const factors: number[] = [];
  for (const bad of [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]) {
    await scaler.unscale([Float32Array.of(bad ? Infinity : 1)]);
    await scaler.update();
    factors.push(await scaler.scale(1));
  }
  // Two good ones count for nothing once the third overflows; then three, and three more.
  expect(factors).toEqual([16, 16, 8, 8, 8, 16, 16, 16, 32, 32]);
});

test('bfloat16 is not scaled', { points: 1, zh: 'bfloat16 不做放大' }, async ({ learner }) => {
  const scaler = await learner.Scaler({ precision: 'bf16', initial: 1024, interval: 1 });
  expect(await scaler.scale(0.75)).toBe(0.75);
  const options = { ...calm, precision: 'bf16', gradsOf: boxed('constant', [Float32Array.of(1e-20)]) } as const;
  const { master, stepped } = await learner.mixedStep([new Float32Array(1)], scaler, options);
  expect(stepped).toBe(true);
  expect(master[0]).toBeAllClose([-0.5e-20], { rtol: 0.01, atol: 0 }); // small exponents survive without help
  expect(await scaler.scale(1)).toBe(1);
  const bad = await learner.mixedStep([new Float32Array(1)], scaler, { ...options, gradsOf: boxed('constant', [Float32Array.of(NaN)]) });
  expect([bad.stepped, bad.master[0][0], await scaler.scale(1)]).toEqual([false, 0, 1]);
});

test('updates of 1e-4 add up in the master weights', { points: 2, zh: '1e-4 的更新能在主权重里累加起来' }, async ({ learner }) => {
  for (const precision of ['bf16', 'fp16'] as const) {
    const scaler = await learner.Scaler({ precision, initial: 64 });
    let master = [Float32Array.of(1)];
    for (let i = 0; i < 100; i++) {
      const options = { lr: 1, clip: Infinity, precision, gradsOf: boxed('constant', [Float32Array.of(-(2 ** -13))]) };
      ({ master } = await learner.mixedStep(master, scaler, options));
    }
    expect(master[0]).toBeAllClose([1 + 100 * 2 ** -13], { rtol: 1e-6 }); // either format alone would stay at 1
  }
});

test('the forward pass sees rounded weights, the clip true gradients', {
  points: 2,
  zh: '前向看到的是舍入后的权重，裁剪看到的是真正的梯度',
}, async ({ learner }) => {
  // Gradients are the weights as handed over: 3.001 is 3 in both formats, 4 is exact. The norm is 5, whatever the factor.
  for (const precision of ['bf16', 'fp16'] as const)
    for (const initial of [1, 256]) {
      const scaler = await learner.Scaler({ precision, initial });
      const options = { lr: 0.1, clip: 1, precision, gradsOf: boxed('bowl') };
      const { master, norm } = await learner.mixedStep([Float32Array.of(3.0009), Float32Array.of(4)], scaler, options);
      expect(norm).toBeAllClose(5, { rtol: 1e-5 });
      expect(master[0]).toBeAllClose([3.0009 - 0.06], { rtol: 1e-5 });
      expect(master[1]).toBeAllClose([3.92], { rtol: 1e-5 });
      // In either format 3.0009 is 3: the forward pass finds itself at the bottom already.
      const bottom = await learner.mixedStep([Float32Array.of(3.0009)], scaler, { ...options, gradsOf: boxed('bowl', 3) });
      expect(bottom.norm).toBe(0);
    }
  // A limit of 1e-6 shows the 1e-6 beside the norm.
  const [lr, clip, g] = [1, 1e-6, 2 ** -18];
  const options = { lr, clip, precision: 'bf16', gradsOf: boxed('constant', [Float32Array.of(g)]) } as const;
  const { master } = await learner.mixedStep([new Float32Array(1)], await learner.Scaler({ precision: 'bf16' }), options);
  expect(master[0]).toBeAllClose([(-lr * clip * g) / (g + 1e-6)], { rtol: 1e-5, atol: 0 });
});

// --- helpers ---

function draw(random: Random, N: number): Float32Array {
  return new Float32Array(random.normal([N]).values);
}

function floats(bits: Int32Array): Float32Array {
  return new Float32Array(bits.slice().buffer);
}

/** The first place where two lists differ, bit by bit but for the bits of a NaN. */
function firstOther(got: Float32Array, want: Float32Array, x: Float32Array): string {
  if (!(got instanceof Float32Array) || got.length !== want.length) return `not a Float32Array of ${want.length} numbers`;
  const at = want.findIndex((value, i) => !Object.is(value, got[i]));
  return at === -1 ? 'none' : `at ${at}, x = ${x[at]}: expected ${want[at]}, got ${got[at]}`;
}
