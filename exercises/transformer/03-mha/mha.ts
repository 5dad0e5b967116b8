/**
 * Multi-head attention: H small attentions side by side, each with its own view of the input.
 *
 * Paper: Vaswani et al. 2017, section 3.2.2: Concat(head_1, ..., head_H) Wo.
 * - One matrix per role holds all heads: columns h*K .. (h+1)*K of Wq belong to head h. No biases.
 * - Queries come from xq, keys and values from xkv. The same tensor twice is self-attention; two tensors are cross-attention, and Tq != Tk.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, ShapeError } from '@llm-ladder/backend/errors';
import { attention } from '@llm-ladder/transformer/attention';

/** Dims: B batch, T time, Tq queries, Tk keys, D model width, H heads, K width of one head (D = H * K). Every weight is [D, D], [in, out]. */
export interface AttentionWeights {
  readonly Wq: tf.Tensor2D;
  readonly Wk: tf.Tensor2D;
  readonly Wv: tf.Tensor2D;
  readonly Wo: tf.Tensor2D;
}

/** Attention in H heads: xq [B, Tq, D], xkv [B, Tk, D] -> [B, Tq, D]. The mask broadcasts to [B, 1, Tq, Tk]. Throws ShapeError unless H divides D. */
export function mha(xq: tf.Tensor3D, xkv: tf.Tensor3D, weights: AttentionWeights, H: number, mask?: tf.Tensor): tf.Tensor3D {
  // TODO: check that H divides D, project, split into heads, attend, merge the heads, project
  throw new NotImplemented('transformer/mha');
}

/** Cuts the width into heads and moves them before time: [B, T, D] -> [B, H, T, K]. */
function splitHeads(x: tf.Tensor3D, H: number): tf.Tensor4D {
  // TODO: [B, T, D] -> [B, T, H, K] -> [B, H, T, K]
  throw new NotImplemented('transformer/mha');
}

/** The way back, heads side by side: [B, H, T, K] -> [B, T, D]. */
function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  // TODO: [B, H, T, K] -> [B, T, H, K] -> [B, T, D]
  throw new NotImplemented('transformer/mha');
}

/** One linear map for every position: [B, T, D] x [D, D] -> [B, T, D]. Flat: one tall product is faster than B small ones. */
function project(x: tf.Tensor3D, W: tf.Tensor2D): tf.Tensor3D {
  const [B, T, D] = x.shape;
  return x
    .reshape<tf.Tensor2D>([B * T, D])
    .matMul<tf.Tensor2D>(W)
    .reshape([B, T, W.shape[1]]);
}
