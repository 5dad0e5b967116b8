import {
  boxed,
  expect,
  performance,
  type Random,
  type Subject,
  type TensorValue,
  tensor,
  test,
  type Value,
} from '@llm-ladder/grader/suite';
import { llamaWeights, type Tree, treeOf } from '../weights.ts';

// Dims: B batch, T places of a call, S places of the cache, V vocabulary, D model width, L layers, H query heads, G key/value heads, F MLP width.
const cfg = { V: 19, D: 24, L: 2, H: 6, G: 2, F: 40, maxLen: 32, eps: 1e-5, theta: 10_000, style: 'half', tied: true } as const;
const metaCfg = { ...cfg, V: 17, D: 16, L: 3, H: 4, G: 1, F: 20, eps: 1e-2, theta: 500, style: 'interleaved', tied: false } as const;
const close = { rtol: 1e-4, atol: 1e-4 };

test('every step of a left-padded batch matches Hugging Face', {
  points: 4,
  zh: '左填充的一批，每一步都与 Hugging Face 一致',
  gate: true,
}, async ({ learner, reference, golden, random }) => {
  const { ids, pads, logits, ...rest } = await golden('hugging-face');
  const given = { w: treeOf(rest), cfg, ids, pads: Array.from(pads.values as Int32Array), first: 5 };
  const steps = await decode(learner, given);
  expect(steps).toHaveLength(5);
  for (const [n, step] of steps.entries()) expect(step).toBeAllClose(logits.slice([n, 0, 0], [1, -1, -1]).reshape([2, cfg.V]), close);

  for (const one of [cfg, metaCfg]) {
    const drawn = { w: llamaWeights(random, one), cfg: one, ids: symbols(random, [3, 6], one), pads: [1, 0, 2], first: 4 }; // numbers that nobody can have stored
    const expected = await decode(reference, drawn);
    for (const [n, step] of (await decode(learner, drawn)).entries()) expect(step).toBeAllClose(expected[n]!, close);
  }
});

test('the cache holds the turned keys and the values of Hugging Face', { points: 2, zh: '缓存里是 Hugging Face 的旋转后的键和值' }, async ({
  learner,
  golden,
}) => {
  const { ids, pads, logits: _, ...rest } = await golden('hugging-face');
  const given = { w: treeOf(rest), cfg, ids, pads: Array.from(pads.values as Int32Array), first: 5 };
  const layers: Layer[] = await (await decodeToCache(learner, given)).layers();
  expect(layers).toHaveLength(cfg.L);
  for (const [l, { k, v }] of layers.entries())
    for (const [b, pad] of given.pads.entries()) {
      const real = (x: TensorValue) => x.slice([b, pad, 0, 0], [1, -1, -1, -1]); // what stands in the padding is nobody's business
      expect(real(k)).toBeAllClose(real(rest[`k${l}`]), close);
      expect(real(v)).toBeAllClose(real(rest[`v${l}`]), close);
    }
});

test('a step gives what reading everything anew gives', { points: 3, zh: '走一步等于把全部重新读一遍' }, async ({ learner, random }) => {
  for (const one of [cfg, metaCfg]) {
    const [w, ids] = [llamaWeights(random, one), symbols(random, [2, 9], one)];
    const steps = await decode(learner, { w, cfg: one, ids, first: 3 });
    for (const [n, step] of steps.entries()) {
      const anew = await learner.prefill(columns(ids, 0, 3 + n), w, one);
      expect(step).toBeAllClose(anew.logits, close);
    }
    expect(steps[1]).not.toBeAllClose(steps[0]!, close);
  }
});

test('a prefill in parts gives what one in a piece gives', { points: 3, zh: '分几段预填充等于一次预填充' }, async ({ learner, random }) => {
  const w = llamaWeights(random, cfg);
  const ids = symbols(random, [2, 8]);
  for (const pads of [
    [0, 0],
    [1, 4],
  ]) {
    const whole = await learner.prefill(ids, w, cfg, { pads });
    const layers: Layer[] = await whole.cache.layers();
    for (const parts of [
      [1, 7],
      [5, 3],
      [2, 2, 4],
    ]) {
      let [done, step] = [0, undefined as Step | undefined];
      for (const size of parts) {
        const options = step === undefined ? { pads } : { cache: step.cache };
        step = (await learner.prefill(columns(ids, done, done + size), w, cfg, options)) as Step;
        done += size;
      }
      expect(step!.logits).toBeAllClose(whole.logits, close);
      const second = (x: TensorValue) => x.slice([1, pads[1]!, 0, 0], [1, -1, -1, -1]);
      for (const [l, { k, v }] of ((await step!.cache.layers()) as Layer[]).entries()) {
        expect(second(k)).toBeAllClose(second(layers[l]!.k), close);
        expect(second(v)).toBeAllClose(second(layers[l]!.v), close);
      }
    }
  }
});

