import { common, expect, performance, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, T time, Tq queries, Tk keys, K width. A mask is 0 where a key is seen and -1e9 where it is hidden.
const HIDDEN = -1e9;
const exact = { rtol: 0, atol: 0 };

test('the causal mask hides every key after its query', { points: 2, zh: '因果掩码遮住查询之后的每个键', gate: true }, async ({
  learner,
  random,
}) => {
  for (const T of [1, 2, 5, random.integer(6, 40)]) {
    const rows = range(T).map((i) => range(T).map((j) => (j <= i ? 0 : HIDDEN)));
    expect(await learner.causalMask(T, T, 0)).toBeAllClose([[rows]], exact);
  }
});

test('with past = p, query i sees p + i + 1 keys', { points: 2, zh: '有 p 个历史时，第 i 个查询看到 p + i + 1 个键' }, async ({
  learner,
  random,
}) => {
  for (const past of [1, random.integer(2, 7)]) {
    const Tq = 3;
    const Tk = past + Tq + random.integer(1, 4); // keys beyond the last query are the future too
    const mask = await learner.causalMask(Tq, Tk, past);
    expect(mask).toBeAllClose([[range(Tq).map((i) => range(Tk).map((j) => (j < past + i + 1 ? 0 : HIDDEN)))]], exact);
  }
});

test('the defaults put the last query on the last key', { points: 1, zh: '默认情况下，最后一个查询对着最后一个键' }, async ({
  learner,
}) => {
  expect(await learner.causalMask(3)).toBeAllClose(await learner.causalMask(3, 3, 0), exact);
  const one = await learner.causalMask(1, 4); // one new token after three: it sees all four
  expect(one).toBeAllClose([[[[0, 0, 0, 0]]]], exact);
  expect(await learner.causalMask(2, 4)).toBeAllClose([[[[0, 0, 0, HIDDEN], [0, 0, 0, 0]]]], exact); // biome-ignore format: one row per query
});

test('the padding mask hides the keys from each length on', { points: 2, zh: '填充掩码遮住每个长度之后的键' }, async ({
  learner,
  random,
}) => {
  const T = 6;
  const lens = [T, 1, random.integer(2, T)];
  expect(await learner.paddingMask(lens, T)).toBeAllClose(
    lens.map((len) => [[range(T).map((j) => (j < len ? 0 : HIDDEN))]]),
    exact,
  );
});

test('combine hides what any mask hides', { points: 2, zh: '只要有一个掩码遮住，combine 就遮住' }, async ({ learner, random }) => {
  const [B, Tq, Tk] = [2, 3, 5];
  // Each mask alone hides something, and all three hide key 4.
  const late = random.integer(0, Tq);
  const causal = maskOf([1, 1, Tq, Tk], (_b, i, j) => j === 4 || (j === 1 && i === late));
  const padding = maskOf([B, 1, 1, Tk], (b, _i, j) => j === 4 || (j === 2 && b === 1));
  const extra = maskOf([B, 1, Tq, Tk], (b, i, j) => j === 4 || (j === 3 && i === b));
  const both = await learner.combine(causal, padding, extra);
  const any = maskOf([B, 1, Tq, Tk], (b, i, j) => causal.at(0, 0, i, j) < 0 || padding.at(b, 0, 0, j) < 0 || extra.at(b, 0, i, j) < 0);
  expect(both).toBeAllClose(any, exact); // never -2e9; a zero may be -0
  expect(await learner.combine(extra)).toBeAllClose(extra, exact);
});

test('a later token never changes an earlier output', { points: 1, zh: '后面的词元不会改变前面的输出' }, async ({ learner, random }) => {
  const [T, K] = [5, 3];
  const x = random.uniform([T, K], { min: -1, max: 1 });
  const changed = x.map((value, at) => (Math.floor(at / K) === 3 ? value + 1 : value)); // token 3
  const mask = (await learner.causalMask(T, T, 0)).reshape([T, T]);
  const [before, after] = [attend(x, mask), attend(changed, mask)];
  expect(after.slice([0, 0], [3, K])).toBeAllClose(before.slice([0, 0], [3, K]), exact);
  for (const i of [3, 4]) expect(after.slice([i, 0], [1, K])).not.toBeAllClose(before.slice([i, 0], [1, K]));
});

test('what stands in the padding is irrelevant', { points: 1, zh: '填充处的内容无关紧要' }, async ({ learner, random }) => {
  const [T, K, len] = [5, 3, 3];
  const x = random.uniform([T, K], { min: -1, max: 1 });
  const other = (token: number) => x.map((value, at) => (Math.floor(at / K) === token ? value + 1 : value));
  const mask = (await learner.paddingMask([T, len], T)).slice([1, 0, 0, 0], [1, 1, 1, T]).reshape([1, T]);
  const rows = (y: TensorValue) => y.slice([0, 0], [2, K]); // the outputs of two real tokens
  expect(rows(attend(other(len), mask))).toBeAllClose(rows(attend(x, mask)), exact);
  expect(rows(attend(other(len - 1), mask))).not.toBeAllClose(rows(attend(x, mask)));
});

test('a mask that hides every key is finite', { points: 1, zh: '遮住所有键的掩码是有限的' }, async ({ learner }) => {
  const empty = await learner.paddingMask([0, 2], 3);
  expect(empty).toBeAllClose([[[[HIDDEN, HIDDEN, HIDDEN]]], [[[0, 0, HIDDEN]]]], exact);
  const both = await learner.combine(empty, await learner.causalMask(3, 3, 0));
  expect(both).toBeFinite();
  expect(both.slice([0, 0, 0, 0], [1, 1, 3, 3])).toBeAllClose([[range(3).map(() => [HIDDEN, HIDDEN, HIDDEN])]], exact);
});

test('causalMask and paddingMask keep one tensor each, the mask', {
  points: 1,
  zh: 'causalMask 和 paddingMask 各只留下掩码',
  untrusted: true,
}, async ({ learner }) => {
  const kept = { causalMask: 0, paddingMask: 0 };
  for (let call = 0; call < 5; call++) {
    await learner.causalMask(3, 5, 2);
    if (call > 1) kept.causalMask += learner.stats().tensorsKept;
    await learner.paddingMask([2, 4], 4);
    if (call > 1) kept.paddingMask += learner.stats().tensorsKept;
  }
  expect(kept).toEqual({ causalMask: 0, paddingMask: 0 });
});

common('combine', {
  inputs: ({ B, T }) => [
    maskOf([B, 1, 1, T], (b, _i, j) => j === b % T),
    maskOf([B, 1, T, T], (b, i, j) => j > 0 && (b + i + j) % 2 === 0),
  ],
});

performance('twice the time costs four times the work, not eight', {
  points: 1,
  zh: '时间加倍，工作量变为四倍，而不是八倍',
  kind: 'growth',
  atMost: 4.6,
  call: 'causalMask',
  inputs: (random, n) => [n, n, random.integer(0, n)], // another past each time: a mask kept from the call before is of no use
  n: 192,
});

// Beside the growth: who waits in short calls, so that long ones look no worse, is slow in all of them.
performance("a large mask takes less than ten times the reference's time", {
  points: 1,
  zh: '大掩码用时不到参考实现的十倍',
  kind: 'ratio',
  atLeast: 0.1,
  of: 'reference',
  call: 'causalMask',
  inputs: (random) => [384, 384, random.integer(0, 384)],
});

// --- helpers: plain loops, obviously right ---

/** A mask of four dims from a rule: true hides. */
function maskOf(shape: [number, number, number, number], hides: (b: number, i: number, j: number) => boolean): TensorValue {
  const [B, , Tq, Tk] = shape;
  return tensor(range(B).map((b) => [range(Tq).map((i) => range(Tk).map((j) => (hides(b, i, j) ? HIDDEN : 0)))]));
}

/** Self-attention of the rows of x under a mask [T, T] or [1, T], in float64. */
function attend(x: TensorValue, mask: TensorValue): TensorValue {
  const [T, K] = x.shape as [number, number];
  const row = (i: number) => {
    const scores = range(T).map(
      (j) => range(K).reduce((sum, c) => sum + x.at(i, c) * x.at(j, c), 0) + mask.at(mask.shape[0] === 1 ? 0 : i, j),
    );
    const e = scores.map((score) => Math.exp(score - Math.max(...scores)));
    const total = e.reduce((sum, term) => sum + term, 0);
    return range(K).map((c) => range(T).reduce((sum, j) => sum + (e[j]! / total) * x.at(j, c), 0));
  };
  return tensor(range(T).map(row));
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
