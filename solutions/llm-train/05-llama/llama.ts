/**
 * LLaMA: a decoder of pre-norm layers with RMSNorm, rotary positions, grouped-query attention and SwiGLU, and no biases anywhere.
 *
 * Papers: Touvron et al. 2023, "LLaMA", section 2.2, and "Llama 2", section 2.2; the scaled init of what ends a residual branch is GPT-2's
 * (Radford et al. 2019, section 2.3).
 * - Tied: one table [V, D] embeds the ids and, transposed, gives the logits. It is one tensor in both places, so its gradient has both parts.
 * - Queries and keys are turned before heads are shared; values are not turned.
 * - Each layer adds twice to the residual stream, 2 L times in all. What it adds comes out of Wo and w2, so these two start smaller by sqrt(2 L).
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { gqa } from '@llm-ladder/plm-zoo/gqa';
import { rmsNorm } from '@llm-ladder/plm-zoo/rmsnorm';
import { applyRope, type RopeCache, type RopeStyle, ropeCache } from '@llm-ladder/plm-zoo/rope';
import { swiglu } from '@llm-ladder/plm-zoo/swiglu';
import { causalMask } from '@llm-ladder/transformer/masks';

/** Dims: B batch, T time, V vocabulary, D model width, L layers, H query heads, G key/value heads, K = D / H width of a head, F MLP width. */
export interface LlamaConfig {
  readonly V: number;
  readonly D: number;
  readonly L: number;
  readonly H: number;
  readonly G: number;
  readonly F: number;
  /** How many positions there are. */
  readonly maxLen: number;
  readonly eps: number;
  readonly theta: number;
  /** 'interleaved' for weights in Meta's order, 'half' for Hugging Face's. */
  readonly style: RopeStyle;
  readonly tied: boolean;
}

export interface LlamaLayerWeights {
  readonly attnNorm: tf.Tensor1D; // [D]
  readonly attn: {
    readonly Wq: tf.Tensor2D; // [D, H * K]
    readonly Wk: tf.Tensor2D; // [D, G * K]
    readonly Wv: tf.Tensor2D; // [D, G * K]
    readonly Wo: tf.Tensor2D; // [H * K, D]
  };
  readonly ffnNorm: tf.Tensor1D; // [D]
  readonly ffn: { readonly w1: tf.Tensor2D; readonly w2: tf.Tensor2D; readonly w3: tf.Tensor2D }; // [D, F], [F, D], [D, F]
}

export interface LlamaWeights {
  readonly embed: tf.Tensor2D; // [V, D]
  readonly layers: readonly LlamaLayerWeights[];
  readonly norm: tf.Tensor1D; // [D]
  readonly head?: tf.Tensor2D; // [D, V], only where the head is not tied
}

/** Where tokens stand and whom they see, if not 0, 1, 2 ... and all that came before. */
export interface LlamaOptions {
  readonly pos?: tf.Tensor2D; // [B, T], int32, below maxLen
  readonly mask?: tf.Tensor4D; // broadcasts to [B, 1, T, T]; it replaces the causal mask
}

/** Logits of the next token at every place: ids [B, T] (int32) -> [B, T, V]. Throws UsageError for more places than cfg.maxLen. */
export function llamaForward(ids: tf.Tensor2D, w: LlamaWeights, cfg: LlamaConfig, options: LlamaOptions = {}): tf.Tensor3D {
  const [B, T] = ids.shape;
  if (T > cfg.maxLen) throw new UsageError('llamaForward', `at most ${cfg.maxLen} places`, `T=${T}`);

  return tf.tidy(() => {
    const rope = ropeCache(cfg.D / cfg.H, options.pos ? cfg.maxLen : T, cfg.theta);
    const pos = options.pos ?? tf.range(0, T, 1, 'int32').reshape<tf.Tensor2D>([1, T]).tile<tf.Tensor2D>([B, 1]);
    const mask = options.mask ?? causalMask(T);

    let x = tf.gather(w.embed, ids) as unknown as tf.Tensor3D; // [B, T] -> [B, T, D]
    for (const layer of w.layers) x = llamaLayer(x, layer, cfg, { rope, pos, mask });

    const out = rmsNorm(x, w.norm, cfg.eps).reshape<tf.Tensor2D>([B * T, cfg.D]);
    const logits = w.head ? out.matMul(w.head) : out.matMul(w.embed, false, true); // [B * T, D] x [D, V]
    return logits.reshape([B, T, cfg.V]);
  });
}

