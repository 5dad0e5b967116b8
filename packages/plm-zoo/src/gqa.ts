/**
 * Grouped-query attention: H query heads share G key/value heads, H / G queries to each. G = H is multi-head, G = 1 is multi-query attention.
 *
 * Papers: Ainslie et al. 2023, "GQA", section 2.2; Shazeer 2019, "Fast Transformer Decoding" (G = 1).
 * - Query heads 0 .. n-1 read key head 0, the next n read key head 1: heads repeat as 0, 0, 1, 1 and never as 0, 1, 0, 1.
 * - Repeating K and V is the plain way, and costs n times their memory. Here the n queries of a group stand in a row as more queries of one head, so
 *   that keys and values are never copied: what a KV cache saves is not given away again.
 */
import { tf } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { attention } from '@llm-ladder/transformer/attention';

/** Repeats each key/value head n times, neighbours together: [B, T, G, K] -> [B, T, G * n, K]. */
export function repeatKv(x: tf.Tensor4D, n: number): tf.Tensor4D {
  if (!Number.isInteger(n) || n < 1) throw new UsageError('repeatKv', 'a whole number of repeats above 0', `n=${n}`);

  // #region exercise: n copies along a new axis behind the heads, merged with them
  return tf.tidy(() => {
    const [B, T, G, K] = x.shape;
    if (n === 1) return x.clone();
    const copies = Array.from({ length: n }, () => x);
    return tf.stack(copies, 3).reshape([B, T, G * n, K]); // [B, T, G, n, K]; tile would do, but TF.js has no gradient for it in rank 5
  });
  // #endregion
}

/**
 * Attention of H query heads over G key/value heads: q [B, Tq, H, K], k and v [B, Tk, G, K] -> [B, Tq, H, K].
 * The mask broadcasts to [B, 1, Tq, Tk]. Throws ShapeError unless G divides H.
 */
export function gqa(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, mask?: tf.Tensor4D): tf.Tensor4D {
  // #region exercise: check that G divides H, bring queries and keys together, attend, put the heads back
  const [B, Tq, H, K] = q.shape;
  const G = k.shape[2];
  if (H % G !== 0) throw new ShapeError('gqa', 'H query heads divisible by G key heads', `H=${H}, G=${G}`);
  const n = H / G;

  return tf.tidy(() => {
    const grouped = q
      .reshape<tf.Tensor5D>([B, Tq, G, n, K])
      .transpose([0, 2, 3, 1, 4]) // [B, G, n, Tq, K]
      .reshape<tf.Tensor4D>([B, G, n * Tq, K]);
    const [keys, values] = [k.transpose([0, 2, 1, 3]), v.transpose([0, 2, 1, 3])]; // [B, G, Tk, K]
    const seen = mask && mask.shape[2] > 1 ? mask.tile<tf.Tensor4D>([1, 1, n, 1]) : mask; // [B, 1, n * Tq, Tk], or one row for all
    const { out } = attention(grouped, keys, values, seen); // [B, G, n * Tq, K]
    return out
      .reshape<tf.Tensor5D>([B, G, n, Tq, v.shape[3]])
      .transpose([0, 3, 1, 2, 4]) // [B, Tq, G, n, K]
      .reshape([B, Tq, H, v.shape[3]]);
  });
  // #endregion
}
