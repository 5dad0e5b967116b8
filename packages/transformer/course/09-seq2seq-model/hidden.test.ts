import { common, expect, type Random, rng, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';
import { leavesOf, modelWeights, type Tree, treeOf } from '../weights.ts';

// Dims: B batch, S source time, T target time, V vocabulary, D model width, H heads, F MLP width, L layers.
const ids = { padId: 0, bosId: 1, eosId: 2 };
const tied = { V: 11, D: 12, H: 3, F: 20, L: 2, norm: 'pre', ...ids, tied: true } as const;
const untied = { ...tied, norm: 'post', tied: false } as const;

test('the pre-norm, tied model matches PyTorch', { points: 2, zh: 'pre-norm、共享词表的模型与 PyTorch 一致', gate: true }, async ({
  learner,
  reference,
  golden,
  random,
}) => {
  const { src, tgtIn, logits, ...rest } = await golden('forward-pre-tied');
  expect(await learner.forward(src, tgtIn, treeOf(rest), tied)).toBeAllClose(logits);
  const drawn = [symbols(random, [2, 4]), symbols(random, [2, 3]), modelWeights(random, tied), tied]; // numbers that nobody can have stored
  expect(await learner.forward(...drawn)).toBeAllClose(await reference.forward(...drawn));
});

test('the post-norm, untied model matches PyTorch', { points: 2, zh: 'post-norm、不共享词表的模型与 PyTorch 一致' }, async ({
  learner,
  golden,
}) => {
  const { src, tgtIn, logits, ...rest } = await golden('forward-post-untied');
  expect(await learner.forward(src, tgtIn, treeOf(rest), untied)).toBeAllClose(logits);
});

test('a later target id never changes an earlier row of logits', { points: 1, zh: '后面的目标 id 不会改变前面的 logits' }, async ({
  learner,
  random,
}) => {
  const w = modelWeights(random, tied);
  const [src, tgtIn] = [symbols(random, [2, 6]), symbols(random, [2, 4])];
  const other = tgtIn.map((id, at) => (at % 4 === 3 ? next(id) : id));
  const before = await learner.forward(src, tgtIn, w, tied);
  const after = await learner.forward(src, other, w, tied);
  expect(after.slice([0, 0, 0], [2, 3, -1])).toBeAllClose(before.slice([0, 0, 0], [2, 3, -1]), { rtol: 0, atol: 1e-5 });
  expect(after).not.toBeAllClose(before);
});

test('more padding behind the source changes nothing, another source id does', {
  points: 1,
  zh: '源后面多些填充没有影响，换一个源 id 有影响',
}, async ({ learner, random }) => {
  const w = modelWeights(random, tied);
  const [src, tgtIn] = [symbols(random, [2, 5]), symbols(random, [2, 3])];
  const before = await learner.forward(src, tgtIn, w, tied);
  const longer = tensor(
    Int32Array.from({ length: 2 * 8 }, (_, at) => (at % 8 < 5 ? src.at(Math.floor(at / 8), at % 8) : ids.padId)),
    [2, 8],
    'int32',
  );
  expect(await learner.forward(longer, tgtIn, w, tied)).toBeAllClose(before, { rtol: 1e-4, atol: 1e-5 });
  const changed = await learner.forward(
    src.map((id, at) => (at % 5 === 4 ? next(id) : id)),
    tgtIn,
    w,
    tied,
  );
  for (let t = 0; t < 3; t++) expect(changed.slice([0, t, 0], [2, 1, -1])).not.toBeAllClose(before.slice([0, t, 0], [2, 1, -1]));
});

test('shiftRight puts BOS in front and drops the last id', { points: 1, zh: 'shiftRight 在前面放 BOS，去掉最后一个 id' }, async ({
  learner,
}) => {
  const shifted = await learner.shiftRight(tensor([5, 6, 7, 2, 8, 9, 2, 0], [2, 4], 'int32'), 1);
  expect(shifted).toBeAllClose([
    [1, 5, 6, 7],
    [1, 8, 9, 2],
  ]);
  expect(shifted.dtype).toBe('int32');
  expect(await learner.shiftRight(tensor([7, 9], [2, 1], 'int32'), 4)).toBeAllClose([[4], [4]]);
});

test('the loss and its gradient match PyTorch', { points: 2, zh: '损失和梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { logits, labels, loss, grad } = await golden('loss');
  expect(await learner.ceLoss(logits, labels)).toBeAllClose(loss);
  const [gradient] = await learner.grad('ceLoss', [logits, labels], { wrt: [0] });
  expect(gradient).toBeAllClose(grad);
});

test('id 0 is a label like any other', { points: 1, zh: 'id 0 和别的标签一样' }, async ({ learner }) => {
  const logits = tensor([0, 0, Math.log(3), 0, 7, 9], [1, 3, 2]);
  expect(await learner.ceLoss(logits, tensor([0, 0, -100], [1, 3], 'int32'))).toBeAllClose(0.490415);
  expect(await learner.ceLoss(logits, tensor([0, 1, -100], [1, 3], 'int32'))).toBeAllClose((Math.log(2) + Math.log(4)) / 2);
});

test('an ignored position has neither weight nor gradient', { points: 1, zh: '被忽略的位置没有权重，也没有梯度' }, async ({
  learner,
  random,
}) => {
  const [logits, labels] = [random.normal([2, 3, 7]), tensor([4, -100, 6, -100, -100, 1], [2, 3], 'int32')];
  const loss = await learner.ceLoss(logits, labels);
  const ignored = (at: number) => labels.values[Math.floor(at / 7)] === -100;
  expect(
    await learner.ceLoss(
      logits.map((x, at) => (ignored(at) ? x + 5 * Math.sin(at) : x)),
      labels,
    ),
  ).toBeAllClose(loss);
  const [gradient] = await learner.grad('ceLoss', [logits, labels], { wrt: [0] });
  const here = gradient.map((x: number, at: number) => (ignored(at) ? x : 0));
  expect(here).toBeAllClose(
    here.map(() => 0),
    { atol: 0 },
  );
  expect(gradient).toBeNonZero();
});

test('a single label is divided by 1', { points: 1, zh: '只有一个标签时除以 1' }, async ({ learner }) => {
  const logits = tensor([0, Math.log(3), 5, -2], [1, 2, 2]);
  expect(await learner.ceLoss(logits, tensor([0, -100], [1, 2], 'int32'))).toBeAllClose(Math.log(4));
});

test('without any label the loss is 0', { points: 1, zh: '一个标签都没有时损失为 0' }, async ({ learner, random }) => {
  const [logits, labels] = [random.normal([2, 2, 5]), tensor([-100, -100, -100, -100], [2, 2], 'int32')];
  expect(await learner.ceLoss(logits, labels)).toBeAllClose(0);
  const [gradient] = await learner.grad('ceLoss', [logits, labels], { wrt: [0] });
  expect(gradient).toBeFinite();
});

test('logits of 1e4 give a finite loss', { points: 1, zh: 'logits 为 1e4 时损失有限' }, async ({ learner }) => {
  const loss = await learner.ceLoss(tensor([1e4, 0, -1e4, 0], [1, 2, 2]), tensor([1, 1], [1, 2], 'int32'));
  expect(loss).toBeAllClose(5000);
});

test('countParams is exact', { points: 1, zh: 'countParams 分毫不差' }, async ({ learner }) => {
  const small = { ...tied, V: 13, D: 64, H: 4, F: 256, L: 1 };
  // Counted by PyTorch: nn.TransformerEncoder and nn.TransformerDecoder less their attention biases, and the tables.
  expect(await learner.countParams(small)).toBe(117_056);
  expect(await learner.countParams({ ...small, norm: 'post', tied: false })).toBe(118_464);
  expect(await learner.countParams(tied)).toBe(5924);
  expect(await learner.countParams({ ...tied, V: 37_000, D: 512, H: 8, F: 2048, L: 6, norm: 'post' })).toBe(63_045_632); // the paper's base model
});

test('fresh weights have the promised names and shapes', { points: 1, zh: '初始权重的名字和形状符合约定' }, async ({ learner, random }) => {
  for (const cfg of [tied, untied]) {
    const fresh = await learner.initParams(cfg, rng(random.seed()));
    expect(shapesOf(fresh)).toEqual(shapesOf(modelWeights(random, cfg)));
  }
});

test('fresh weights have the promised spread', { points: 2, zh: '初始权重的分布符合约定' }, async ({ learner, random }) => {
  const cfg = { ...untied, norm: 'pre', V: 120, D: 48, H: 4, F: 80, L: 1 };
  for (const [path, w] of leavesOf(await learner.initParams(cfg, rng(random.seed())))) {
    const name = path.split('.').at(-1)!;
    if (name === 'g') expect(w).toBeAllClose(w.map(() => 1));
    else if (name.startsWith('b')) expect(w).toBeAllClose(w.map(() => 0));
    else if (name === 'embed' || name === 'tgtEmbed') expectSpread(path, w, 0.02);
    else {
      const limit = Math.sqrt(6 / (w.shape[0]! + w.shape[1]!));
      expectSpread(path, w, limit / Math.sqrt(3));
      expect({ path, largest: Math.max(...w.values.map(Math.abs)) <= limit * 1.0001 }).toEqual({ path, largest: true });
    }
  }
});

test('the same seed gives the same weights, and no two matrices are alike', {
  points: 1,
  zh: '种子相同权重就相同，任意两个矩阵都不相同',
}, async ({ learner, random }) => {
  const seed = random.seed();
  const cfg = { ...tied, F: tied.D }; // all matrices have one shape
  const first = leavesOf(await learner.initParams(cfg, rng(seed)));
  const again = leavesOf(await learner.initParams(cfg, rng(seed)));
  const matrices = first.filter(([path]) => /\.W[qkvo12]$/.test(path));
  for (const [i, [, w]] of first.entries()) expect(again[i]![1]).toBeAllClose(w, { rtol: 0, atol: 0 });
  // A plain loop: `expect` for each of a hundred pairs would take longer than the model.
  const twins = matrices.flatMap(([path, w], i) =>
    matrices.slice(0, i).flatMap(([other, v]) => (alike(w, v) ? [`${other} = ${path}`] : [])),
  );
  expect(twins).toEqual([]);
  const another = leavesOf(await learner.initParams(cfg, rng(seed + 1)));
  expect(another[0]![1]).not.toBeAllClose(first[0]![1]);
});

test('shiftRight and ceLoss keep one tensor each, the result', {
  points: 1,
  zh: 'shiftRight 和 ceLoss 各只留下结果',
  untrusted: true,
}, async ({ learner, random }) => {
  const [logits, labels] = [random.normal([2, 3, 5]), random.integers([2, 3], { max: 5 })];
  let kept = 0;
  for (let call = 0; call < 5; call++) {
    await learner.shiftRight(labels, 1);
    if (call > 1) kept += learner.stats().tensorsKept;
    await learner.ceLoss(logits, labels);
    if (call > 1) kept += learner.stats().tensorsKept;
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

const shallow = { ...tied, L: 1 };

common('forward', {
  inputs: ({ random, B, T }) => [symbols(random, [B, T + 2]), symbols(random, [B, T]), modelWeights(random, shallow), shallow],
  wrt: ['2.embed', '2.encoder.layers.0.attn.Wq', '2.encoder.ln.g', '2.decoder.layers.0.cross.Wv', '2.decoder.ln.b'],
});

// --- helpers ---

/** Random ids that are neither PAD, BOS nor EOS. */
function symbols(random: Random, shape: readonly number[]): TensorValue {
  return random.integers(shape, { min: 3, max: tied.V });
}

/** Equal up to the tolerance of toBeAllClose. */
function alike(a: TensorValue, b: TensorValue): boolean {
  return a.values.every((x: number, at: number) => Math.abs(x - b.values[at]!) <= 1e-5 + 1e-4 * Math.abs(b.values[at]!));
}

/** Another symbol. */
function next(id: number): number {
  return id + 1 < tied.V ? id + 1 : 3;
}

function shapesOf(weights: Tree): Record<string, readonly number[]> {
  return Object.fromEntries(leavesOf(weights).map(([path, w]) => [path, [...w.shape]] as const));
}

/** Mean 0 and the given deviation, both within 6 sigma. */
function expectSpread(path: string, w: TensorValue, deviation: number): void {
  const [N, values] = [w.size, Array.from(w.values)];
  const mean = values.reduce((sum, x) => sum + x, 0) / N;
  const found = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / N);
  const close = Math.abs(mean) < (6 * deviation) / Math.sqrt(N) && Math.abs(found / deviation - 1) < 6 / Math.sqrt(2 * N);
  expect({ path, mean: mean.toPrecision(3), deviation: found.toPrecision(4), close }).toMatchObject({ path, close: true });
}
