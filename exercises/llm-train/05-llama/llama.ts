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
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';
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
  // TODO: check T, embed, positions and mask, all layers, the final norm, the head
  throw new NotImplemented('llm-train/llama');
}

/** One layer, pre-norm: attention and feed-forward, each normed before and added after: [B, T, D] -> [B, T, D]. */
function llamaLayer(
  x: tf.Tensor3D,
  { attnNorm, attn, ffnNorm, ffn }: LlamaLayerWeights,
  { D, H, G, eps, style }: LlamaConfig,
  { rope, pos, mask }: { readonly rope: RopeCache; readonly pos: tf.Tensor2D; readonly mask: tf.Tensor4D },
): tf.Tensor3D {
  // TODO: norm, queries keys and values in heads, turn queries and keys, attend, project, add; norm, feed-forward, add
  throw new NotImplemented('llm-train/llama');
}

/**
 * Fresh weights: matrices and tables normal with deviation 0.02, Wo and w2 with 0.02 / sqrt(2 L), gains 1. All chance comes from `rng`.
 * The caller owns every tensor. Throws UsageError unless H divides D, G divides H and D / H is even.
 */
export function initWeights(cfg: LlamaConfig, rng: () => number): LlamaWeights {
  const { V, D, L, H, G, F } = cfg;
  // TODO: check the heads; the table, L layers, the final norm, the head if it is not tied
  throw new NotImplemented('llm-train/llama');
}

/** How many numbers `initWeights(cfg)` makes, worked out without making them. */
export function countParams({ V, D, L, H, G, F, tied }: LlamaConfig): number {
  // TODO: tables, attentions, feed-forwards and gains, added up
  throw new NotImplemented('llm-train/llama');
}
