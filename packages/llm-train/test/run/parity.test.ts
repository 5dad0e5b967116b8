/** Every part of the learner's is compared, and each comparison sees a part that is a little off. */
import { useBackend } from '@llm-ladder/backend';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstDifference, parityChecks } from '../../src/run/parity.ts';

beforeAll(async () => void (await useBackend('cpu')));

// biome-ignore lint/suspicious/noExplicitAny: modules of many forms
type Module = any;

/** For each part a copy that is off in one place, as a learner's file may be. */
const spoilt: Record<string, (module: Module) => Module> = {
  'transformer/sdpa': (m) => ({ attention: (q: Module, k: Module, v: Module, mask: Module) => m.attention(q.mul(1.01), k, v, mask) }),
  'transformer/masks': (m) => ({ ...m, causalMask: (Tq: number, Tk = Tq) => m.causalMask(Tq, Tk, Tk - Tq + 1) }),
  'plm-zoo/rmsnorm': (m) => ({ rmsNorm: (x: Module, gain: Module) => m.rmsNorm(x, gain, 1e-2) }),
  'plm-zoo/rope': (m) => ({ ...m, applyRope: (x: Module, cos: Module, sin: Module, pos: Module) => m.applyRope(x, cos, sin, pos, 'half') }),
  'plm-zoo/gqa': (m) => ({ gqa: (q: Module, k: Module, v: Module, mask: Module) => m.gqa(q.reverse(2), k, v, mask).reverse(2) }),
  'plm-zoo/swiglu': (m) => ({ swiglu: (x: Module, w1: Module, w2: Module, w3: Module) => m.swiglu(x, w3, w2, w1) }),
  'llm-train/bbpe-train': (m) => ({
    trainBpe: (texts: Iterable<string>, options: object) => m.trainBpe(texts, { ...options, vocab: 399 }),
  }),
  'llm-train/bbpe-codec': (m) => ({
    Tokenizer: class extends m.Tokenizer {
      encode(text: string) {
        return super.encode(text, { allowSpecial: true });
      }
    },
  }),
  'llm-train/pack': (m) => ({ ...m, packDocs: (docs: Module, len: number) => m.packDocs(docs, len, 0) }),
  'llm-train/llama': (m) => ({
    ...m,
    llamaForward: (ids: Module, w: Module, cfg: object) => m.llamaForward(ids, w, { ...cfg, theta: 500 }),
  }),
  'llm-train/lr-cosine': (m) => ({ lrAt: (step: number, schedule: object) => m.lrAt(step + 1, schedule) }),
  'llm-train/accum-clip': (m) => ({
    ...m,
    trainStep: (groups: Module, params: Module, state: Module, options: object, lossFn: Module) =>
      m.trainStep(groups, params, state, { ...options, wd: 0 }, lossFn),
  }),
  'llm-train/checkpoint': (m) => ({ ...m, newestFirst: (names: string[]) => m.newestFirst(names).sort() }),
  'llm-train/sampling': (m) => ({ sample: (logits: Module, options: object) => m.sample(logits, { ...options, rep: 1 }) }),
};

test('every part that a run uses is compared', () => {
  expect(parityChecks.map(({ exercise }) => exercise).sort()).toEqual(Object.keys(spoilt).sort());
});

describe.each(parityChecks)('$exercise', ({ exercise, used, results }) => {
  test('the reference does not differ from itself', async () => {
    const module = await used();
    expect(firstDifference(module, module, results)).toBeUndefined();
  });

  test('a part that is off is seen', async () => {
    const module = await used();
    expect(firstDifference(spoilt[exercise]!(module), module, results)).toMatch(/: expected .+, got .+/);
  });

  test('a part that throws is seen', async () => {
    const module = await used();
    const broken = Object.fromEntries(
      Object.keys(module).map((name) => [
        name,
        class {
          constructor() {
            throw new Error('broken');
          }
        },
      ]),
    );
    expect(firstDifference(broken, module, results)).toBeDefined();
  });
});
