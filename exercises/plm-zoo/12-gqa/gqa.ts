/**
 * Grouped-query attention: H query heads share G key/value heads, H / G queries to each. G = H is multi-head, G = 1 is multi-query attention.
 *
 * Papers: Ainslie et al. 2023, "GQA", section 2.2; Shazeer 2019, "Fast Transformer Decoding" (G = 1).
 * - Query heads 0 .. n-1 read key head 0, the next n read key head 1: heads repeat as 0, 0, 1, 1 and never as 0, 1, 0, 1.
 * - Repeating K and V is the plain way, and costs n times their memory. Here the n queries of a group stand in a row as more queries of one head, so
 *   that keys and values are never copied: what a KV cache saves is not given away again.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { attention } from '@llm-ladder/transformer/attention';

/** Repeats each key/value head n times, neighbours together: [B, T, G, K] -> [B, T, G * n, K]. */
export function repeatKv(x: tf.Tensor4D, n: number): tf.Tensor4D {
  if (!Number.isInteger(n) || n < 1) throw new UsageError('repeatKv', 'a whole number of repeats above 0', `n=${n}`);

  // TODO: n copies along a new axis behind the heads, merged with them
  throw new NotImplemented('plm-zoo/gqa');
}

/**
 * Attention of H query heads over G key/value heads: q [B, Tq, H, K], k and v [B, Tk, G, K] -> [B, Tq, H, K].
 * The mask broadcasts to [B, 1, Tq, Tk]. Throws ShapeError unless G divides H.
 */
export function gqa(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, mask?: tf.Tensor4D): tf.Tensor4D {
  // TODO: check that G divides H, bring queries and keys together, attend, put the heads back
  throw new NotImplemented('plm-zoo/gqa');
}
