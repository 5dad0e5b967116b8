/**
 * Before a run on the learner's own files: each of them does what the reference does, on small random inputs. Tests can be passed by luck or by a file that changed
 * since; an hour of training must not be lost to that.
 */
import { tf } from '@llm-ladder/backend';
import { LadderError } from '@llm-ladder/backend/errors';
import { Dice } from '@llm-ladder/data/corpus/phrases';
import { stories } from '@llm-ladder/data/corpus/stories';
import type { AdamWOptions } from '../accum-clip.ts';
import type { LlamaConfig, LlamaWeights } from '../llama.ts';
import { difference, floats, normal, normalTensor } from './parity-values.ts';
import { SPECIAL } from './rows.ts';

/** One part whose results are compared. */
export interface ParityCheck {
  readonly exercise: string;
  /** The module as a package names it; the reference is reached by this name. */
  readonly specifier: string;
  /** The module as this run uses it. */
  readonly used: () => Promise<object>;
  /** What the module does with inputs that are the same for every copy of it: names and numbers, or texts. */
  readonly results: (module: never) => Results;
}

/** Results by name. Numbers are compared to within rounding, other things exactly. */
export type Results = Readonly<Record<string, tf.Tensor | readonly number[] | string>>;

/** The first result of a part that differs, as `what: expected .., got ..`; undefined where none does. */
export function firstDifference(used: object, reference: object, results: (module: never) => Results): string | undefined {
  const run = (module: object) => {
    tf.engine().startScope();
    try {
      return Object.entries(results(module as never)).map(([name, value]) => [name, plain(value)] as const);
    } finally {
      tf.engine().endScope();
    }
  };
  const expected = run(reference);
  let got: typeof expected;
  try {
    got = run(used);
  } catch (error) {
    return LadderError.isInstance(error) ? error.message : `${(error as Error).name}: ${(error as Error).message.split('\n')[0]}`;
  }
  for (const [i, [name, value]] of expected.entries()) {
    const found = difference(value, got[i]?.[1]);
    if (found !== undefined) return `${name}: ${found}`;
  }
  return undefined;
}

function check<Module extends object>(exercise: string, used: () => Promise<Module>, results: (module: Module) => Results): ParityCheck {
  return { exercise, specifier: `@llm-ladder/${exercise === 'transformer/sdpa' ? 'transformer/attention' : exercise}`, used, results };
}

