import { boxed, expect, performance, type Random, TensorValue, tensor, test, type Value } from '@llm-ladder/grader/suite';

// Dims: N rows of a micro-batch, D inputs, F hidden features.
const options = { clip: 0.6, lr: 0.05, wd: 0.3, betas: [0.8, 0.95], eps: 1e-3 };
const plain = { ...options, clip: Number.POSITIVE_INFINITY, wd: 0 };
const [D, F] = [3, 4];

test('ten updates match PyTorch', { points: 4, zh: '十次更新与 PyTorch 一致', gate: true }, async ({ learner, golden, random }) => {
  const stored = await golden('adamw');
  let [row, micro] = [0, 0];
  const groups = Array.from(stored.groups.values as Int32Array, (size) =>
    Array.from({ length: size }, () => {
      const rows = stored.sizes.values[micro++];
      row += rows;
      return cut({ x: stored.x, y: stored.y, mask: stored.mask }, row - rows, rows);
    }),
  );
  const state = await learner.AdamState(
    boxed('params', 'torch', { w1: stored['start.w1'], b1: stored['start.b1'], w2: stored['start.w2'] }),
  );
  const reports = await learner.trainStep(groups, boxed('params', 'torch'), state, options, boxed('regression'));
  const [w1, b1, w2] = await learner.parametersOf(boxed('params', 'torch'));
  for (const [i, name] of ['w1', 'b1', 'w2'].entries()) {
    expect([w1, b1, w2][i]).toBeAllClose(stored[`end.${name}`]);
    expect((await state.m())[i]).toBeAllClose(stored[`m.${name}`]);
    expect((await state.v())[i]).toBeAllClose(stored[`v.${name}`]);
  }
  expect(reports.map((report: Report) => report.loss.at())).toBeAllClose(stored.losses);
  expect(reports.map((report: Report) => report.norm.at())).toBeAllClose(stored.norms);

  // Gradients that nobody can have stored.
  const start = { a: random.normal([3]), c: random.normal([2, 2]) };
  const drawn = Array.from({ length: 3 }, () =>
    [2, 5].map((tokens) => ({ grads: { a: random.normal([3], { std: 4 }), c: random.normal([2, 2], { std: 4 }) }, tokens })),
  );
  const { weights: ended } = await train(learner, 'drawn', start, drawn, options, 'dictated');
  const expected = adamwByLoop(start, drawn);
  expect(ended[0]).toBeAllClose(expected.a);
  expect(ended[1]!.values).toBeAllClose(expected.c);
});

test('micro-batches with unequal tokens equal one large batch', { points: 2, zh: '词元数不等的小批次等于一个大批次' }, async ({
  learner,
  random,
}) => {
  const whole = rows(random, 12, [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0]);
  const parts = [cut(whole, 0, 7), cut(whole, 7, 2), cut(whole, 9, 3)]; // 7, 0 and 1 tokens
  const start = weights(random);
  const one = await train(learner, 'one', start, [[whole]], options);
  const three = await train(learner, 'three', start, [parts], options);
  for (const [i, weight] of one.weights.entries()) expect(three.weights[i]).toBeAllClose(weight, { rtol: 1e-5, atol: 1e-6 });
  expect(three.reports[0]!.loss).toBeAllClose(one.reports[0]!.loss, { rtol: 1e-5 });
  expect(three.reports[0]!.norm).toBeAllClose(one.reports[0]!.norm, { rtol: 1e-5 });
  expect(three.reports[0]!.tokens).toBe(8);
  const first = await train(learner, 'first', start, [[parts[0]!]], options);
  expect(first.weights[0]).not.toBeAllClose(one.weights[0]!, { rtol: 1e-4, atol: 1e-5 }); // the other rows do matter
});

test('the norm is one over all weights, of the mean gradient', { points: 2, zh: '范数是所有权重合在一起、平均梯度的范数' }, async ({
  learner,
}) => {
  // Two micro-batches with 1 and 3 tokens: sums [8, 0] and [[0, 12]], divided by 4: [2, 0] and [[0, 3]].
  const group = [
    { grads: { a: tensor([2, 0]), c: tensor([[0, 15]]) }, tokens: 1 },
    { grads: { a: tensor([6, 0]), c: tensor([[0, -3]]) }, tokens: 3 },
  ];
  const start = { a: tensor([1, 1]), c: tensor([[1, 1]]) };
  const { reports, m } = await train(learner, 'norm', start, [group], { ...plain, clip: 1 }, 'dictated');
  expect(reports[0]!.norm).toBeAllClose(Math.sqrt(13)); // before clipping
  // m is a fifth of the clipped gradient: one factor for both weights.
  expect(m[0]).toBeAllClose([0.4 / Math.sqrt(13), 0]);
  expect(m[1]).toBeAllClose([[0, 0.6 / Math.sqrt(13)]]);
});

