/**
 * Rotary position embedding: pairs of features of a query or key are turned by an angle that grows with the position.
 *
 * Paper: Su et al. 2021, "RoFormer", sections 3.2.2 and 3.4.2.
 * - A score q.k of two turned vectors depends on the distance of their positions only. Values are never turned.
 * - The frequencies come from the width K of one head: pair i turns by pos * theta^(-2i / K).
 * - Two styles pair the features differently. 'interleaved' (the paper, Meta's LLaMA): 2i with 2i + 1. 'half' (Hugging Face): i with i + K/2.
 *   They give equal scores when the columns of Wq and Wk are permuted to match, and silent nonsense when a checkpoint of one meets the other.
 */
import { tf } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';

export type RopeStyle = 'interleaved' | 'half';

/** Dims: B batch, T time, H heads, K width of one head. One row per position, one column per pair. */
export interface RopeCache {
  readonly cos: tf.Tensor2D; // [T, K / 2]
  readonly sin: tf.Tensor2D; // [T, K / 2]
}

/** Cosines and sines of every angle for positions 0 .. T - 1: two tensors [T, K / 2]. Throws UsageError unless K is even. */
export function ropeCache(K: number, T: number, theta: number = 10_000): RopeCache {
  if (!Number.isInteger(K) || K < 2 || K % 2 !== 0) throw new UsageError('ropeCache', 'an even head width K', `K=${K}`);
  const half = K / 2;
  // In float64: in float32 an angle of 2000 is off by 1e-4 already.
  const angles = Float64Array.from({ length: T * half }, (_, at) => Math.floor(at / half) * theta ** ((-2 * (at % half)) / K));
  return {
    cos: tf.tensor2d(Float32Array.from(angles, Math.cos), [T, half]),
    sin: tf.tensor2d(Float32Array.from(angles, Math.sin), [T, half]),
  };
}

/**
 * Turns each head's pairs by the angles of its position: x [B, T, H, K], cos and sin [positions, K / 2], pos [B, T] (int32) -> [B, T, H, K].
 * Positions are rows of the cache. Throws ShapeError for a head width that the cache was not made for.
 */
export function applyRope(x: tf.Tensor4D, cos: tf.Tensor2D, sin: tf.Tensor2D, pos: tf.Tensor2D, style: RopeStyle): tf.Tensor4D {
  const [B, T, H, K] = x.shape;
  if (cos.shape[1] * 2 !== K || pos.shape[0] !== B || pos.shape[1] !== T) {
    const got = `x [${x.shape}], cos [${cos.shape}], pos [${pos.shape}]`;
    throw new ShapeError('applyRope', 'cos [.., K / 2] and pos [B, T] for x [B, T, H, K]', got);
  }

  return tf.tidy(() => {
    const c = tf.gather(cos, pos).reshape<tf.Tensor4D>([B, T, 1, K / 2]); // the same angles for every head
    const s = tf.gather(sin, pos).reshape<tf.Tensor4D>([B, T, 1, K / 2]);
    const [a, b] = pairs(x, style); // each [B, T, H, K / 2]
    const turnedA = a.mul<tf.Tensor4D>(c).sub<tf.Tensor4D>(b.mul(s));
    const turnedB = a.mul<tf.Tensor4D>(s).add<tf.Tensor4D>(b.mul(c));
    if (style === 'half') return tf.concat([turnedA, turnedB], -1);
    return tf.stack([turnedA, turnedB], -1).reshape([B, T, H, K]); // [B, T, H, K / 2, 2]
  });
}

/** First and second feature of every pair: [B, T, H, K] -> two of [B, T, H, K / 2]. */
function pairs(x: tf.Tensor4D, style: RopeStyle): [tf.Tensor4D, tf.Tensor4D] {
  const [B, T, H, K] = x.shape;
  if (style === 'half') return tf.split(x, 2, -1) as [tf.Tensor4D, tf.Tensor4D];
  return tf.unstack(x.reshape([B, T, H, K / 2, 2]), -1) as [tf.Tensor4D, tf.Tensor4D];
}
