import { common, expect, onDrawn, rng, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';
import { expectDropped, said } from '../dropped.ts';
import { encoderLayerWeights, norm, silenced, treeOf } from '../weights.ts';

// Dims: B batch, S source time, D model width, H heads, F MLP width. The goldens have H = 3.
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
    { B: 2, S: 4, K: 4, F },
    ({ B, S, K, F }) => [random.normal([B, S, H * K]), encoderLayerWeights(random, { D: H * K, F }), pre], // numbers that nobody can have stored
    async (...drawn) => expect(await learner.encoderLayer(...drawn)).toBeAllClose(await reference.encoderLayer(...drawn)),
  );
  const layer = await golden('layer-pre');
  expect(await learner.encoderLayer(layer.x, treeOf(layer), pre, layer.mask)).toBeAllClose(layer.out);
});

test('a post-norm layer matches PyTorch', { points: 2, zh: 'post-norm 的一层与 PyTorch 一致' }, async ({ learner, golden }) => {
  const layer = await golden('layer-post');
  expect(await learner.encoderLayer(layer.x, treeOf(layer), post, layer.mask)).toBeAllClose(layer.out);
});

test('the pre-norm stack ends with a norm, as in PyTorch', { points: 1, zh: 'pre-norm 的栈以归一化结尾，与 PyTorch 一致' }, async ({
  learner,
  golden,
}) => {
  const stack = await golden('stack-pre');
  expect(await learner.encoder(stack.x, treeOf(stack), pre, stack.mask)).toBeAllClose(stack.out);
});

test('the post-norm stack has no norm of its own, as in PyTorch', {
  points: 1,
  zh: 'post-norm 的栈没有额外的归一化，与 PyTorch 一致',
}, async ({ learner, golden, random }) => {
  const stack = await golden('stack-post');
  expect(await learner.encoder(stack.x, treeOf(stack), post, stack.mask)).toBeAllClose(stack.out);
  const withNorm = { ...treeOf(stack), ln: norm(random, D) }; // there, but not to be used
  expect(await learner.encoder(stack.x, withNorm, post, stack.mask)).toBeAllClose(stack.out);
});

test('without positions, a permuted input gives a permuted output', { points: 1, zh: '没有位置信息时，输入换序，输出跟着换序' }, async ({
  learner,
  random,
}) => {
  const [x, w] = [random.normal([2, 5, D]), encoderLayerWeights(random, { D, F })];
  const order = [3, 0, 4, 1, 2];
  const before = await learner.encoderLayer(x, w, pre);
  const after = await learner.encoderLayer(x.gather(order, 1), w, pre);
  expect(after).toBeAllClose(before.gather(order, 1));
  expect(after).not.toBeAllClose(before);
});

test('padding has no influence on real tokens', { points: 1, zh: '填充不影响真实的词元' }, async ({ learner, random }) => {
  const w = { layers: [encoderLayerWeights(random, { D, F }), encoderLayerWeights(random, { D, F })], ln: norm(random, D) };
  const x = random.normal([2, 6, D]);
  const mask = tensor([0, 0, 0, 0, -1e9, -1e9], [1, 1, 1, 6]);
  const other = (from: number) => x.map((value, at) => (Math.floor(at / D) % 6 >= from ? value + (at % 2 ? 2 : -1) : value)); // not a plain shift: a norm would take it out
  const real = (out: TensorValue) => out.slice([0, 0, 0], [2, 3, D]);
  const before = await learner.encoder(x, w, pre, mask);
  expect(real(await learner.encoder(other(4), w, pre, mask))).toBeAllClose(real(before), { rtol: 0, atol: 1e-5 });
  expect(real(await learner.encoder(other(3), w, pre, mask))).not.toBeAllClose(real(before)); // token 3 is real
});

test('dropout leaves the residual road alone', { points: 1, zh: 'dropout 不碰残差这条路' }, async ({ learner, random }) => {
  const w = silenced(encoderLayerWeights(random, { D, F }), ['attn', 'ffn']);
  const x = random.normal([2, 4, D]);
  const training = { dropout: 0.5, training: true, rng: rng(random.seed()) };
  expect(await learner.encoderLayer(x, w, { ...pre, ...training })).toBeAllClose(x);
  const calm = await learner.encoderLayer(x, w, post);
  expect(await learner.encoderLayer(x, w, { ...post, ...training })).toBeAllClose(calm);
});

test('dropout hits both sub-layers, and only while training', { points: 2, zh: 'dropout 作用于两个子层，且只在训练时' }, async ({
  learner,
  random,
}) => {
  const x = random.normal([8, 30, D]);
  const w = encoderLayerWeights(random, { D, F });
  for (const quiet of ['attn', 'ffn'] as const) {
    const one = silenced(w, [quiet]); // the other sub-layer speaks alone
    const calm = await learner.encoderLayer(x, one, pre);
    const noisy = await learner.encoderLayer(x, one, { ...pre, dropout: 0.25, training: true, rng: rng(random.seed()) });
    expectDropped(said(noisy, x), said(calm, x), 0.25);
  }
  const resting = { ...pre, dropout: 0.25, training: false, rng: rng(random.seed()) };
  expect(await learner.encoderLayer(x, w, resting)).toBeAllClose(await learner.encoderLayer(x, w, pre));
});

common('encoderLayer', {
  inputs: ({ random, B, T }) => [random.normal([B, T, D]), encoderLayerWeights(random, { D, F }), pre],
  wrt: [0, '1.attn.Wq', '1.attn.Wo', '1.ffn.W1', '1.ffn.b2', '1.ln1.g', '1.ln2.b'],
});

common('encoder', {
  inputs: ({ random, B, T }) => [random.normal([B, T, D]), { layers: [encoderLayerWeights(random, { D, F })], ln: norm(random, D) }, pre],
  batched: false,
  noT1: true,
});
