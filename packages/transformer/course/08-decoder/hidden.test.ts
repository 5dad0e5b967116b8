import { common, expect, onDrawn, rng, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';
import { expectDropped, said } from '../dropped.ts';
import { decoderLayerWeights, silenced, treeOf } from '../weights.ts';

// Dims: B batch, T target time, S source time, D model width, H heads, F MLP width. The goldens have H = 3, T = 4, S = 5.
const D = 12;
const F = 20;
const H = 3;
const pre = { H, norm: 'pre' };
const post = { H, norm: 'post' };

test('a pre-norm layer matches PyTorch', { points: 2, zh: 'pre-norm 的一层与 PyTorch 一致', gate: true }, async ({
  learner,
  reference,
  golden,
  random,
}) => {
  await onDrawn(
    { B: 2, T: 3, S: 5, K: 4, F },
    ({ B, T, S, K, F }) => {
      const D = H * K;
      return [random.normal([B, T, D]), random.normal([B, S, D]), decoderLayerWeights(random, { D, F }), pre]; // numbers that nobody can have stored
    },
    async (...drawn) => expect(await learner.decoderLayer(...drawn)).toBeAllClose(await reference.decoderLayer(...drawn)),
  );
  const { y, mem, selfMask, memMask, out, ...rest } = await golden('layer-pre');
  expect(await learner.decoderLayer(y, mem, treeOf(rest), pre, selfMask, memMask)).toBeAllClose(out);
});

test('a post-norm layer matches PyTorch', { points: 2, zh: 'post-norm 的一层与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { y, mem, selfMask, memMask, out, ...rest } = await golden('layer-post');
  expect(await learner.decoderLayer(y, mem, treeOf(rest), post, selfMask, memMask)).toBeAllClose(out);
});

test('a later target token never changes an earlier output', { points: 2, zh: '后面的目标词元不会改变前面的输出' }, async ({
  learner,
  random,
}) => {
  const [T, w] = [5, decoderLayerWeights(random, { D, F })];
  const [y, mem] = [random.normal([2, T, D]), random.normal([2, 7, D])];
  const other = y.map((value, at) => (Math.floor(at / D) % T === T - 1 ? value + (at % 2 ? 2 : -1) : value));
  const early = (out: TensorValue) => out.slice([0, 0, 0], [2, T - 1, D]);
  for (const form of [pre, post]) {
    const before = await learner.decoderLayer(y, mem, w, form, causal(T));
    const after = await learner.decoderLayer(other, mem, w, form, causal(T));
    expect(early(after)).toBeAllClose(early(before), { rtol: 0, atol: 1e-5 });
    expect(after).not.toBeAllClose(before); // the last token itself does change
  }
});

test('every target token reads the whole memory', { points: 1, zh: '每个目标词元都能读到全部记忆' }, async ({ learner, random }) => {
  const w = decoderLayerWeights(random, { D, F });
  for (const [T, S] of [
    [3, 6],
    [6, 3],
  ] as const) {
    const [y, mem] = [random.normal([1, T, D]), random.normal([1, S, D])];
    const last = mem.map((value, at) => (at >= (S - 1) * D ? value + (at % 2 ? 3 : -2) : value));
    const before = await learner.decoderLayer(y, mem, w, pre, causal(T));
    const after = await learner.decoderLayer(y, last, w, pre, causal(T));
    expect(before).toHaveShape([1, T, D]);
    for (let t = 0; t < T; t++) expect(row(after, t)).not.toBeAllClose(row(before, t));
  }
});

test('padding of the memory has no influence, the rest has', { points: 1, zh: '记忆里的填充没有影响，其余的有' }, async ({
  learner,
  random,
}) => {
  const [S, w] = [6, decoderLayerWeights(random, { D, F })];
  const [y, mem] = [random.normal([2, 4, D]), random.normal([2, S, D])];
  const mask = tensor([0, 0, 0, 0, -1e9, -1e9], [1, 1, 1, S]);
  const other = (from: number) => mem.map((value, at) => (Math.floor(at / D) % S >= from ? value + (at % 2 ? 2 : -1) : value));
  for (const form of [pre, post]) {
    const before = await learner.decoderLayer(y, mem, w, form, causal(4), mask);
    expect(await learner.decoderLayer(y, other(4), w, form, causal(4), mask)).toBeAllClose(before, { rtol: 0, atol: 1e-5 });
    expect(await learner.decoderLayer(y, other(3), w, form, causal(4), mask)).not.toBeAllClose(before);
  }
});

test('the memory receives a gradient, its padding none', { points: 1, zh: '记忆得到梯度，填充得不到' }, async ({ learner, random }) => {
  const [S, w] = [5, decoderLayerWeights(random, { D, F })];
  const [y, mem] = [random.normal([2, 3, D]), random.normal([2, S, D])];
  const mask = tensor([0, 0, 0, -1e9, -1e9], [1, 1, 1, S]);
  const options = { wrt: [1], upstream: random.normal([2, 3, D]) };
  const [gradient] = await learner.grad('decoderLayer', [y, mem, w, pre, causal(3), mask], options);
  expect(gradient).toHaveShape([2, S, D]);
  for (let s = 0; s < 3; s++) expect(row(gradient, s)).toBeNonZero();
  expect(gradient.slice([0, 3, 0], [2, 2, D])).toBeAllClose(tensor(new Float32Array(2 * 2 * D), [2, 2, D]), { atol: 1e-7 });
});

test('dropout leaves the residual road alone', { points: 1, zh: 'dropout 不碰残差这条路' }, async ({ learner, random }) => {
  const w = silenced(decoderLayerWeights(random, { D, F }), ['self', 'cross', 'ffn']);
  const [y, mem] = [random.normal([2, 4, D]), random.normal([2, 5, D])];
  const training = { dropout: 0.5, training: true, rng: rng(random.seed()) };
  expect(await learner.decoderLayer(y, mem, w, { ...pre, ...training })).toBeAllClose(y);
  const calm = await learner.decoderLayer(y, mem, w, post);
  expect(await learner.decoderLayer(y, mem, w, { ...post, ...training })).toBeAllClose(calm);
});

test('dropout hits all three sub-layers, and only while training', { points: 2, zh: 'dropout 作用于三个子层，且只在训练时' }, async ({
  learner,
  random,
}) => {
  const [y, mem] = [random.normal([8, 30, D]), random.normal([8, 7, D])];
  const w = decoderLayerWeights(random, { D, F });
  for (const quiet of [
    ['self', 'cross'],
    ['self', 'ffn'],
    ['cross', 'ffn'],
  ] as const) {
    const one = silenced(w, quiet); // the third sub-layer speaks alone
    const calm = await learner.decoderLayer(y, mem, one, pre);
    const noisy = await learner.decoderLayer(y, mem, one, { ...pre, dropout: 0.25, training: true, rng: rng(random.seed()) });
    expectDropped(said(noisy, y), said(calm, y), 0.25);
  }
  const resting = { ...pre, dropout: 0.25, training: false, rng: rng(random.seed()) };
  expect(await learner.decoderLayer(y, mem, w, resting)).toBeAllClose(await learner.decoderLayer(y, mem, w, pre));
});

common('decoderLayer', {
  inputs: ({ random, B, T }) => [
    random.normal([B, T, D]),
    random.normal([B, T + 2, D]),
    decoderLayerWeights(random, { D, F }),
    pre,
    causal(T),
  ],
  wrt: [0, 1, '2.self.Wq', '2.cross.Wk', '2.cross.Wv', '2.ffn.W2', '2.ln2.g', '2.ln3.b'],
});

// --- helpers ---

function causal(T: number): TensorValue {
  const values = Float32Array.from({ length: T * T }, (_, at) => (at % T > Math.floor(at / T) ? -1e9 : 0));
  return tensor(values, [1, 1, T, T]);
}

/** The vectors of one time step, [B, 1, D]. */
function row(x: TensorValue, t: number): TensorValue {
  return x.slice([0, t, 0], [-1, 1, -1]);
}