/** Every part that a run uses, in the order of the course. */
export const parityChecks: readonly ParityCheck[] = [
  check(
    'transformer/sdpa',
    () => import('@llm-ladder/transformer/attention'),
    ({ attention }) => {
      const [q, k, v] = [normalTensor([2, 3, 4], 1), normalTensor([2, 5, 4], 2), normalTensor([2, 5, 6], 3)];
      return {
        attention: attention(q, k, v).out,
        'attention with a mask': attention(q, k, v, tf.tensor([0, 0, -1e9, 0, 0], [1, 1, 5])).out,
      };
    },
  ),
  check(
    'transformer/masks',
    () => import('@llm-ladder/transformer/masks'),
    ({ causalMask, paddingMask, combine }) => ({
      causalMask: causalMask(3, 5),
      combine: combine(causalMask(4), paddingMask([2, 3], 4)),
    }),
  ),
  check(
    'plm-zoo/rmsnorm',
    () => import('@llm-ladder/plm-zoo/rmsnorm'),
    ({ rmsNorm }) => ({
      rmsNorm: rmsNorm(normalTensor([2, 3, 6], 1), normalTensor<tf.Rank.R1>([6], 2), 1e-5),
    }),
  ),
  check(
    'plm-zoo/rope',
    () => import('@llm-ladder/plm-zoo/rope'),
    ({ ropeCache, applyRope }) => {
      const { cos, sin } = ropeCache(6, 9);
      const pos = tf.tensor2d([0, 1, 2, 5, 6, 8], [2, 3], 'int32');
      const turned = (style: 'half' | 'interleaved') => applyRope(normalTensor<tf.Rank.R4>([2, 3, 4, 6], 1), cos, sin, pos, style);
      return { 'applyRope, half': turned('half'), 'applyRope, interleaved': turned('interleaved') };
    },
  ),
  check(
    'plm-zoo/gqa',
    () => import('@llm-ladder/plm-zoo/gqa'),
    ({ gqa }) => {
      const heads = (count: number, seed: number) => normalTensor<tf.Rank.R4>([2, 3, count, 5], seed);
      return { gqa: gqa(heads(6, 1), heads(2, 2), heads(2, 3), tf.tensor4d([0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0], [1, 1, 3, 3])) };
    },
  ),
  check(
    'plm-zoo/swiglu',
    () => import('@llm-ladder/plm-zoo/swiglu'),
    ({ swiglu }) => {
      const matrix = (rows: number, columns: number, seed: number) => normalTensor<tf.Rank.R2>([rows, columns], seed);
      return { swiglu: swiglu(normalTensor<tf.Rank.R3>([2, 3, 4], 1), matrix(4, 7, 2), matrix(7, 4, 3), matrix(4, 7, 4)) };
    },
  ),
  check(
    'llm-train/bbpe-train',
    () => import('../bbpe-train.ts'),
    ({ trainBpe }) => {
      const { vocab, merges } = trainBpe(sampleTexts(), { vocab: 400, special: SPECIAL });
      return { merges: JSON.stringify(merges), vocab: JSON.stringify([...vocab].sort(([, a], [, b]) => a - b)) };
    },
  ),
  check(
    'llm-train/bbpe-codec',
    () => import('../bbpe-codec.ts'),
    ({ Tokenizer }) => {
      const tokenizer = new Tokenizer({ ...handMadeBpe(), special: SPECIAL });
      const texts = [...sampleTexts(), "I'll say  <|im_end|>\n\t你好，世界！ 🙂 é"];
      const ids = texts.map((text) => tokenizer.encode(text));
      return {
        ids: ids.flat(),
        'ids with special tokens allowed': tokenizer.encode('a<|im_end|>b', { allowSpecial: true }),
        decode: ids.map((one) => tokenizer.decode(one)).join(''),
      };
    },
  ),
  check(
    'llm-train/pack',
    () => import('../pack.ts'),
    ({ packDocs, documentMask }) => ({
      packDocs: JSON.stringify(packDocs([[7, 8, 9], [], [5, 6], [3, 4, 3, 4, 3, 4], [9]], 4, 2)),
      documentMask: documentMask([
        [0, 0, 1, 1, 1],
        [2, 3, 3, 3, 4],
      ]),
    }),
  ),
  check(
    'llm-train/llama',
    () => import('../llama.ts'),
    ({ llamaForward, countParams }) => {
      const cfg: LlamaConfig = { V: 11, D: 24, L: 2, H: 6, G: 3, F: 10, maxLen: 16, eps: 1e-5, theta: 10_000, style: 'half', tied: true };
      const weights = llamaWeights(cfg);
      const leaves = [weights.embed, weights.layers[0]!.attn.Wk, weights.layers[1]!.ffn.w2, weights.norm];
      const ids = tf.tensor2d([1, 5, 2, 9, 0, 3, 3, 7], [2, 4], 'int32');
      const loss = ([embed, Wk, w2, norm]: readonly tf.Tensor[]) => {
        const [first, second] = weights.layers as [LlamaWeights['layers'][0], LlamaWeights['layers'][0]];
        const layers = [
          { ...first, attn: { ...first.attn, Wk: Wk as tf.Tensor2D } },
          { ...second, ffn: { ...second.ffn, w2: w2 as tf.Tensor2D } },
        ];
        return llamaForward(ids, { embed: embed as tf.Tensor2D, layers, norm: norm as tf.Tensor1D }, cfg)
          .square()
          .sum();
      };
      const gradients = tf.grads((...wrt: tf.Tensor[]) => loss(wrt))(leaves);
      return {
        logits: llamaForward(ids, weights, cfg),
        ...Object.fromEntries(gradients.map((gradient, i) => [`gradient of ${['embed', 'Wk', 'w2', 'norm'][i]}`, gradient])),
        countParams: [countParams(cfg)],
      };
    },
  ),
  check(
    'llm-train/lr-cosine',
    () => import('../lr-cosine.ts'),
    ({ lrAt }) => ({
      lrAt: [0, 1, 4, 5, 6, 20, 49, 50, 60].map((step) => lrAt(step, { base: 3, min: 0.3, warmup: 5, total: 50 })),
    }),
  ),
  check(
    'llm-train/accum-clip',
    () => import('../accum-clip.ts'),
    ({ AdamState, trainStep, inGroups }) => {
      const params = { w: tf.variable(normalTensor([3, 4], 1)), gain: tf.variable(normalTensor([4], 2)) };
      const state = new AdamState(params);
      const options: AdamWOptions = { clip: 0.5, lr: 0.1, wd: 0.3, betas: [0.9, 0.95], eps: 1e-8 };
      const lossFn = ({ w, gain }: typeof params, rows: number) => ({
        lossSum: tf
          .matMul(normalTensor<tf.Rank.R2>([rows, 3], rows), w as tf.Tensor as tf.Tensor2D)
          .mul(gain)
          .square()
          .sum() as tf.Scalar,
        tokens: rows,
      });
      const reports = trainStep(inGroups([2, 5, 3], 2), params, state, options, lossFn);
      const results = {
        loss: tf.stack(reports.map(({ loss }) => loss)),
        norm: tf.stack(reports.map(({ norm }) => norm)),
        'weights after two updates': params.w.clone(),
        'gains after two updates': params.gain.clone(),
      };
      tf.dispose([...Object.values(params)]);
      state.dispose();
      return results;
    },
  ),
  check(
    'llm-train/checkpoint',
    () => import('../checkpoint.ts'),
    ({ save, load, expired, newestFirst }) => {
      const state = load(save({ step: 7, rng: Uint32Array.of(1, 2), text: '大', list: [1.5, null, true], w: normalTensor([3, 2], 1) }));
      const { w, rng, ...rest } = state as unknown as { w: tf.Tensor; rng: Uint32Array };
      const names = ['step-9.ckpt', 'step-10.ckpt', 'step-8.ckpt', 'other'];
      return {
        'load(save(state))': w,
        numbers: [...rng],
        rest: JSON.stringify(rest),
        expired: expired(names, 1).join(),
        newestFirst: newestFirst(names).join(),
      };
    },
  ),
  check(
    'llm-train/sampling',
    () => import('../sampling.ts'),
    ({ sample }) => {
      const logits = normalTensor<tf.Rank.R2>([3, 9], 1);
      const rng = () => 0.5;
      return {
        'sample at temperature 0': sample(logits, { temp: 0, rng }),
        'sample of the top 1': sample(logits, { temp: 1, topK: 1, rng }),
        'sample with a penalty': sample(logits, { temp: 0, rep: 5, seen: [[0, 1, 2], [3, 4], [8]], rng }),
      };
    },
  ),
];

