/**
 * Masks: who may look at whom. Additive, so that one rule serves all: 0 keeps a key, -1e9 hides it, and attention adds the mask to its scores.
 *
 * Paper: Vaswani et al. 2017, section 3.2.3 ("masking out all values in the input of the softmax which correspond to illegal connections").
 * - Every mask broadcasts to the scores [B, 1, Tq, Tk]; the 1 stands for all heads.
 * - -1e9 rather than -Infinity: masks are combined and added to, and -Infinity turns into NaN as soon as it meets itself.
 * - Masks hide keys (columns). A query in a padded place may compute what it likes: nobody reads it.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';

/** Dims: B batch, T time, Tq queries, Tk keys. */
const MASKED = -1e9;

/** Hides the future: query i stands at position past + i and sees keys 0 .. past + i. -> [1, 1, Tq, Tk] */
export function causalMask(Tq: number, Tk: number = Tq, past: number = Tk - Tq): tf.Tensor4D {
  return tf.tidy(() => {
    const query = tf.range(past, past + Tq).reshape([1, 1, Tq, 1]); // the positions of the queries
    const key = tf.range(0, Tk).reshape([1, 1, 1, Tk]);
    const later = key.sub(query).greater(0); // [1, 1, 1, Tk] - [1, 1, Tq, 1] -> [1, 1, Tq, Tk]
    return later.cast('float32').mul(MASKED);
  });
}

/** Hides the padding: in row b of the batch only the first lens[b] of T keys are real. -> [B, 1, 1, T] */
export function paddingMask(lens: readonly number[], T: number): tf.Tensor4D {
  return tf.tidy(() => {
    const length = tf.tensor4d([...lens], [lens.length, 1, 1, 1]);
    const key = tf.range(0, T).reshape([1, 1, 1, T]);
    const padded = key.sub(length).greaterEqual(0); // [1, 1, 1, T] - [B, 1, 1, 1] -> [B, 1, 1, T]
    return padded.cast('float32').mul(MASKED);
  });
}

/** A key is seen only if every mask lets it through: the elementwise minimum. [B, 1, 1, Tk], [1, 1, Tq, Tk] -> [B, 1, Tq, Tk] */
export function combine(...masks: readonly tf.Tensor4D[]): tf.Tensor4D {
  if (masks.length === 0) throw new UsageError('combine', 'at least one mask', 'none');

  return tf.tidy(() => masks.reduce((both, mask) => tf.minimum<tf.Tensor4D>(both, mask)).clone()); // a sum would leave [0, -2e9], out of the contract
}
