import { common, expect, onDrawn, type Random, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, T time, D model width, F MLP width. w1 and w3 are [D, F], w2 is [F, D].

test('matches Hugging Face', { points: 2, zh: '与 Hugging Face 一致', gate: true }, async ({ learner, golden, random }) => {
  await onDrawn(
    { B: 2, T: 3, D: 6, F: 9 },
    ({ B, T, D, F }) => [random.normal([B, T, D]), random.normal([D, F]), random.normal([F, D]), random.normal([D, F])], // numbers that nobody can have stored
    async (x, w1, w2, w3) => expect(await learner.swiglu(x, w1, w2, w3)).toBeAllClose(swigluByLoop({ x, w1, w2, w3 })),
  );
  const { x, w1, w2, w3, out } = await golden('swiglu');
  expect(await learner.swiglu(x, w1, w2, w3)).toBeAllClose(out);
});

test('the gradients match Hugging Face', { points: 2, zh: '梯度与 Hugging Face 一致' }, async ({ learner, golden }) => {
  const { x, w1, w2, w3, upstream, dx, dw1, dw2, dw3 } = await golden('swiglu');
  const gradients = await learner.grad('swiglu', [x, w1, w2, w3], { wrt: [0, 1, 2, 3], upstream });
  for (const [i, expected] of [dx, dw1, dw2, dw3].entries()) expect(gradients[i]).toBeAllClose(expected);
});

test('one number through one hidden unit', { points: 1, zh: '一个数穿过一个隐藏单元' }, async ({ learner, random }) => {
  const one = (x: number) => tensor([[x]]);
  for (let i = 0; i < 3; i++) {
    const [x, gate, down, up] = Array.from({ length: 4 }, () => random.uniform([1], { min: 0.5, max: 2 }).at(0)) as [
      number,
      number,
      number,
      number,
    ];
    const expected = ((x * gate) / (1 + Math.exp(-x * gate))) * (x * up) * down;
    expect(await learner.swiglu(one(x), one(gate), one(down), one(up))).toBeAllClose([[expected]]);
    expect(await learner.swiglu(tensor([x]), one(gate), one(down), one(up))).toBeAllClose([expected]); // no leading dims
  }
});

test('the content passes in proportion, the gate does not', { points: 2, zh: '内容按比例通过，门不是' }, async ({ learner, random }) => {
  const { x, w1, w2, w3 } = weights(random, 2, 3);
  const times = (w: TensorValue, factor: number) => w.map((value) => value * factor);
  const out = await learner.swiglu(x, w1, w2, w3);
  expect(await learner.swiglu(x, w1, w2, times(w3, -3))).toBeAllClose(times(out, -3));
  expect(await learner.swiglu(x, w1, times(w2, 2), w3)).toBeAllClose(times(out, 2));
  expect(await learner.swiglu(x, times(w1, 2), w2, w3)).not.toBeAllClose(times(out, 2), { rtol: 1e-2, atol: 1e-2 });
});

test('a wide open and a shut gate stay finite', { points: 1, zh: '全开和全关的门都不会溢出' }, async ({ learner }) => {
  // silu(200) = 200, silu(-200) = 0 (exp(200) is Infinity in float32)
  const out = await learner.swiglu(tensor([[1], [-1]]), tensor([[200]]), tensor([[1]]), tensor([[0.5]]));
  expect(out).toBeAllClose([[100], [0]]);
});

test('768 gives 2048 and 1024 gives 2752', { points: 2, zh: '768 得 2048，1024 得 2752' }, async ({ learner }) => {
  expect(await learner.hiddenDim(768, 64)).toBe(2048);
  expect(await learner.hiddenDim(1024, 64)).toBe(2752);
  expect(await learner.hiddenDim(4096, 256)).toBe(11_008); // LLaMA 7B
  expect(await learner.hiddenDim(1024)).toBe(2752);
});

test('the width is the least fitting multiple for any D', { points: 1, zh: '对任意 D，宽度都是够用的最小倍数' }, async ({
  learner,
  random,
}) => {
  for (let i = 0; i < 20; i++) {
    const [D, multipleOf] = [random.integer(1, 3000), random.pick([1, 3, 8, 32, 256])];
    let width = 0;
    while (width < Math.floor((8 * D) / 3)) width += multipleOf;
    expect({ D, multipleOf, F: await learner.hiddenDim(D, multipleOf) }).toEqual({ D, multipleOf, F: width });
  }
});

common('swiglu', {
  inputs: ({ random, B, T }) => {
    const { x, w1, w2, w3 } = weights(random, B, T);
    return [x, w1, w2, w3];
  },
  wrt: [0, 1, 2, 3],
});

// --- helpers ---

function weights(random: Random, B: number, T: number): { x: TensorValue; w1: TensorValue; w2: TensorValue; w3: TensorValue } {
  const [D, F] = [6, 9];
  return { x: random.normal([B, T, D]), w1: random.normal([D, F]), w2: random.normal([F, D]), w3: random.normal([D, F]) };
}

/** Token by token, hidden unit by hidden unit. */
function swigluByLoop({ x, w1, w2, w3 }: ReturnType<typeof weights>): TensorValue {
  const [[B, T, D], F] = [x.shape as [number, number, number], w1.shape[1]!];
  const out = new Float32Array(B * T * D);
  for (let b = 0; b < B; b++)
    for (let t = 0; t < T; t++)
      for (let f = 0; f < F; f++) {
        let [gate, content] = [0, 0];
        for (let d = 0; d < D; d++) {
          gate += x.at(b, t, d) * w1.at(d, f);
          content += x.at(b, t, d) * w3.at(d, f);
        }
        const passed = (gate / (1 + Math.exp(-gate))) * content;
        for (let d = 0; d < D; d++) out[(b * T + t) * D + d]! += passed * w2.at(f, d);
      }
  return tensor(out, [B, T, D]);
}
