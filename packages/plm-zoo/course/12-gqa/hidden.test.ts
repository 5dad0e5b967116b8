import { common, expect, onDrawn, performance, type Random, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B batch, Tq queries, Tk keys, H query heads, G key/value heads, K width of one head.
const HIDDEN = -1e9;

test('matches PyTorch', { points: 2, zh: '与 PyTorch 一致', gate: true }, async ({ learner, golden, random }) => {
  // Numbers that nobody can have stored; R query heads to a key head.
  await onDrawn(
    { B: 2, Tq: 3, Tk: 4, G: 2, R: 3, K: 5 },
    ({ B, Tq, Tk, G, R, K }) => [random.normal([B, Tq, R * G, K]), random.normal([B, Tk, G, K]), random.normal([B, Tk, G, K])],
    async (q, k, v) => expect(await learner.gqa(q, k, v)).toBeAllClose(gqaByLoop(q, k, v)),
  );
  const { q, k, v, out } = await golden('gqa'); // 6 query heads on 2 key heads
  expect(await learner.gqa(q, k, v)).toBeAllClose(out);
});

test('matches PyTorch with a mask', { points: 2, zh: '带掩码时与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { q, k, v, mask, out } = await golden('gqa-masked');
  expect(await learner.gqa(q, k, v, mask)).toBeAllClose(out);
});

test('the gradients match PyTorch', { points: 2, zh: '梯度与 PyTorch 一致' }, async ({ learner, golden }) => {
  const { q, k, v, mask, upstream, dq, dk, dv } = await golden('gqa-masked');
  const gradients = await learner.grad('gqa', [q, k, v, mask], { wrt: [0, 1, 2], upstream });
  for (const [i, expected] of [dq, dk, dv].entries()) expect(gradients[i]).toBeAllClose(expected);
});

test('repeatKv puts equal heads side by side', { points: 2, zh: 'repeatKv 把相同的头放在一起' }, async ({ learner, random }) => {
  for (const [G, n] of [
    [2, 2],
    [3, 4],
    [1, 5],
  ] as const) {
    const x = random.normal([2, 3, G, 7]);
    const order = Array.from({ length: G * n }, (_, h) => Math.floor(h / n));
    expect(await learner.repeatKv(x, n)).toBeAllClose(x.gather(order, 2), { rtol: 0, atol: 0 });
  }
});

test('one repeat changes nothing', { points: 1, zh: '重复一次等于不变' }, async ({ learner, random }) => {
  const x = random.normal([2, 3, 4, 5]);
  expect(await learner.repeatKv(x, 1)).toBeAllClose(x, { rtol: 0, atol: 0 });
  // The box disposes of the output of a gradient: where that is x itself, x goes too.
  const upstream = random.normal([2, 3, 4, 5]);
  const [dx] = await learner.grad('repeatKv', [x, 1], { wrt: [0], upstream });
  expect(dx).toBeAllClose(upstream, { rtol: 0, atol: 0 });
});

test('the gradient of a repeated head is the sum over its copies', { points: 1, zh: '被重复的头，梯度是各份之和' }, async ({
  learner,
  random,
}) => {
  const [x, upstream] = [random.normal([2, 3, 2, 4]), random.normal([2, 3, 6, 4])];
  const [dx] = await learner.grad('repeatKv', [x, 3], { wrt: [0], upstream });
  const copies = [0, 1, 2].map((j) => upstream.gather([j, 3 + j], 2));
  expect(dx).toBeAllClose(copies[0]!.map((value, at) => value + copies[1]!.values[at]! + copies[2]!.values[at]!));
});

test('every query head reads its own key head', { points: 2, zh: '每个查询头读自己的键头' }, async ({ learner, random }) => {
  for (const [B, Tq, Tk, H, G, K] of [
    [2, 3, 5, 4, 2, 3],
    [1, 4, 2, 6, 3, 5],
  ] as const) {
    const [q, k, v] = [random.normal([B, Tq, H, K]), random.normal([B, Tk, G, K]), random.normal([B, Tk, G, K])];
    expect(await learner.gqa(q, k, v)).toBeAllClose(gqaByLoop(q, k, v));
  }
});

test('as many key heads as query heads is multi-head, one is multi-query attention', {
  points: 1,
  zh: '键头和查询头一样多就是多头，只有一个就是多查询注意力',
}, async ({ learner, random }) => {
  for (const G of [4, 1]) {
    const [q, k, v] = [random.normal([2, 3, 4, 5]), random.normal([2, 6, G, 5]), random.normal([2, 6, G, 5])];
    expect(await learner.gqa(q, k, v)).toBeAllClose(gqaByLoop(q, k, v));
  }
});

test('another key head changes its own group and no other', { points: 1, zh: '改一个键头，只影响它那一组' }, async ({
  learner,
  random,
}) => {
  const [H, G, K] = [6, 3, 4];
  const [q, k, v] = [random.normal([2, 3, H, K]), random.normal([2, 5, G, K]), random.normal([2, 5, G, K])];
  const changed = v.map((value, at) => (Math.floor(at / K) % G === 1 ? value + 1 : value));
  const [before, after] = [await learner.gqa(q, k, v), await learner.gqa(q, k, changed)];
  const group = (x: TensorValue, g: number) => x.gather([2 * g, 2 * g + 1], 2);
  for (const g of [0, 2]) expect(group(after, g)).toBeAllClose(group(before, g), { rtol: 0, atol: 1e-6 });
  expect(group(after, 1)).toBeAllClose(group(before, 1).map((value) => value + 1));
});

test('a hidden key has no influence, and a mask may have one row for all queries', {
  points: 2,
  zh: '被遮住的键没有影响；掩码可以只有一行',
}, async ({ learner, random }) => {
  const [B, Tq, Tk, H, G, K] = [2, 3, 5, 8, 4, 6];
  const [q, k, v] = [random.normal([B, Tq, H, K]), random.normal([B, Tk, G, K]), random.normal([B, Tk, G, K])];
  const row = (hidden: number) => Array.from({ length: Tk }, (_, j) => (j === hidden ? HIDDEN : 0));
  const perSentence = tensor([[[row(1)]], [[row(4)]]]); // [B, 1, 1, Tk]
  const perQuery = tensor([[[0, 3, 2].map(row)]]); // [1, 1, Tq, Tk]
  const change = (x: TensorValue, b: number, t: number) =>
    x.map((value, at) => (Math.floor(at / (G * K)) === b * Tk + t ? value + 2 : value));
  const before = await learner.gqa(q, k, v, perSentence);
  expect(await learner.gqa(q, change(k, 0, 1), change(v, 0, 1), perSentence)).toBeAllClose(before, { rtol: 0, atol: 1e-6 });
  expect(await learner.gqa(q, change(k, 1, 1), change(v, 1, 1), perSentence)).not.toBeAllClose(before);
  const each = await learner.gqa(q, k, v, perQuery);
  const other = await learner.gqa(q, change(k, 0, 3), change(v, 0, 3), perQuery);
  const query = (x: TensorValue, t: number) => x.slice([0, t, 0, 0], [1, 1, H, K]);
  expect(query(other, 1)).toBeAllClose(query(each, 1), { rtol: 0, atol: 1e-6 }); // query 1 does not see key 3
  for (const t of [0, 2]) expect(query(other, t)).not.toBeAllClose(query(each, t));
  const firstTwo = await learner.gqa(q.slice([0, 0, 0, 0], [B, 2, H, K]), k, v, perQuery.slice([0, 0, 0, 0], [1, 1, 2, Tk]));
  expect(firstTwo).toBeAllClose(each.slice([0, 0, 0, 0], [B, 2, H, K]), { rtol: 0, atol: 1e-6 });
});

test('G must divide H', { points: 1, zh: 'G 必须整除 H' }, async ({ learner, random }) => {
  for (const [H, G] of [
    [4, 3],
    [2, 4],
  ] as const) {
    const [q, k] = [random.normal([1, 2, H, 3]), random.normal([1, 2, G, 3])];
    await expect(learner.gqa(q, k, k)).toReject();
  }
});

common('gqa', {
  inputs: ({ random, B, T }) => inputs(random, B, T),
  wrt: [0, 1, 2],
});

test('repeatKv: keeps no tensors over 20 calls', { points: 1, zh: 'repeatKv：调用 20 次不多留张量', untrusted: true }, async ({
  learner,
  random,
}) => {
  const x = random.normal([2, 3, 2, 4]);
  let kept = 0;
  for (let call = 0; call < 20; call++) {
    await learner.repeatKv(x, call % 2 ? 3 : 1);
    if (call >= 2) kept += learner.stats().tensorsKept;
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

performance('keys and values are not copied for every query head', {
  points: 2,
  zh: '键和值不为每个查询头复制',
  kind: 'memory',
  atMost: 0.7,
  of: 'naive',
  call: 'gqa',
  inputs: (random) => [random.normal([1, 1, 32, 64]), random.normal([1, 4096, 2, 64]), random.normal([1, 4096, 2, 64])],
  close: { rtol: 1e-3, atol: 1e-4 },
});

// --- helpers: plain loops, obviously right ---

function inputs(random: Random, B: number, T: number): TensorValue[] {
  const mask = Array.from({ length: T }, (_, i) => Array.from({ length: T + 2 }, (_, j) => (j > i + 2 ? HIDDEN : 0)));
  return [random.normal([B, T, 4, 6]), random.normal([B, T + 2, 2, 6]), random.normal([B, T + 2, 2, 6]), tensor([[mask]])];
}

/** Head by head, query by query. */
function gqaByLoop(q: TensorValue, k: TensorValue, v: TensorValue): TensorValue {
  const [B, Tq, H, K] = q.shape as [number, number, number, number];
  const [, Tk, G] = k.shape as [number, number, number, number];
  const out = new Float32Array(q.size);
  for (let b = 0; b < B; b++)
    for (let i = 0; i < Tq; i++)
      for (let h = 0; h < H; h++) {
        const g = Math.floor(h / (H / G));
        const scores = range(Tk).map((j) => range(K).reduce((sum, c) => sum + q.at(b, i, h, c) * k.at(b, j, g, c), 0) / Math.sqrt(K));
        const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
        for (let c = 0; c < K; c++)
          out[((b * Tq + i) * H + h) * K + c] = range(Tk).reduce((sum, j) => sum + (Math.exp(scores[j]!) / total) * v.at(b, j, g, c), 0);
      }
  return tensor(out, [B, Tq, H, K]);
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