test('a gradient within the limit is left as it is', { points: 1, zh: '没有超过上限的梯度保持原样' }, async ({ learner }) => {
  const group = [{ grads: { a: tensor([0.6, 0]), c: tensor([[0, 0.8]]) }, tokens: 2 }]; // the mean has the norm 0.5
  const start = { a: tensor([1, 1]), c: tensor([[1, 1]]) };
  for (const clip of [1, 0.51, Number.POSITIVE_INFINITY]) {
    const { m } = await train(learner, `clip ${clip}`, start, [group], { ...plain, clip }, 'dictated');
    expect(m[0]).toBeAllClose([0.06, 0]);
    expect(m[1]).toBeAllClose([[0, 0.08]]);
  }
  // A limit as small as 1e-6 shows the 1e-6 beside the norm, which is 5e-6 here.
  const small = [{ grads: { a: tensor([6e-6, 0]), c: tensor([[0, 8e-6]]) }, tokens: 2 }];
  const { m } = await train(learner, 'clip 1e-6', start, [small], { ...plain, clip: 1e-6 }, 'dictated');
  expect(m[0]).toBeAllClose([0.2 * (3e-6 / 6), 0], { rtol: 1e-4, atol: 0 });
  expect(m[1]).toBeAllClose([[0, 0.2 * (4e-6 / 6)]], { rtol: 1e-4, atol: 0 });
});

test('decay shrinks matrices by lr * wd and touches neither vectors nor the means', {
  points: 2,
  zh: '衰减把矩阵缩小 lr * wd，不动向量，也不进入滑动平均',
}, async ({ learner, random }) => {
  const start = { gain: random.normal([3]), matrix: random.normal([2, 3]), block: random.normal([2, 1, 2]) };
  const grads = { gain: tensor([0, 0, 0]), matrix: zeros([2, 3]), block: zeros([2, 1, 2]) };
  const settings = { ...options, lr: 0.2, wd: 0.5 };
  const { weights: ended, m, v } = await train(learner, 'decay', start, [[{ grads, tokens: 2 }]], settings, 'dictated');
  expect(ended[0]).toBeAllClose(start.gain, { rtol: 0, atol: 0 });
  expect(ended[1]).toBeAllClose(start.matrix.map((x) => 0.9 * x));
  expect(ended[2]).toBeAllClose(start.block.map((x) => 0.9 * x));
  for (const mean of [...m, ...v]) expect(mean).toBeAllClose(mean.map(() => 0), { rtol: 0, atol: 0 }); // biome-ignore format: one line
});

test('the first step has the size lr, whatever the gradient', { points: 1, zh: '无论梯度多大，第一步的大小都是 lr' }, async ({
  learner,
}) => {
  const start = { a: tensor([1, 1, 1, 1]) };
  const grads = { a: tensor([1e-3, -7, 300, 0]) };
  const { weights: ended } = await train(learner, 'size', start, [[{ grads, tokens: 1 }]], { ...plain, lr: 0.1, eps: 1e-10 }, 'dictated');
  expect(ended[0]).toBeAllClose([0.9, 1.1, 0.9, 1]);
});

test('eps is added to the root, not under it', { points: 1, zh: 'eps 加在开方之后，而不是根号里' }, async ({ learner }) => {
  const start = { a: tensor([0, 0]) };
  const grads = { a: tensor([0.5, -2]) };
  const { weights: ended } = await train(learner, 'eps', start, [[{ grads, tokens: 1 }]], { ...plain, lr: 1, eps: 0.5 }, 'dictated');
  expect(ended[0]).toBeAllClose([-0.5 / (0.5 + 0.5), 2 / (2 + 0.5)]);
});

test('every group updates, the last and smaller one too', { points: 2, zh: '每一组都更新，最后不满的一组也一样' }, async ({
  learner,
  random,
}) => {
  const start = weights(random);
  const batches = [4, 3, 5, 2, 6].map((n) => rows(random, n));
  const groups = [batches.slice(0, 2), batches.slice(2, 4), batches.slice(4)];
  const all = await train(learner, 'all', start, groups, options);
  const two = await train(learner, 'two', start, groups.slice(0, 2), options);
  expect(all.reports.map(({ tokens }) => tokens)).toEqual([7, 7, 6]);
  expect(all.reports[1]!.loss).toBeAllClose(two.reports[1]!.loss);
  expect(all.weights[0]).not.toBeAllClose(two.weights[0]!);
});