test('a row padded on the left gives what it gives alone', { points: 3, zh: '左填充的一行与单独计算的结果相同' }, async ({
  learner,
  random,
}) => {
  const w = llamaWeights(random, cfg);
  const ids = symbols(random, [3, 7]);
  const pads = [2, 0, 3];
  const together = await decode(learner, { w, cfg, ids, pads, first: 5 });
  for (const [b, pad] of pads.entries()) {
    const row = ids.slice([b, pad], [1, -1]);
    const alone = await decode(learner, { w, cfg, ids: row, first: 5 - pad });
    for (const [n, step] of alone.entries()) expect(together[n]!.slice([b, 0], [1, -1])).toBeAllClose(step, close);
  }
});

test('ids in the padding have no influence, all others have', { points: 2, zh: '填充处的 id 没有影响，其他的都有' }, async ({
  learner,
  random,
}) => {
  const w = llamaWeights(random, cfg);
  const ids = symbols(random, [1, 6]);
  const options = { w, cfg, pads: [2], first: 4 };
  const before = await decode(learner, { ...options, ids });
  for (let at = 0; at < 4; at++) {
    const other = ids.map((id, place) => (place === at ? (id + 5) % cfg.V : id));
    const after = await decode(learner, { ...options, ids: other });
    for (const [n, step] of after.entries()) {
      if (at < 2) expect(step).toBeAllClose(before[n]!, { rtol: 0, atol: 1e-5 });
      else expect(step).not.toBeAllClose(before[n]!, close);
    }
  }
});

test('the step stands at the position that it is given', { points: 1, zh: '这一步站在给定的位置上' }, async ({
  learner,
  reference,
  random,
}) => {
  const [w, ids] = [llamaWeights(random, cfg), symbols(random, [2, 4])];
  const at = async (subject: Subject, places: readonly number[]): Promise<TensorValue> => {
    const { cache } = await subject.prefill(columns(ids, 0, 3), w, cfg);
    return (await subject.decodeStep(columns(ids, 3, 4), cache, column(places), w, cfg)).logits;
  };
  const right = await at(learner, [3, 3]);
  const moved = await at(learner, [3, 9]);
  expect(moved).toBeAllClose(await at(reference, [3, 9]), close);
  expect(moved.slice([0, 0], [1, -1])).toBeAllClose(right.slice([0, 0], [1, -1]), close);
  expect(moved.slice([1, 0], [1, -1])).not.toBeAllClose(right.slice([1, 0], [1, -1]), close);
});

test('the cache grows by one place a step and holds key/value heads only', { points: 2, zh: '缓存每步长一格，只存键/值头' }, async ({
  learner,
  random,
}) => {
  for (const one of [cfg, metaCfg]) {
    const [w, ids] = [llamaWeights(random, one), symbols(random, [2, 7], one)];
    let { cache } = await learner.prefill(columns(ids, 0, 5), w, one);
    for (let S = 5; S <= 7; S++) {
      expect(await cache.length()).toBe(S);
      const layers: Layer[] = await cache.layers();
      expect(layers).toHaveLength(one.L);
      for (const { k, v } of layers) {
        expect(k).toHaveShape([2, S, one.G, one.D / one.H]);
        expect(v).toHaveShape([2, S, one.G, one.D / one.H]);
      }
      if (S < 7) ({ cache } = await learner.decodeStep(columns(ids, S, S + 1), cache, column([S, S]), w, one));
    }
  }
});

test('more places than there are positions are refused, and the cache stays good', {
  points: 2,
  zh: '超过位置数就拒绝，缓存仍可用',
}, async ({ learner, random }) => {
  const short = { ...cfg, maxLen: 5 };
  const [w, ids] = [llamaWeights(random, short), symbols(random, [1, 6])];
  await expect(learner.prefill(ids, w, short)).toReject(/5/);
  const { cache } = await learner.prefill(columns(ids, 0, 4), w, short);
  await expect(learner.prefill(columns(ids, 4, 6), w, short, { cache })).toReject(/5/);
  const last = await learner.decodeStep(columns(ids, 4, 5), cache, column([4]), w, short);
  expect(last.logits).toHaveShape([1, cfg.V]);
  await expect(learner.decodeStep(columns(ids, 5, 6), last.cache, column([5]), w, short)).toReject(/5/);
});

test('the pads of each row are its own, and the call leaves its inputs alone', {
  points: 2,
  zh: '每行的填充各算各的，调用不改动输入',
}, async ({ learner, random }) => {
  const [w, ids] = [llamaWeights(random, cfg), symbols(random, [2, 6])];
  const steps = await decode(learner, { w, cfg, ids, pads: [0, 3], first: 4 });
  const swapped = await decode(learner, { w, cfg, ids: ids.gather([1, 0]), pads: [3, 0], first: 4 });
  for (const [n, step] of steps.entries()) expect(swapped[n]!.gather([1, 0])).toBeAllClose(step, close);
  expect({ changed: learner.stats().inputsChanged }).toEqual({ changed: false });
});