// --- helpers ---

function plain(value: Results[string]): readonly number[] | string {
  return value instanceof tf.Tensor ? floats(value) : value;
}

function sampleTexts(): string[] {
  return [...stories(11, 8000)].map(({ text }) => text);
}

/** Bytes, specials and a few merges: a vocabulary that no part has to make. */
function handMadeBpe(): { vocab: Map<string, number>; merges: [string, string][] } {
  const chars = [...Array.from({ length: 256 }, (_, byte) => byteChar(byte))];
  const merges: [string, string][] = [
    ['t', 'h'],
    ['th', 'e'],
    ['Ġ', 'the'],
    ['a', 'n'],
    ['an', 'd'],
    ['l', 'l'],
    ['Ġ', 'a'],
    ['i', 'n'],
  ];
  const tokens = [...SPECIAL, ...chars, ...merges.map(([left, right]) => left + right)];
  return { vocab: new Map(tokens.map((token, id) => [token, id])), merges };
}

/** The character that stands for a byte in GPT-2's vocabulary. */
function byteChar(byte: number): string {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  if (printable(byte)) return String.fromCharCode(byte);
  return String.fromCharCode(256 + Array.from({ length: byte }, (_, b) => b).filter((b) => !printable(b)).length);
}

function llamaWeights({ V, D, H, G, F, L }: LlamaConfig): LlamaWeights {
  const dice = new Dice(5);
  const matrix = (rows: number, columns: number) => tf.tensor2d(normal(rows * columns, dice, 1 / Math.sqrt(rows)), [rows, columns]);
  const gain = () => tf.tensor1d(normal(D, dice, 0.3).map((x) => 1 + x));
  const kv = G * (D / H);
  const layer = () => ({
    attnNorm: gain(),
    attn: { Wq: matrix(D, D), Wk: matrix(D, kv), Wv: matrix(D, kv), Wo: matrix(D, D) },
    ffnNorm: gain(),
    ffn: { w1: matrix(D, F), w2: matrix(F, D), w3: matrix(D, F) },
  });
  return { embed: matrix(V, D), layers: Array.from({ length: L }, layer), norm: gain() };
}