test('one call with three groups equals three calls with one', { points: 1, zh: '一次传三组等于分三次各传一组' }, async ({
  learner,
  random,
}) => {
  const start = weights(random);
  const groups = [4, 3, 5].map((n) => [rows(random, n)]);
  const once = await train(learner, 'once', start, groups, options);
  const state = await learner.AdamState(boxed('params', 'thrice', start));
  for (const group of groups) await learner.trainStep([group], boxed('params', 'thrice'), state, options, boxed('regression'));
  const ended: TensorValue[] = await learner.parametersOf(boxed('params', 'thrice'));
  for (const [i, weight] of ended.entries()) expect(weight).toBeAllClose(once.weights[i]!, { rtol: 1e-6, atol: 1e-7 });
});

test('a weight in two places is one weight, a frozen one is none', { points: 2, zh: '出现两次的权重算一个，冻结的不算' }, async ({
  learner,
  random,
}) => {
  const rest = { name: 'tied', width: 2, rope: null }; // no weights
  const tree = { ...rest, embed: random.normal([3, 2]), layers: [{ g: random.normal([2]) }, { g: random.normal([4]) }], fixed: random.normal([5]) }; // biome-ignore format: one line
  const extra = { frozen: ['fixed'], tied: ['embed', 'head'] };
  const found: TensorValue[] = await learner.parametersOf(boxed('params', 'tied', tree, extra));
  expect(found.map(({ shape }) => [...shape])).toEqual([[3, 2], [2], [4]]);
  // Both places of the tied weight are used: gradients 1 and 2 add up to 3, and the norm counts them once.
  const small = { embed: tensor([[1]]), fixed: tensor([7]) };
  const grads = { embed: tensor([[1]]), head: tensor([[2]]), fixed: tensor([100]) };
  const { reports, m } = await train(learner, 'both', small, [[{ grads, tokens: 1 }]], plain, 'dictated', extra);
  expect(reports[0]!.norm).toBeAllClose(3);
  expect(m).toHaveLength(1);
  expect(m[0]).toBeAllClose([[0.6]]);
});

test('a weight that a micro-batch does not use keeps its sum', { points: 1, zh: '小批次没用到的权重，梯度和不变' }, async ({ learner }) => {
  const start = { a: tensor([1]), c: tensor([1]), unused: tensor([1]) };
  const group = [
    { grads: { a: tensor([4]) }, tokens: 1 },
    { grads: { a: tensor([6]), c: tensor([8]) }, tokens: 3 },
    { grads: { c: tensor([-4]) }, tokens: 1 },
  ];
  const { m, weights: ended } = await train(learner, 'unused', start, [group], plain, 'dictated');
  expect(m[0]).toBeAllClose([0.4]);
  expect(m[1]).toBeAllClose([0.16]);
  expect(ended[2]).toBeAllClose([1]);
});

test('a group without tokens changes nothing', { points: 1, zh: '没有词元的组不改变任何东西' }, async ({ learner, random }) => {
  const start = weights(random);
  const [empty, full] = [rows(random, 3, [0, 0, 0]), rows(random, 5)];
  const both = await train(learner, 'both groups', start, [[empty], [full]], options);
  const alone = await train(learner, 'full alone', start, [[full]], options);
  const { loss, norm } = both.reports[0]!;
  expect([loss.at(), norm.at()]).toEqual([0, 0]);
  for (const [i, weight] of alone.weights.entries()) expect(both.weights[i]).toBeAllClose(weight, { rtol: 1e-6, atol: 1e-7 });
});

test('inGroups keeps the order and what is left', { points: 2, zh: 'inGroups 保持顺序，也保留剩下的' }, async ({ learner }) => {
  expect(await learner.inGroups([5, 3, 8, 1, 9], 2)).toEqual([[5, 3], [8, 1], [9]]);
  expect(await learner.inGroups([5, 3, 8, 1], 2)).toEqual([
    [5, 3],
    [8, 1],
  ]);
  expect(await learner.inGroups([5, 3], 4)).toEqual([[5, 3]]);
  expect(await learner.inGroups([], 4)).toEqual([]);
  for (const accum of [0, 1.5]) await expect(learner.inGroups([5, 3], accum)).toReject(/accum/);
});