test('a step disposes of the old cache and keeps nothing else', {
  points: 1,
  zh: '走一步会释放旧缓存，不多留张量',
  untrusted: true,
}, async ({ learner, random }) => {
  const [w, ids] = [llamaWeights(random, cfg), symbols(random, [1, 12])];
  // Cosines and sines are made once: no step leaves a tensor more. (A KvCache gives back what it is made of.)
  const alive = async (): Promise<number> => (await learner.KvCache([], boxed('tensors'), {})).pads;
  let { cache } = await learner.prefill(columns(ids, 0, 2), w, cfg);
  expect({ keptByPrefill: learner.stats().tensorsKept }).toEqual({ keptByPrefill: 0 });
  const [kept, counts]: [number[], number[]] = [[], []];
  for (let t = 2; t < 12; t++) {
    ({ cache } = await learner.decodeStep(columns(ids, t, t + 1), cache, column([t]), w, cfg));
    if (t > 3) kept.push(learner.stats().tensorsKept);
    if (t > 3) counts.push(await alive());
  }
  expect(counts).toEqual(counts.map(() => counts[0]));
  // Logits and new cache are counted as results: what remains is minus a key and a value tensor a layer of the old cache.
  expect(kept).toEqual(kept.map(() => -2 * cfg.L));
});

performance('decoding up to 256 places costs a third of reading anew, or less', {
  points: 2,
  zh: '解码到 256 个位置，开销不超过重新读的三分之一',
  kind: 'ratio',
  atLeast: 0.5,
  of: 'reference',
  inputs: (random) => [symbols(random, [1, 256], large), 1 + random.integer(0, 2)],
  run: (subject, [ids, seed]) => lastOf(subject, ids, seed, 240),
  close: { rtol: 1e-2, atol: 1e-2 },
});

performance('a step hardly grows with what came before', {
  points: 2,
  zh: '一步的时间几乎不随前文增长',
  kind: 'growth',
  n: 128,
  atMost: 1.6,
  inputs: (random, n) => [symbols(random, [1, n + 40], large), 1 + random.integer(0, 2)],
  run: (subject, [ids, seed]) => lastOf(subject, ids, seed, ids.shape[1] - 40),
  close: { rtol: 1e-2, atol: 1e-2 },
});

// --- helpers ---

const large = { ...cfg, V: 64, D: 96, H: 6, G: 2, F: 256, maxLen: 512 };

type Layer = { readonly k: TensorValue; readonly v: TensorValue };
// biome-ignore lint/suspicious/noExplicitAny: the cache stays in the box; its methods are what the exercise says
type Step = { readonly logits: TensorValue; readonly cache: any };
type Decoding = {
  readonly w: Tree;
  readonly cfg: { readonly [name: string]: Value };
  readonly ids: TensorValue;
  readonly pads?: readonly number[];
  readonly first: number;
};

/** Prefills `first` columns of ids, then takes the others one by one: the logits after each call. */
async function decode(subject: Subject, given: Decoding): Promise<TensorValue[]> {
  const all: TensorValue[] = [];
  await walk(subject, given, ({ logits }) => all.push(logits));
  return all;
}

async function decodeToCache(subject: Subject, given: Decoding): Promise<Step['cache']> {
  return (await walk(subject, given, () => {})).cache;
}

async function walk(subject: Subject, { w, cfg, ids, pads, first }: Decoding, see: (step: Step) => void): Promise<Step> {
  const [B, T] = ids.shape as [number, number];
  let step: Step = await subject.prefill(columns(ids, 0, first), w, cfg, pads ? { pads } : {});
  see(step);
  for (let t = first; t < T; t++) {
    const pos = column(Array.from({ length: B }, (_, b) => t - (pads?.[b] ?? 0)));
    step = await subject.decodeStep(columns(ids, t, t + 1), step.cache, pos, w, cfg);
    see(step);
  }
  return step;
}

/** The logits at the end of ids [1, T], the first `first` of which are prefilled. The weights are made in the box. */
async function lastOf(subject: Subject, ids: TensorValue, seed: number, first: number): Promise<TensorValue> {
  const w = boxed('weights', large, seed);
  return (await walk(subject, { w, cfg: large, ids, first }, () => {})).logits;
}

function symbols(random: Random, shape: readonly number[], { V }: { readonly V: number } = cfg): TensorValue {
  return random.integers(shape, { max: V });
}

/** Columns begin .. end - 1 of ids [B, T]. */
function columns(ids: TensorValue, begin: number, end: number): TensorValue {
  return ids.slice([0, begin], [-1, end - begin]);
}

function column(values: readonly number[]): TensorValue {
  return tensor([...values], [values.length, 1], 'int32');
}
