import { common, expect, type Random, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, V vocabulary, D width of a vector, w window.
const [V, D] = [11, 4];

test('matches PyTorch, with places that are empty', { points: 3, zh: '有空位时与 PyTorch 一致', gate: true }, async ({
  learner,
  golden,
  random,
}) => {
  const { ctx, mask, target, Win, Wout, loss } = await golden('cbow');
  expect(await learner.cbowLoss(ctx, mask, target, Win, Wout)).toBeAllClose(loss);
  const drawn = inputs(random, 3, 4); // numbers that nobody can have stored
  const [words, there] = drawn;
  const rows = [0, 1, 2].map((b) => [0, 1, 2, 3].flatMap((at) => (there.at(b, at) === 1 ? [words.at(b, at)] : [])));
  expect(await learner.cbowLoss(...drawn)).toBeAllClose(lossByLoop(rows, drawn[2], drawn[3], drawn[4]));
});

test('the gradients match PyTorch', { points: 2, zh: '梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { ctx, mask, target, Win, Wout, dWin, dWout } = await golden('cbow');
  const [forWin, forWout] = await learner.grad('cbowLoss', [ctx, mask, target, Win, Wout], { wrt: [3, 4] });
  expect(forWin).toBeAllClose(dWin);
  expect(forWout).toBeAllClose(dWout);
});

test('the mean divides by the neighbours that are there', { points: 2, zh: '平均时除以实际存在的邻居个数' }, async ({
  learner,
  random,
}) => {
  const [Win, Wout] = [random.normal([V, D]), random.normal([V, D])];
  const word = random.integer(1, V);
  const target = ids([random.integer(0, V)]);
  const alone = await learner.cbowLoss(ids([word], [1, 1]), tensor([[1]]), target, Win, Wout);
  expect(alone).toBeAllClose(lossByLoop([[word]], target, Win, Wout));
  const four = [word, word, word, word];
  for (const there of [1, 2, 3, 4]) {
    const mask = tensor([four.map((_, at) => (at < there ? 1 : 0))]);
    expect(await learner.cbowLoss(ids(four, [1, 4]), mask, target, Win, Wout)).toBeAllClose(alone);
  }
});

test('the batch is a mean of its rows', { points: 1, zh: '一批的损失是各行的平均' }, async ({ learner, random }) => {
  const [ctx, mask, target, Win, Wout] = inputs(random, 3, 4);
  const row = (b: number) => learner.cbowLoss(ctx.slice([b, 0], [1, -1]), mask.slice([b, 0], [1, -1]), target.slice([b], [1]), Win, Wout);
  const [first, second, third] = [await row(0), await row(1), await row(2)];
  const mean = (first.at() + second.at() + third.at()) / 3;
  expect(await learner.cbowLoss(ctx, mask, target, Win, Wout)).toBeAllClose(mean);
});

test('what stands in an empty place does not matter, a neighbour does', {
  points: 1,
  zh: '空位里放什么都没有影响，换一个邻居有影响',
}, async ({ learner, random }) => {
  const [Win, Wout] = [random.normal([V, D]), random.normal([V, D])];
  const [mask, target] = [tensor([[0, 1, 1, 0]]), ids([7])];
  const before = await learner.cbowLoss(ids([0, 3, 5, 0], [1, 4]), mask, target, Win, Wout);
  expect(await learner.cbowLoss(ids([8, 3, 5, 9], [1, 4]), mask, target, Win, Wout)).toBeAllClose(before);
  const losses: number[] = [];
  for (let id = 0; id < V; id++) losses.push((await learner.cbowLoss(ids([0, 3, id, 0], [1, 4]), mask, target, Win, Wout)).at());
  expect(Math.max(...losses) - Math.min(...losses)).toBeGreaterThan(1e-3);
});

test('id 0 is a word like any other', { points: 1, zh: 'id 0 和别的词一样' }, async ({ learner, random }) => {
  const [Win, Wout] = [random.normal([V, D]), random.normal([V, D])];
  const target = ids([0]);
  const loss = await learner.cbowLoss(ids([0, 4], [1, 2]), tensor([[1, 1]]), target, Win, Wout);
  expect(loss).toBeAllClose(lossByLoop([[0, 4]], target, Win, Wout));
});

test('the order of the neighbours does not matter', { points: 1, zh: '邻居的顺序没有影响' }, async ({ learner, random }) => {
  const [, , target, Win, Wout] = inputs(random, 2, 6);
  const rows = [random.permutation(V).slice(0, 6), random.permutation(V).slice(0, 6)];
  const ones = tensor([Array(6).fill(1), Array(6).fill(1)]);
  const before = await learner.cbowLoss(ids(rows.flat(), [2, 6]), ones, target, Win, Wout);
  const shuffled = rows.map((row) => random.shuffle(row));
  expect(await learner.cbowLoss(ids(shuffled.flat(), [2, 6]), ones, target, Win, Wout)).toBeAllClose(before);
  expect(before).toBeAllClose(lossByLoop(rows, target, Win, Wout));
});

test('a gap without neighbours costs ln V and has a finite gradient', { points: 1, zh: '没有邻居的空损失为 ln V，梯度有限' }, async ({
  learner,
  random,
}) => {
  const args = [ids([3, 5], [1, 2]), tensor([[0, 0]]), ids([2]), random.normal([V, D]), random.normal([V, D])];
  expect(await learner.cbowLoss(...args)).toBeAllClose(Math.log(V));
  for (const gradient of await learner.grad('cbowLoss', args, { wrt: [3, 4] })) expect(gradient).toBeFinite();
});

test('scores of 1e4 give a finite loss', { points: 1, zh: '分数为 1e4 时损失有限' }, async ({ learner }) => {
  const loss = await learner.cbowLoss(ids([0, 0], [1, 2]), tensor([[1, 0]]), ids([1]), tensor([[100], [0]]), tensor([[100], [0]]));
  expect(loss).toBeAllClose(1e4);
});

test('every word is a gap, with its neighbours in order', { points: 2, zh: '每个词都是一个空，邻居按顺序排列' }, async ({
  learner,
  random,
}) => {
  for (const [window, lengths] of [
    [1, [4, 1, 3]],
    [2, [6, 2]],
    [3, [5, 1]],
  ] as const) {
    // biome-ignore format: one line
    const sentences = lengths.map((n) => Array.from(random.integers([n], { max: 99 }).values));
    const { ctx, mask, target } = await learner.cbowBatch(sentences, window);
    const wanted = batchByLoop(sentences, window);
    expect(ctx).toBeAllClose(wanted.ctx);
    expect(mask).toBeAllClose(wanted.mask);
    expect(target).toBeAllClose(sentences.flat());
    expect([ctx.dtype, target.dtype]).toEqual(['int32', 'int32']);
  }
});

common('cbowLoss', { inputs: ({ random, B, T }) => inputs(random, B, T), wrt: [3, 4], batched: false });

// --- helpers: plain loops, obviously right ---

function ids(values: readonly number[], shape: readonly number[] = [values.length]): TensorValue {
  return tensor(Int32Array.from(values), shape, 'int32');
}

/** B gaps with `places` places each, the first of which is never empty. */
function inputs(random: Random, B: number, places: number): [TensorValue, TensorValue, TensorValue, TensorValue, TensorValue] {
  const mask = random.integers([B, places], { max: 2 }).map((x, at) => (at % places === 0 ? 1 : x));
  const words = random.integers([B, places], { max: V });
  return [words, tensor(Float32Array.from(mask.values), [B, places]), random.integers([B], { max: V }), random.normal([V, D]), random.normal([V, D])]; // biome-ignore format: five arguments
}

/** The loss of gaps of which every place is a word. */
function lossByLoop(rows: readonly (readonly number[])[], target: TensorValue, Win: TensorValue, Wout: TensorValue): number {
  let loss = 0;
  for (const [b, row] of rows.entries()) {
    const mean = Array.from({ length: D }, (_, d) => row.reduce((sum, id) => sum + Win.at(id, d), 0) / row.length);
    const scores = Array.from({ length: V }, (_, v) => mean.reduce((sum, x, d) => sum + x * Wout.at(v, d), 0));
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    loss += (Math.log(total) - scores[target.at(b)]!) / rows.length;
  }
  return loss;
}

function batchByLoop(sentences: readonly (readonly number[])[], window: number): { ctx: number[][]; mask: number[][] } {
  const [ctx, mask]: [number[][], number[][]] = [[], []];
  for (const sentence of sentences) {
    for (let at = 0; at < sentence.length; at++) {
      const [words, exists]: [number[], number[]] = [[], []];
      for (let place = at - window; place <= at + window; place++) {
        if (place === at) continue;
        const there = place >= 0 && place < sentence.length;
        words.push(there ? sentence[place]! : 0);
        exists.push(there ? 1 : 0);
      }
      ctx.push(words);
      mask.push(exists);
    }
  }
  return { ctx, mask };
}