test('an update keeps its two scalars and nothing else', { points: 1, zh: '一次更新只留下两个标量', untrusted: true }, async ({
  learner,
  random,
}) => {
  const state = await learner.AdamState(boxed('params', 'kept', weights(random)));
  const groups = [[rows(random, 2), rows(random, 3)], [rows(random, 4)]];
  let kept = 0;
  for (let call = 0; call < 8; call++) {
    await learner.trainStep(groups, boxed('params', 'kept'), state, options, boxed('regression'));
    if (call > 1) kept += learner.stats().tensorsKept;
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

test('batches stay whole: the caller may use them again', { points: 1, zh: '批次保持完好：调用者还可以再用' }, async ({
  learner,
  random,
}) => {
  const [start, batch] = [weights(random), rows(random, 5)];
  const state = await learner.AdamState(boxed('params', 'again', start));
  for (const made of [batch, undefined]) {
    const same = made ? boxed('params', 'batch', made) : boxed('params', 'batch');
    await learner.trainStep([[same]], boxed('params', 'again'), state, options, boxed('regression'));
  }
  const twice = await train(learner, 'twice', start, [[batch], [batch]], options);
  expect((await learner.parametersOf(boxed('params', 'again')))[0]).toBeAllClose(twice.weights[0]!);
});

performance('memory does not grow with the micro-batches', {
  points: 2,
  zh: '内存不随小批次数增长',
  kind: 'memory',
  atMost: 0.6,
  of: 'naive',
  inputs: (random) => [random.normal([1024, 1024]), Array.from({ length: 48 }, () => random.uniform([1]).at(0))],
  run: async (subject, [w, group]) => {
    const state = await subject.AdamState(boxed('params', 'heavy', { w }));
    const [report] = await subject.trainStep([group], boxed('params', 'heavy'), state, options, boxed('heavy'));
    return report.norm;
  },
  close: { rtol: 1e-3, atol: 1e-4 },
});

// --- helpers ---

type Batch = { readonly [name: string]: Value };
type Report = { readonly loss: TensorValue; readonly norm: TensorValue; readonly tokens: number };
type Rows = { readonly x: TensorValue; readonly y: TensorValue; readonly mask: TensorValue };

/** A fresh state, one call, and all that there is to see afterwards. */
async function train(
  // biome-ignore lint/suspicious/noExplicitAny: a subject
  learner: any,
  key: string,
  start: { readonly [name: string]: Value },
  groups: readonly (readonly Batch[])[],
  settings: { readonly [name: string]: Value },
  loss: 'regression' | 'dictated' = 'regression',
  extra: { readonly [name: string]: Value } = {},
): Promise<{ reports: Report[]; weights: TensorValue[]; m: TensorValue[]; v: TensorValue[] }> {
  const state = await learner.AdamState(boxed('params', key, start, extra));
  const reports = await learner.trainStep(groups, boxed('params', key), state, settings, boxed(loss));
  expect(reports).toHaveLength(groups.length);
  return { reports, weights: await learner.parametersOf(boxed('params', key)), m: await state.m(), v: await state.v() };
}

/** AdamW number by number, with the `options` of this suite: a vector `a` and a matrix `c`, which alone decays. */
function adamwByLoop(
  start: { a: TensorValue; c: TensorValue },
  groups: readonly (readonly { grads: { a: TensorValue; c: TensorValue }; tokens: number }[])[],
): { a: number[]; c: number[] } {
  const { clip, lr, wd, eps } = options;
  const [beta1, beta2] = options.betas as [number, number];
  const numbers = [start.a, start.c].flatMap((tensor, i) => Array.from(tensor.values, (w) => ({ w, m: 0, v: 0, decays: i === 1 })));
  for (const [n, group] of groups.entries()) {
    const tokens = group.reduce((sum, batch) => sum + batch.tokens, 0);
    const means = numbers.map((_, i) => group.reduce((sum, { grads }) => sum + [...grads.a.values, ...grads.c.values][i]!, 0) / tokens);
    const norm = Math.sqrt(means.reduce((sum, g) => sum + g * g, 0));
    for (const [i, one] of numbers.entries()) {
      const g = means[i]! * Math.min(1, clip / (norm + 1e-6));
      one.m = beta1 * one.m + (1 - beta1) * g;
      one.v = beta2 * one.v + (1 - beta2) * g * g;
      if (one.decays) one.w *= 1 - lr * wd;
      one.w -= (lr * one.m) / (1 - beta1 ** (n + 1)) / (Math.sqrt(one.v / (1 - beta2 ** (n + 1))) + eps);
    }
  }
  const ended = numbers.map(({ w }) => w);
  return { a: ended.slice(0, start.a.size), c: ended.slice(start.a.size) };
}

function weights(random: Random): { w1: TensorValue; b1: TensorValue; w2: TensorValue } {
  return { w1: random.normal([D, F]), b1: random.normal([F]), w2: random.normal([F, 1]) };
}

function rows(random: Random, N: number, mask: readonly number[] = new Array(N).fill(1)): Rows {
  return { x: random.normal([N, D], { std: 1.5 }), y: random.normal([N]), mask: tensor([...mask]) };
}

function cut({ x, y, mask }: Rows, from: number, N: number): Rows {
  return { x: x.slice([from, 0], [N, -1]), y: y.slice([from], [N]), mask: mask.slice([from], [N]) };
}

function zeros(shape: readonly number[]): TensorValue {
  return new TensorValue('float32', shape, new Float32Array(shape.reduce((product, n) => product * n, 1)));
}
