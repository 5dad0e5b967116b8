/**
 * CBOW: the mean of the words around a gap guesses the word in the gap.
 *
 * Paper: Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space", section 3.1.
 * - The context is a bag: its order does not count, hence the name (continuous bag of words).
 * - A word at the edge of a sentence has fewer neighbours. Its mean divides by how many there are, never by 2 * window.
 * - The softmax runs over the whole vocabulary. With a large one, train skip-gram with negatives instead.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, ShapeError, UsageError } from '@llm-ladder/backend/errors';

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

  // TODO: for each word the ids at the offsets -w .. -1 and 1 .. w, and a mask of the places that exist
  throw new NotImplemented('nlp-basics/cbow');
}

/**
 * Mean cross-entropy of the words in the gaps: ctx [B, 2w], mask [B, 2w], target [B], Win [V, D], Wout [V, D] -> a scalar.
 * A gap with no neighbour at all has the mean 0, so it costs log V.
 */
export function cbowLoss(ctx: tf.Tensor2D, mask: tf.Tensor2D, target: tf.Tensor1D, Win: tf.Tensor2D, Wout: tf.Tensor2D): tf.Scalar {
  checkShapes(ctx, mask, target, Win, Wout);

  // TODO: masked mean of the context vectors, scores against every word, cross-entropy
  throw new NotImplemented('nlp-basics/cbow');
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
