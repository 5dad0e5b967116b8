/**
 * CBOW: the mean of the words around a gap guesses the word in the gap.
 *
 * Paper: Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space", section 3.1.
 * - The context is a bag: its order does not count, hence the name (continuous bag of words).
 * - A word at the edge of a sentence has fewer neighbours. Its mean divides by how many there are, never by 2 * window.
 * - The softmax runs over the whole vocabulary. With a large one, train skip-gram with negatives instead.
 */
import { tf } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';

/** Dims: B batch (one gap each), V vocabulary, D width of a vector, w window. Ids are int32, the mask is 1 for a word and 0 for an empty place. */
export interface CbowBatch {
  readonly ctx: tf.Tensor2D; // [B, 2w]
  readonly mask: tf.Tensor2D; // [B, 2w]
  readonly target: tf.Tensor1D; // [B]
}

/**
 * Every word of every sentence as a gap, with the w words before it and the w after it, in the order of the text: -> ctx [B, 2w], mask [B, 2w], target [B].
 * An empty place has id 0 and mask 0. A window never reaches into the next sentence.
 */
export function cbowBatch(sentences: readonly (readonly number[])[], window: number): CbowBatch {
  if (!Number.isInteger(window) || window < 1) throw new UsageError('cbowBatch', 'a window of 1 or more', `${window}`);
  const B = sentences.reduce((sum, sentence) => sum + sentence.length, 0);
  if (B === 0) throw new UsageError('cbowBatch', 'at least one word', `${sentences.length} sentences without any`);

  // #region exercise: for each word the ids at the offsets -w .. -1 and 1 .. w, and a mask of the places that exist
  const before = Array.from({ length: window }, (_, i) => i - window);
  const offsets = [...before, ...before.map((offset) => offset + window + 1)]; // -w .. -1, 1 .. w
  const places = sentences.flatMap((sentence) => sentence.flatMap((_, at) => offsets.map((offset) => sentence[at + offset])));
  const ids = places.map((id) => id ?? 0);
  const exists = places.map((id) => (id === undefined ? 0 : 1));
  return {
    ctx: tf.tensor2d(ids, [B, 2 * window], 'int32'),
    mask: tf.tensor2d(exists, [B, 2 * window]),
    target: tf.tensor1d(sentences.flat(), 'int32'),
  };
  // #endregion
}

/**
 * Mean cross-entropy of the words in the gaps: ctx [B, 2w], mask [B, 2w], target [B], Win [V, D], Wout [V, D] -> a scalar.
 * A gap with no neighbour at all has the mean 0, so it costs log V.
 */
export function cbowLoss(ctx: tf.Tensor2D, mask: tf.Tensor2D, target: tf.Tensor1D, Win: tf.Tensor2D, Wout: tf.Tensor2D): tf.Scalar {
  checkShapes(ctx, mask, target, Win, Wout);

  // #region exercise: masked mean of the context vectors, scores against every word, cross-entropy
  return tf.tidy(() => {
    const [V] = Wout.shape;
    const words = mask.cast('float32').expandDims(-1); // [B, 2w, 1]
    const count = words.sum(1).maximum(1); // [B, 1]; at least 1: 0 / 0 would be NaN
    const mean = tf.gather(Win, ctx).mul(words).sum(1).div<tf.Tensor2D>(count); // [B, 2w, D] -> [B, D]

    const logits = mean.matMul(Wout, false, true); // [B, D] x [D, V] -> [B, V]
    const chosen = tf.oneHot(target, V).mul<tf.Tensor2D>(tf.logSoftmax(logits)).sum(-1); // [B, V] -> [B]
    return chosen.mean<tf.Scalar>().neg();
  });
  // #endregion
}

// --- helpers ---

function checkShapes(ctx: tf.Tensor2D, mask: tf.Tensor2D, target: tf.Tensor1D, Win: tf.Tensor2D, Wout: tf.Tensor2D): void {
  const fits =
    ctx.rank === 2 &&
    `${ctx.shape}` === `${mask.shape}` &&
    `${target.shape}` === `${ctx.shape[0]}` &&
    Win.rank === 2 &&
    `${Win.shape}` === `${Wout.shape}`;
  if (fits) return;
  const got = `ctx [${ctx.shape}], mask [${mask.shape}], target [${target.shape}], Win [${Win.shape}], Wout [${Wout.shape}]`;
  throw new ShapeError('cbowLoss', 'ctx [B, 2w], mask [B, 2w], target [B], Win [V, D], Wout [V, D]', got);
}
