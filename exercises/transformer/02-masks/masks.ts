/**
 * Masks: who may look at whom. Additive, so that one rule serves all: 0 keeps a key, -1e9 hides it, and attention adds the mask to its scores.
 *
 * Paper: Vaswani et al. 2017, section 3.2.3 ("masking out all values in the input of the softmax which correspond to illegal connections").
 * - Every mask broadcasts to the scores [B, 1, Tq, Tk]; the 1 stands for all heads.
 * - -1e9 rather than -Infinity: masks are combined and added to, and -Infinity turns into NaN as soon as it meets itself.
 * - Masks hide keys (columns). A query in a padded place may compute what it likes: nobody reads it.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

/** Dims: B batch, T time, Tq queries, Tk keys. */
const MASKED = -1e9;

/** Hides the future: query i stands at position past + i and sees keys 0 .. past + i. -> [1, 1, Tq, Tk] */
export function causalMask(Tq: number, Tk: number = Tq, past: number = Tk - Tq): tf.Tensor4D {
  // TODO: -1e9 where the key is later than past + query, 0 elsewhere
  throw new NotImplemented('transformer/masks');
}

/** Hides the padding: in row b of the batch only the first lens[b] of T keys are real. -> [B, 1, 1, T] */
export function paddingMask(lens: readonly number[], T: number): tf.Tensor4D {
  // TODO: -1e9 where the key is at lens[b] or beyond, 0 elsewhere
  throw new NotImplemented('transformer/masks');
}

/** A key is seen only if every mask lets it through: the elementwise minimum. [B, 1, 1, Tk], [1, 1, Tq, Tk] -> [B, 1, Tq, Tk] */
export function combine(...masks: readonly tf.Tensor4D[]): tf.Tensor4D {
  if (masks.length === 0) throw new UsageError('combine', 'at least one mask', 'none');

  // TODO: the elementwise minimum of all masks
  throw new NotImplemented('transformer/masks');
}
