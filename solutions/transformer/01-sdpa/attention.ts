/**
 * Scaled dot-product attention: every query looks at every key and takes a weighted mean of the values.
 *
 * Paper: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.1: softmax(Q K^T / sqrt(K)) V.
 * - Scores are divided by sqrt(K), so that their variance stays near 1 whatever the width of a head.
 * - The mask is added before the softmax: 0 keeps a key, -1e9 hides it.
 * - A query that may see no key at all gets zeros, as in PyTorch with -inf (a softmax over -1e9 alone would be a uniform mean over hidden keys).
 */
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';

/** Dims: Tq queries, Tk keys, K width of one head, Kv width of a value; any leading dims, such as B batch and H heads. */
export type Attended<T extends tf.Tensor> = { readonly out: T; readonly w: T };

const MASKED = -1e9; // what a mask holds where a key is hidden; finite, since -Infinity - -Infinity is NaN

/** Mixes values by how well their keys match each query: [.., Tq, K], [.., Tk, K], [.., Tk, Kv] -> out [.., Tq, Kv], w [.., Tq, Tk]. */
export function attention<T extends tf.Tensor>(q: T, k: T, v: T, mask?: tf.Tensor): Attended<T> {
  checkShapes(q, k, v, mask);

  return tf.tidy(() => {
    const K = q.shape.at(-1)!;
    const scores = tf.matMul(q, k, false, true).div(Math.sqrt(K)); // [.., Tq, K] x [.., K, Tk] -> [.., Tq, Tk]
    if (!mask) {
      const w = tf.softmax(scores) as T; // each row sums to 1
      return { out: tf.matMul<T>(w, v), w };
    }

    const seesAKey = mask.max(-1, true).greater(MASKED / 2); // [.., Tq, 1]
    const w = tf.softmax(scores.add(mask)).mul(seesAKey.cast('float32')) as T; // each row sums to 1, or to 0 if it sees no key
    return { out: tf.matMul<T>(w, v), w }; // [.., Tq, Tk] x [.., Tk, Kv] -> [.., Tq, Kv]
  });
}

// --- helpers ---

function checkShapes(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask?: tf.Tensor): void {
  const got = `q [${q.shape}], k [${k.shape}], v [${v.shape}]`;
  const fits =
    q.rank >= 2 &&
    q.rank === k.rank &&
    k.rank === v.rank &&
    q.shape.at(-1) === k.shape.at(-1) &&
    k.shape.at(-2) === v.shape.at(-2) &&
    q.shape.slice(0, -2).every((size, axis) => size === k.shape[axis] && size === v.shape[axis]);
  if (!fits) throw new ShapeError('attention', 'q [.., Tq, K], k [.., Tk, K], v [.., Tk, Kv] with equal leading dims', got);

  if (!mask) return;
  const scores = [...q.shape.slice(0, -1), k.shape.at(-2)!];
  const lead = scores.length - mask.rank;
  const broadcasts = mask.rank > 0 && lead >= 0 && mask.shape.every((size, axis) => size === 1 || size === scores[lead + axis]);
  if (!broadcasts) throw new ShapeError('attention', `a mask that broadcasts to the scores [${scores}]`, `mask [${mask.shape}]`);
}