/** One layer, pre-norm: attention and feed-forward, each normed before and added after: [B, T, D] -> [B, T, D]. */
function llamaLayer(
  x: tf.Tensor3D,
  { attnNorm, attn, ffnNorm, ffn }: LlamaLayerWeights,
  { D, H, G, eps, style }: LlamaConfig,
  { rope, pos, mask }: { readonly rope: RopeCache; readonly pos: tf.Tensor2D; readonly mask: tf.Tensor4D },
): tf.Tensor3D {
  const [B, T] = x.shape;
  const K = D / H;
  const heads = (y: tf.Tensor2D, W: tf.Tensor2D, count: number) => y.matMul(W).reshape<tf.Tensor4D>([B, T, count, K]);

  const y = rmsNorm(x, attnNorm, eps).reshape<tf.Tensor2D>([B * T, D]); // flat: one tall product is faster than B small ones
  const q = applyRope(heads(y, attn.Wq, H), rope.cos, rope.sin, pos, style); // [B, T, H, K]
  const k = applyRope(heads(y, attn.Wk, G), rope.cos, rope.sin, pos, style); // [B, T, G, K]
  const v = heads(y, attn.Wv, G);
  const mixed = gqa(q, k, v, mask).reshape<tf.Tensor2D>([B * T, D]); // [B, T, H, K], heads side by side
  const attended = x.add<tf.Tensor3D>(mixed.matMul(attn.Wo).reshape([B, T, D]));

  return attended.add(swiglu(rmsNorm(attended, ffnNorm, eps), ffn.w1, ffn.w2, ffn.w3));
}

/**
 * Fresh weights: matrices and tables normal with deviation 0.02, Wo and w2 with 0.02 / sqrt(2 L), gains 1. All chance comes from `rng`.
 * The caller owns every tensor. Throws UsageError unless H divides D, G divides H and D / H is even.
 */
export function initWeights(cfg: LlamaConfig, rng: () => number): LlamaWeights {
  const { V, D, L, H, G, F } = cfg;
  if (D % H !== 0 || H % G !== 0 || (D / H) % 2 !== 0)
    throw new UsageError('initWeights', 'H that divides D, G that divides H, an even D / H', `D=${D}, H=${H}, G=${G}`);
  const seed = () => 1 + Math.floor(rng() * 2 ** 31); // one draw seeds a whole tensor; TF.js takes seed 0 for "no seed"
  const normal = (rows: number, columns: number, deviation = 0.02) =>
    tf.randomNormal<tf.Rank.R2>([rows, columns], 0, deviation, 'float32', seed());
  const gain = () => tf.ones<tf.Rank.R1>([D]);
  const kv = G * (D / H);
  const small = 0.02 / Math.sqrt(2 * L);
  const layer = (): LlamaLayerWeights => ({
    attnNorm: gain(),
    attn: { Wq: normal(D, D), Wk: normal(D, kv), Wv: normal(D, kv), Wo: normal(D, D, small) },
    ffnNorm: gain(),
    ffn: { w1: normal(D, F), w2: normal(F, D, small), w3: normal(D, F) },
  });
  const [embed, layers] = [normal(V, D), Array.from({ length: L }, layer)];
  return { embed, layers, norm: gain(), ...(!cfg.tied && { head: normal(D, V) }) };
}

/** How many numbers `initWeights(cfg)` makes, worked out without making them. */
export function countParams({ V, D, L, H, G, F, tied }: LlamaConfig): number {
  const kv = G * (D / H);
  const layer = 2 * D * D + 2 * D * kv + 3 * D * F + 2 * D;
  return (tied ? 1 : 2) * V * D + L * layer + D;
}
