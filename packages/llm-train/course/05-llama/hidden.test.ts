import { boxed, common, expect, performance, type Random, rng, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';
import { leavesOf, llamaWeights, type Tree, treeOf } from '../weights.ts';

// Dims: B batch, T time, V vocabulary, D model width, L layers, H query heads, G key/value heads, F MLP width.
const cfg = { V: 19, D: 24, L: 2, H: 6, G: 2, F: 40, maxLen: 32, eps: 1e-5, theta: 10_000, style: 'half', tied: true } as const;
const metaCfg = { ...cfg, V: 17, D: 16, L: 3, H: 4, G: 1, F: 20, eps: 1e-2, theta: 500, style: 'interleaved', tied: false } as const;
const book = { ...cfg, V: 6144, D: 768, L: 12, H: 16, G: 8, F: 2048 };

test('matches Hugging Face', { points: 3, zh: '与 Hugging Face 一致', gate: true }, async ({ learner, reference, golden, random }) => {
  const { ids, logits, ...rest } = await golden('hugging-face');
  expect(await learner.llamaForward(ids, treeOf(rest), cfg)).toBeAllClose(logits, { rtol: 1e-4, atol: 1e-4 });
  const drawn = [symbols(random, [2, 5]), llamaWeights(random, cfg), cfg]; // numbers that nobody can have stored
  expect(await learner.llamaForward(...drawn)).toBeAllClose(await reference.llamaForward(...drawn), { rtol: 1e-4, atol: 1e-4 });
});

test("matches PyTorch in Meta's form, with positions given", { points: 3, zh: '与 Meta 形式的 PyTorch 一致，位置由外面给出' }, async ({
  learner,
  golden,
}) => {
  const { ids, pos, logits, ...rest } = await golden('meta');
  expect(await learner.llamaForward(ids, treeOf(rest), metaCfg, { pos })).toBeAllClose(logits, { rtol: 1e-4, atol: 1e-4 });
});

test('the gradients match Hugging Face, both uses of the table included', {
  points: 2,
  zh: '梯度与 Hugging Face 一致，词表的两处用法都算在内',
}, async ({ learner, golden }) => {
  const { ids, upstream, ...rest } = await golden('hugging-face');
  const names = ['embed', 'layers.0.attn.Wk', 'layers.0.attnNorm', 'layers.1.attn.Wo', 'layers.1.ffn.w1', 'norm'];
  const gradients = await learner.grad('llamaForward', [ids, treeOf(rest), cfg], { wrt: names.map((name) => `1.${name}`), upstream });
  for (const [i, name] of names.entries()) expect(gradients[i]).toBeAllClose(rest[`d.${name}`], { rtol: 1e-3, atol: 1e-3 });
});

test('the two sizes of the course have 82,594,560 and 215,127,040 parameters', {
  points: 2,
  zh: '课程的两种规模有 82,594,560 和 215,127,040 个参数',
}, async ({ learner }) => {
  expect(await learner.countParams(book)).toBe(82_594_560);
  expect(await learner.countParams({ ...book, D: 1024, L: 18, F: 2752 })).toBe(215_127_040);
  expect(await learner.countParams({ ...book, tied: false })).toBe(82_594_560 + 6144 * 768);
  expect(await learner.countParams({ ...cfg, G: 6, L: 1 })).toBe(19 * 24 + 4 * 24 * 24 + 3 * 24 * 40 + 3 * 24);
});

test('countParams counts what initWeights makes', { points: 1, zh: 'countParams 数的就是 initWeights 造的' }, async ({
  learner,
  random,
}) => {
  for (const one of [cfg, metaCfg]) {
    const total = leavesOf(await learner.initWeights(one, rng(random.seed()))).reduce((sum, [, w]) => sum + w.size, 0);
    expect(await learner.countParams(one)).toBe(total);
  }
});

test('a later id never changes an earlier row of logits', { points: 1, zh: '后面的 id 不会改变前面的 logits' }, async ({
  learner,
  random,
}) => {
  const w = llamaWeights(random, cfg);
  const ids = symbols(random, [2, 5]);
  const other = ids.map((id, at) => (at % 5 === 3 ? (id + 1) % cfg.V : id));
  const [before, after] = [await learner.llamaForward(ids, w, cfg), await learner.llamaForward(other, w, cfg)];
  expect(rows(after, 0, 3)).toBeAllClose(rows(before, 0, 3), { rtol: 0, atol: 1e-5 });
  for (const t of [3, 4]) expect(rows(after, t, 1)).not.toBeAllClose(rows(before, t, 1));
});

test('an earlier id and its place change later rows', { points: 1, zh: '前面的 id 和它的位置会改变后面的行' }, async ({
  learner,
  random,
}) => {
  const w = llamaWeights(random, shallow);
  // One layer: without positions it could not tell two orders of earlier ids apart.
  const ids = tensor([3, 8, 5, 11, 2], [1, 5], 'int32');
  const swapped = tensor([8, 3, 5, 11, 2], [1, 5], 'int32');
  const [before, after] = [await learner.llamaForward(ids, w, shallow), await learner.llamaForward(swapped, w, shallow)];
  for (const t of [2, 3, 4]) expect(rows(after, t, 1)).not.toBeAllClose(rows(before, t, 1));
});

test('all positions moved by the same distance change nothing', { points: 1, zh: '所有位置平移相同的距离，结果不变' }, async ({
  learner,
  random,
}) => {
  for (const style of ['half', 'interleaved']) {
    const [w, ids] = [llamaWeights(random, cfg), symbols(random, [2, 4])];
    const at = (...places: number[]) => tensor([places, places], [2, 4], 'int32');
    const plain = await learner.llamaForward(ids, w, { ...cfg, style });
    const run = (pos: TensorValue) => learner.llamaForward(ids, w, { ...cfg, style }, { pos });
    expect(await run(at(0, 1, 2, 3))).toBeAllClose(plain, { rtol: 1e-4, atol: 1e-5 });
    expect(await run(at(20, 21, 22, 23))).toBeAllClose(plain, { rtol: 1e-3, atol: 1e-4 });
    expect(await run(at(0, 2, 4, 6))).not.toBeAllClose(plain, { rtol: 1e-3, atol: 1e-3 });
  }
});

test('packed documents give what each gives alone', { points: 2, zh: '打包的文档与各自单独计算结果相同' }, async ({ learner, random }) => {
  const w = llamaWeights(random, cfg);
  const [first, second] = [symbols(random, [1, 3]), symbols(random, [1, 2])];
  const both = tensor([...first.values, ...second.values], [1, 5], 'int32');
  const docs = [0, 0, 0, 1, 1];
  const mask = tensor([[docs.map((mine, i) => docs.map((other, j) => (j <= i && mine === other ? 0 : -1e9)))]]);
  const packed = await learner.llamaForward(both, w, cfg, { mask, pos: tensor([0, 1, 2, 0, 1], [1, 5], 'int32') });
  expect(rows(packed, 0, 3)).toBeAllClose(await learner.llamaForward(first, w, cfg), { rtol: 1e-4, atol: 1e-5 });
  expect(rows(packed, 3, 2)).toBeAllClose(await learner.llamaForward(second, w, cfg), { rtol: 1e-4, atol: 1e-5 });
  expect(packed).not.toBeAllClose(await learner.llamaForward(both, w, cfg));
});

test('fresh weights have the promised names and shapes', { points: 1, zh: '初始权重的名字和形状符合约定' }, async ({ learner, random }) => {
  for (const one of [cfg, metaCfg]) {
    const fresh = await learner.initWeights(one, rng(random.seed()));
    expect(shapesOf(fresh)).toEqual(shapesOf(llamaWeights(random, one)));
  }
});

test('what ends a branch starts smaller by sqrt(2 L)', { points: 2, zh: '结束分支的矩阵初始值小 sqrt(2 L) 倍' }, async ({
  learner,
  random,
}) => {
  const one = { ...metaCfg, V: 120, D: 48, H: 4, G: 2, F: 80, L: 8 };
  for (const [path, w] of leavesOf(await learner.initWeights(one, rng(random.seed())))) {
    const name = path.split('.').at(-1)!;
    if (name.toLowerCase().endsWith('norm')) expect(w).toBeAllClose(w.map(() => 1));
    else expectSpread(path, w, ['Wo', 'w2'].includes(name) ? 0.02 / 4 : 0.02);
  }
});

test('the same seed gives the same weights, and no two matrices are alike', {
  points: 1,
  zh: '种子相同权重就相同，任意两个矩阵都不相同',
}, async ({ learner, random }) => {
  const seed = random.seed();
  const one = { ...cfg, G: cfg.H, F: cfg.D, V: cfg.D, L: 8, tied: false }; // all 58 matrices have one shape
  const first = leavesOf(await learner.initWeights(one, rng(seed)));
  const again = leavesOf(await learner.initWeights(one, rng(seed)));
  for (const [i, [, w]] of first.entries()) expect(again[i]![1]).toBeAllClose(w, { rtol: 0, atol: 0 });
  const matrices = first.filter(([path]) => !path.toLowerCase().endsWith('norm'));
  for (const [i, [, w]] of matrices.entries())
    for (const [, other] of matrices.slice(0, i)) expect(correlation(w, other)).toBeLessThan(0.5); // a scaled copy has 1
  const another = leavesOf(await learner.initWeights(one, rng(seed + 1)));
  expect(another[0]![1]).not.toBeAllClose(first[0]![1]);
  // Also from the least numbers of an rng, where a seed may come to 0.
  for (const chance of [0, 1.5 * 2 ** -31]) {
    const [{ embed }, { embed: same }] = [
      await learner.initWeights(one, boxed('always', chance)),
      await learner.initWeights(one, boxed('always', chance)),
    ];
    expect(same).toBeAllClose(embed, { rtol: 0, atol: 0 });
  }
});

test('too long a row, and heads that do not divide, are refused', { points: 1, zh: '拒绝过长的行和除不尽的头' }, async ({
  learner,
  random,
}) => {
  const w = llamaWeights(random, cfg);
  const short = { ...cfg, maxLen: 4 };
  expect(await learner.llamaForward(symbols(random, [1, 4]), w, short)).toHaveShape([1, 4, cfg.V]);
  await expect(learner.llamaForward(symbols(random, [1, 5]), w, short)).toReject();
  for (const wrong of [{ H: 5 }, { G: 4 }, { H: 24 / 3, G: 2 }]) await expect(learner.initWeights({ ...cfg, ...wrong }, rng(1))).toReject();
});

const shallow = { ...cfg, L: 1 };

common('llamaForward', {
  inputs: ({ random, B, T }) => [symbols(random, [B, T]), llamaWeights(random, shallow), shallow],
  wrt: ['1.embed', '1.layers.0.attn.Wq', '1.layers.0.attn.Wv', '1.layers.0.ffn.w3', '1.layers.0.ffnNorm', '1.norm'],
  noT1: true, // a sequence of one token has no attention to speak of: Wq would get no gradient
});

performance('a training step keeps up with the reference', {
  points: 2,
  zh: '训练一步的速度跟得上参考实现',
  kind: 'ratio',
  atLeast: 0.6,
  of: 'reference',
  run: (subject, [ids, w, upstream]) =>
    subject.grad('llamaForward', [ids, w, large], { wrt: ['1.embed', '1.layers.0.attn.Wq', '1.layers.1.ffn.w2'], upstream }),
  inputs: (random) => [symbols(random, [8, 32]), llamaWeights(random, large), random.normal([8, 32, large.V])],
  close: { rtol: 1e-2, atol: 1e-2 },
});

// --- helpers ---

const large = { ...cfg, V: 64, D: 96, F: 256 };

function symbols(random: Random, shape: readonly number[]): TensorValue {
  return random.integers(shape, { max: cfg.V });
}

/** Rows t .. t + count - 1 of logits [B, T, V]. */
function rows(logits: TensorValue, t: number, count: number): TensorValue {
  return logits.slice([0, t, 0], [-1, count, -1]);
}

function shapesOf(weights: Tree): Record<string, readonly number[]> {
  return Object.fromEntries(leavesOf(weights).map(([path, w]) => [path, [...w.shape]] as const));
}

function correlation(a: TensorValue, b: TensorValue): number {
  const dot = (x: TensorValue, y: TensorValue) => Array.from(x.values).reduce((sum, value, i) => sum + value * y.values[i]!, 0);
  return Math.abs(dot(a, b)) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Mean 0 and the given deviation, both within 6 sigma. */
function expectSpread(path: string, w: TensorValue, deviation: number): void {
  const [N, values] = [w.size, Array.from(w.values)];
  const mean = values.reduce((sum, x) => sum + x, 0) / N;
  const found = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / N);
  const close = Math.abs(mean) < (6 * deviation) / Math.sqrt(N) && Math.abs(found / deviation - 1) < 6 / Math.sqrt(2 * N);
  expect({ path, mean: mean.toPrecision(3), deviation: found.toPrecision(4), close }).toMatchObject({ path, close: true });
}
