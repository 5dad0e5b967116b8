import { common, expect, performance, type Random, type Subject, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, T time, Y tags.
const Y = 3;

test('the loss equals an enumeration of all paths', { points: 3, zh: '损失与枚举所有路径一致', gate: true }, async ({
  learner,
  golden,
  random,
}) => {
  const { emit, labels, mask, loss, ...rest } = await golden('crf');
  expect(await learner.crfNll(emit, labels, mask, weightsOf(rest))).toBeAllClose(loss);
  const lengths = [3, 4, 1]; // numbers that nobody can have stored
  const [scores, tags, w] = [random.normal([3, 4, Y]), random.integers([3, 4], { max: Y }), randomWeights(random)];
  const losses = lengths.map((T, row) => {
    const all = paths(T).reduce((sum, path) => sum + Math.exp(scoreOf(path, scores, row, w)), 0);
    return Math.log(all) - scoreOf(Array.from({ length: T }, (_, t) => tags.at(row, t)), scores, row, w); // biome-ignore format: one line
  });
  const mean = losses.reduce((sum, one) => sum + one, 0) / lengths.length;
  expect(await learner.crfNll(scores, tags, maskOf(lengths, 4), w)).toBeAllClose(mean);
});

test('best paths and their scores equal an enumeration of all paths', {
  points: 3,
  zh: '最好的路径和分数与枚举所有路径一致',
}, async ({ learner, golden }) => {
  const { emit, mask, best, scores, ...rest } = await golden('crf');
  const got = await learner.viterbi(emit, mask, weightsOf(rest));
  expect(got.scores).toBeAllClose(scores);
  expect(got.tags).toEqual([6, 1, 4, 3].map((n, row) => Array.from({ length: n }, (_, t) => best.at(row, t))));
});

test('the best path of random scores is found, with three tags and six words', {
  points: 2,
  zh: '随机分数下能找到最好的路径：三个标签、六个词',
}, async ({ learner, random }) => {
  for (let round = 0; round < 6; round++) {
    const [emit, w] = [random.normal([1, 6, Y]), randomWeights(random, 1.5)];
    const all = paths(6).map((path) => ({ path, score: scoreOf(path, emit, 0, w) }));
    const best = all.reduce((a, b) => (b.score > a.score ? b : a));
    const { tags, scores } = await learner.viterbi(emit, ones(1, 6), w);
    expect(tags).toEqual([best.path]);
    expect(scores).toBeAllClose([best.score]);
  }
});

test('a transition goes from the row to the column', { points: 1, zh: '转移从行到列' }, async ({ learner }) => {
  // The only good transitions are 0 -> 1 -> 2 -> 0, and a path starts where it likes.
  const w = { trans: tensor([[0, 9, 0], [0, 0, 9], [9, 0, 0]]), start: tensor([0, 1, 0]), end: tensor([0, 0, 0]) }; // biome-ignore format: one model
  const { tags, scores } = await learner.viterbi(tensor(new Float32Array(12), [1, 4, 3]), ones(1, 4), w);
  expect(tags).toEqual([[1, 2, 0, 1]]);
  expect(scores).toBeAllClose([28]);
});

test('start and end scores decide, also for a row of one word', { points: 2, zh: '开始分和结束分起作用，只有一个词的行也一样' }, async ({
  learner,
}) => {
  const w = { trans: tensor(new Float32Array(9), [3, 3]), start: tensor([0, 2, 0]), end: tensor([0, 0, 3]) };
  const flat = (T: number) => tensor(new Float32Array(2 * T * 3).fill(0.5), [2, T, 3]);
  const short = await learner.viterbi(flat(1), ones(2, 1), w);
  expect(short.tags).toEqual([[2], [2]]);
  expect(short.scores).toBeAllClose([3.5, 3.5]);
  const long = await learner.viterbi(flat(2), tensor([[1, 1], [1, 0]]), w); // biome-ignore format: two rows
  expect(long.tags).toEqual([[1, 2], [2]]);
  expect(long.scores).toBeAllClose([6, 3.5]);
});

test('a row of a padded batch is as good as the row alone', { points: 2, zh: '带填充的一批里，每一行和单独算时一样' }, async ({
  learner,
  random,
}) => {
  const [lengths, T] = [[5, 2, 4], 5];
  const [emit, labels, w] = [random.normal([3, T, Y], { std: 2 }), random.integers([3, T], { max: Y }), randomWeights(random)];
  const mask = maskOf(lengths, T);
  const { tags, scores } = await learner.viterbi(emit, mask, w);
  let loss = 0;
  for (const [row, n] of lengths.entries()) {
    const alone = emit.slice([row, 0, 0], [1, n, Y]);
    const single = await learner.viterbi(alone, ones(1, n), w);
    expect(tags[row]).toEqual(single.tags[0]);
    expect(scores[row]).toBeCloseTo(single.scores[0], 4);
    loss += (await learner.crfNll(alone, labels.slice([row, 0], [1, n]), ones(1, n), w)).at() / lengths.length;
  }
  expect(await learner.crfNll(emit, labels, mask, w)).toBeAllClose(loss);
});

test('what stands at the padding does not matter, a word does', { points: 2, zh: '填充处放什么没有影响，换一个词有影响' }, async ({
  learner,
  random,
}) => {
  const [emit, w] = [random.normal([1, 4, Y]), randomWeights(random)];
  const [mask, labels] = [maskOf([2], 4), tensor(Int32Array.from([1, 2, 0, 1]), [1, 4], 'int32')];
  const change = (from: number, by: number) => emit.map((x, at) => (at >= from * Y ? x + by * Math.cos(at) : x));
  const before = await learner.crfNll(emit, labels, mask, w);
  expect(await learner.crfNll(change(2, 5), labels, mask, w)).toBeAllClose(before);
  expect(await learner.crfNll(emit, labels.set([0, 2], -100).set([0, 3], -100), mask, w)).toBeAllClose(before);
  expect(await learner.viterbi(change(2, 5), mask, w)).toEqual(await learner.viterbi(emit, mask, w));
  const [losses, scores]: [number[], number[]] = [[], []];
  for (let by = 1; by <= 6; by++) {
    losses.push((await learner.crfNll(change(1, by), labels, mask, w)).at());
    scores.push((await learner.viterbi(change(1, by), mask, w)).scores[0]);
  }
  for (const list of [losses, scores]) expect(Math.max(...list) - Math.min(...list)).toBeGreaterThan(1e-3);
});

test('the gradients of the loss match PyTorch', { points: 2, zh: '损失的梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { emit, labels, mask, demit, dtrans, dstart, dend, ...rest } = await golden('crf');
  const wrt = [0, '3.trans', '3.start', '3.end'];
  const gradients = await learner.grad('crfNll', [emit, labels, mask, weightsOf(rest)], { wrt });
  for (const [at, expected] of [demit, dtrans, dstart, dend].entries()) expect(gradients[at]).toBeAllClose(expected);
});

test('the probabilities of all paths sum to 1', { points: 2, zh: '所有路径的概率之和为 1' }, async ({ learner, random }) => {
  const [emit, w] = [random.normal([1, 3, Y]), randomWeights(random)];
  let sum = 0;
  for (const path of paths(3)) {
    const loss = await learner.crfNll(emit, tensor(Int32Array.from(path), [1, 3], 'int32'), ones(1, 3), w);
    sum += Math.exp(-loss.at());
  }
  expect(sum).toBeCloseTo(1, 4);
});

test('scores of a thousand give a finite loss', { points: 1, zh: '分数上千时损失有限' }, async ({ learner, random }) => {
  const emit = random.uniform([2, 30, Y], { min: -1000, max: 1000 });
  const labels = random.integers([2, 30], { max: Y });
  const loss = await learner.crfNll(emit, labels, ones(2, 30), randomWeights(random));
  expect(loss).toBeFinite();
  expect(loss.at()).toBeGreaterThan(100); // random labels are not the best path
});

test('spans become tags', { points: 1, zh: '片段变成标签' }, async ({ learner }) => {
  const spans = [{ start: 4, end: 5, type: 'L' }, { start: 0, end: 3, type: 'P' }, { start: 3, end: 4, type: 'P' }]; // biome-ignore format: one line
  expect(await learner.toBio(spans, 7)).toEqual(['B-P', 'I-P', 'I-P', 'B-P', 'B-L', 'O', 'O']);
  expect(await learner.toBio([], 2)).toEqual(['O', 'O']);
  expect(await learner.toBio([{ start: 0, end: 2, type: 'T-1' }], 2)).toEqual(['B-T-1', 'I-T-1']);
});

test('tags become spans again', { points: 2, zh: '标签变回片段' }, async ({ learner, random }) => {
  for (let round = 0; round < 8; round++) {
    const [spans, T] = randomSpans(random);
    expect(await learner.fromBio(await learner.toBio(random.shuffle(spans), T))).toEqual(spans);
  }
  expect(await learner.fromBio(['B-P', 'B-P', 'I-P', 'B-T-1', 'I-T-1'])).toEqual([
    { start: 0, end: 1, type: 'P' },
    { start: 1, end: 3, type: 'P' },
    { start: 3, end: 5, type: 'T-1' },
  ]);
});

test('an I that continues nothing begins a span', { points: 2, zh: '接不上的 I 开始一个新片段' }, async ({ learner }) => {
  const P = (start: number, end: number) => ({ start, end, type: 'P' });
  const L = (start: number, end: number) => ({ start, end, type: 'L' });
  expect(await learner.fromBio(['I-P', 'I-P', 'O'])).toEqual([P(0, 2)]);
  expect(await learner.fromBio(['B-P', 'O', 'I-P'])).toEqual([P(0, 1), P(2, 3)]);
  expect(await learner.fromBio(['B-P', 'I-L', 'I-L', 'I-P'])).toEqual([P(0, 1), L(1, 3), P(3, 4)]);
});

test('a name counts only if start, end and type are right', { points: 2, zh: '起点、终点、类型都对才算找到一个名字' }, async ({
  learner,
}) => {
  const span = (start: number, end: number, type = 'P') => ({ start, end, type });
  const gold = [[span(0, 2), span(3, 4, 'L')], [span(1, 4)], [span(5, 6)]];
  expect(await learner.spanF1(gold, gold)).toEqual({ precision: 1, recall: 1, f1: 1 });
  // The end is wrong; the type is wrong; the start is wrong; right, but in another text.
  const wrong = [[span(0, 1), span(3, 4, 'P')], [span(2, 4), span(5, 6)], []];
  expect(await learner.spanF1(gold, wrong)).toEqual({ precision: 0, recall: 0, f1: 0 });
});

test('hits, names and answers are added up over all texts', { points: 1, zh: '命中、名字、回答在全部文本上加总' }, async ({ learner }) => {
  const span = (start: number) => ({ start, end: start + 2, type: 'P' });
  const gold = [[span(0), span(2), span(4), span(6)], [span(1)], []];
  const { precision, recall, f1 } = await learner.spanF1(gold, [[span(0)], [span(1), span(3)], []]);
  expect([precision, recall, f1]).toBeAllClose([2 / 3, 2 / 5, 4 / 8]);
});

test('without names or answers the scores are 0, not NaN', { points: 1, zh: '没有名字或没有回答时得 0，不是 NaN' }, async ({ learner }) => {
  const one = [[{ start: 0, end: 1, type: 'P' }]];
  for (const [gold, answers] of [[one, [[]]], [[[]], one], [[[]], [[]]]]) // biome-ignore format: one line
    expect(await learner.spanF1(gold, answers)).toEqual({ precision: 0, recall: 0, f1: 0 });
});

test('Viterbi keeps no tensors', { points: 1, zh: '维特比不留张量', untrusted: true }, async ({ learner, random }) => {
  const args = [random.normal([2, 4, Y]), maskOf([4, 2], 4), randomWeights(random)];
  let kept = 0;
  for (let call = 0; call < 5; call++) {
    await learner.viterbi(...args);
    if (call > 1) kept += learner.stats().tensorsKept;
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

common('crfNll', {
  inputs: ({ random, B, T }) => [random.normal([B, T, Y]), random.integers([B, T], { max: Y }), ones(B, T), randomWeights(random)],
  wrt: [0, '3.trans', '3.start', '3.end'],
  batched: false,
});

performance('Viterbi on a batch keeps up with the reference', {
  points: 3,
  zh: '一批一起做维特比的速度跟得上参考实现',
  kind: 'ratio',
  atLeast: 0.6,
  of: 'reference',
  inputs: (random) => [random.normal([48, 24, 9]), ones(48, 24), randomWeights(random, 1, 9)],
  run: (subject: Subject, [emit, mask, w]) => subject.viterbi(emit, mask, w),
  check: (got, expected) => expect(got.tags).toEqual(expected.tags),
});

// --- helpers: plain loops, obviously right ---

interface Weights {
  readonly [name: string]: TensorValue;
  readonly trans: TensorValue;
  readonly start: TensorValue;
  readonly end: TensorValue;
}

function weightsOf(golden: { readonly [name: string]: TensorValue }): Weights {
  return { trans: golden['w.trans']!, start: golden['w.start']!, end: golden['w.end']! };
}

function randomWeights(random: Random, std = 1, tags = Y): Weights {
  return { trans: random.normal([tags, tags], { std }), start: random.normal([tags], { std }), end: random.normal([tags], { std }) };
}

function ones(B: number, T: number): TensorValue {
  return maskOf(Array(B).fill(T), T);
}

function maskOf(lengths: readonly number[], T: number): TensorValue {
  return tensor(lengths.map((n) => Array.from({ length: T }, (_, t) => (t < n ? 1 : 0))));
}

/** Every path of T tags. */
function paths(T: number): number[][] {
  return Array.from({ length: Y ** T }, (_, n) => Array.from({ length: T }, (_, t) => Math.floor(n / Y ** t) % Y));
}

function scoreOf(path: readonly number[], emit: TensorValue, row: number, { trans, start, end }: Weights): number {
  let score = start.at(path[0]!) + end.at(path.at(-1)!);
  for (const [t, tag] of path.entries()) score += emit.at(row, t, tag) + (t > 0 ? trans.at(path[t - 1]!, tag) : 0);
  return score;
}

/** Spans in order, some of them side by side, and the number of words. */
function randomSpans(random: Random): [spans: { start: number; end: number; type: string }[], T: number] {
  const spans: { start: number; end: number; type: string }[] = [];
  let at = 0;
  for (let n = 0; n < 5; n++) {
    const start = at + random.integer(0, 3);
    at = start + random.integer(1, 4);
    spans.push({ start, end: at, type: random.pick(['P', 'L', 'O-x']) });
  }
  return [spans, at + random.integer(0, 3)];
}
