/**
 * The encoder: layers of self-attention and feed-forward, each inside a residual connection.
 *
 * Papers: Vaswani et al. 2017, sections 3.1 and 5.4 (post-norm, dropout); Xiong et al. 2020, "On Layer Normalization" (pre-norm).
 * - post: LayerNorm(x + f(x)), as in the paper's figure. The residual road passes through every norm.
 * - pre: x + f(LayerNorm(x)). The residual road is free, so the stack ends with one more LayerNorm.
 * - Dropout falls on what a sub-layer returns, before it joins the residual road.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';
import { dropout, type FfnWeights, ffn } from '@llm-ladder/transformer/ffn';
import { layerNorm, type NormWeights } from '@llm-ladder/transformer/layernorm';
import { type AttentionWeights, mha } from '@llm-ladder/transformer/mha';

/** Dims: B batch, S source time, D model width, H heads, F MLP width, L layers. The norms of a layer are named in order of use. */
export interface EncoderLayerWeights {
  readonly attn: AttentionWeights;
  readonly ffn: FfnWeights;
  readonly ln1: NormWeights;
  readonly ln2: NormWeights;
}

/** L layers, and the norm after the last one: used in the pre-norm form only. */
export interface EncoderWeights {
  readonly layers: readonly EncoderLayerWeights[];
  readonly ln?: NormWeights;
}

/** What every layer of a stack shares. `rng` is asked only while training with dropout > 0. */
export interface LayerOptions {
  readonly H: number;
  readonly norm: 'pre' | 'post';
  /** Probability of dropping an element of a sub-layer's output; 0 when left out. */
  readonly dropout?: number;
  readonly training?: boolean;
  readonly rng?: () => number;
}

/**
 * One encoder layer, [B, S, D] -> [B, S, D]: self-attention, then feed-forward (ReLU).
 * `mask` is additive (0 or -1e9) and broadcasts to [B, 1, S, S].
 */
export function encoderLayer(x: tf.Tensor3D, w: EncoderLayerWeights, options: LayerOptions, mask?: tf.Tensor): tf.Tensor3D {
  // TODO: two sub-layers, each with its norm, dropout and residual, in the pre- and the post-norm form
  throw new NotImplemented('transformer/encoder');
}

/** The stack, [B, S, D] -> [B, S, D]: the layers in order, then the final norm if the form is pre-norm. */
export function encoder(x: tf.Tensor3D, w: EncoderWeights, options: LayerOptions, mask?: tf.Tensor): tf.Tensor3D {
  // TODO: every layer in turn, then the final norm of the pre-norm form
  throw new NotImplemented('transformer/encoder');
}

// --- helpers ---

/** LayerNorm with its two parameters in one object: [.., D] -> [.., D]. */
export function norm(x: tf.Tensor3D, w: NormWeights): tf.Tensor3D {
  return layerNorm(x, w.g, w.b);
}

/** Dropout as the options say: nothing happens outside training or at probability 0. */
export function drop(x: tf.Tensor3D, { dropout: p = 0, training = false, rng }: LayerOptions): tf.Tensor3D {
  return training && p > 0 ? dropout(x, p, training, rng ?? missingRng) : x;
}

function missingRng(): never {
  throw new UsageError('dropout', 'an rng in the options while training', 'none', { hint: 'pass { rng: () => number }' });
}
