/**
 * The decoder: like the encoder, with a second attention that reads the encoder's output ("memory").
 *
 * Papers: Vaswani et al. 2017, sections 3.1 and 3.2.3; Xiong et al. 2020 for the pre-norm form.
 * - Self-attention takes queries, keys and values from the target so far, under a causal mask.
 * - Cross-attention takes its queries from the target and its keys and values from the memory: T rows over S columns, no causal mask.
 * - The memory comes out of the encoder's final norm, so a layer never norms it again.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented } from '@llm-ladder/backend/errors';
import { drop, type LayerOptions, norm } from '@llm-ladder/transformer/encoder';
import { type FfnWeights, ffn } from '@llm-ladder/transformer/ffn';
import type { NormWeights } from '@llm-ladder/transformer/layernorm';
import { type AttentionWeights, mha } from '@llm-ladder/transformer/mha';

/** Dims: B batch, T target time, S source time, D model width, H heads, F MLP width, L layers. The norms are named in order of use. */
export interface DecoderLayerWeights {
  readonly self: AttentionWeights;
  readonly cross: AttentionWeights;
  readonly ffn: FfnWeights;
  readonly ln1: NormWeights;
  readonly ln2: NormWeights;
  readonly ln3: NormWeights;
}

/** L layers, and the norm after the last one: used in the pre-norm form only. */
export interface DecoderWeights {
  readonly layers: readonly DecoderLayerWeights[];
  readonly ln?: NormWeights;
}

/**
 * One decoder layer, y [B, T, D] and memory [B, S, D] -> [B, T, D]: self-attention, cross-attention, feed-forward (ReLU).
 * `selfMask` broadcasts to [B, 1, T, T] (causal), `memMask` to [B, 1, T, S] (padding of the source); both are additive.
 */
export function decoderLayer(
  y: tf.Tensor3D,
  mem: tf.Tensor3D,
  w: DecoderLayerWeights,
  options: LayerOptions,
  selfMask?: tf.Tensor,
  memMask?: tf.Tensor,
): tf.Tensor3D {
  // TODO: three sub-layers, each with its norm, dropout and residual, in the pre- and the post-norm form
  throw new NotImplemented('transformer/decoder');
}

/** The stack, [B, T, D] and memory [B, S, D] -> [B, T, D]: like `encoder`, every layer reading the same memory. */
export function decoder(
  y: tf.Tensor3D,
  mem: tf.Tensor3D,
  w: DecoderWeights,
  options: LayerOptions,
  selfMask?: tf.Tensor,
  memMask?: tf.Tensor,
): tf.Tensor3D {
  return tf.tidy(() => {
    const out = w.layers.reduce((h, layer) => decoderLayer(h, mem, layer, options, selfMask, memMask), y);
    return options.norm === 'pre' && w.ln ? norm(out, w.ln) : out.clone();
  });
}
