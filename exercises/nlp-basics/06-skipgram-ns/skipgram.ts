/**
 * Skip-gram with negative sampling: words that stand in like company get like vectors.
 *
 * Paper: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality", sections 2.2 and 3.
 * - A word guesses its neighbours. Instead of a softmax over the whole vocabulary it tells the true neighbour from a few random words.
 * - Each word has two vectors: in Win as the word in the middle, in Wout as a neighbour. Win is what one keeps.
 * - The random words are drawn by frequency to the power 0.75: rare words more often than they occur.
 * - The window is drawn anew for each word, from 1 to `window`: near neighbours count more often than far ones.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, ShapeError, UsageError } from '@llm-ladder/backend/errors';

/** Dims: B batch (pairs), N negatives of a pair, V vocabulary, D width of a vector. */
export interface SkipgramConfig {
  readonly V: number;
  readonly D: number;
  readonly window: number;
  /** N. */
  readonly negatives: number;
  readonly epochs: number;
  /** B. */
  readonly batch: number;
  /** How far one pair moves its vectors at the start; falls in a straight line to 0. */
  readonly lr: number;
}

/** Mean over the pairs of -ln σ(u·v) - Σ ln σ(-u'·v): center [B], ctx [B], neg [B, N] (int32), Win [V, D], Wout [V, D] -> a scalar. */
export function sgnsLoss(center: tf.Tensor1D, ctx: tf.Tensor1D, neg: tf.Tensor2D, Win: tf.Tensor2D, Wout: tf.Tensor2D): tf.Scalar {
  // TODO: check the shapes; score the true neighbour and the negatives; -ln σ of each score, with a sign of its own
  throw new NotImplemented('nlp-basics/skipgram-ns');
}

/** All pairs of a word and a neighbour in its own sentence, as two lists of ids of one length. For each word in turn rng() chooses the window: 1 to `window`. */
export function pairs(
  sents: readonly (readonly number[])[],
  window: number,
  rng: () => number,
): { readonly center: Int32Array; readonly ctx: Int32Array } {
  // TODO: for each word draw its window, then take the words before and behind it that lie in the window and in the sentence
  throw new NotImplemented('nlp-basics/skipgram-ns');
}

/** Cumulative probabilities of drawing each word: table[i] is the sum over words 0 .. i of frequency ** power, as a part of the whole. The last entry is 1. */
export function negTable(freq: ArrayLike<number>, power = 0.75): Float64Array {
  // TODO: raise each frequency to the power, add up from the left, divide by the sum
  throw new NotImplemented('nlp-basics/skipgram-ns');
}

/** `count` words drawn from a table of `negTable`, with one rng() each: the first word whose entry lies above the number. */
export function drawNegatives(table: Float64Array, count: number, rng: () => number): Int32Array {
  // TODO: for each number look for its word; a table is sorted, so halve it
  throw new NotImplemented('nlp-basics/skipgram-ns');
}

/** Word vectors of sentences of ids, learned from nothing: -> Win [V, D]. All chance comes from rng. The caller disposes of the result. */
export function trainSkipgram(sents: readonly (readonly number[])[], cfg: SkipgramConfig, rng: () => number): tf.Tensor2D {
  // TODO: count the words; small random Win, Wout of zeros; in each epoch shuffled pairs, in batches: negatives, gradients, a step against them
  throw new NotImplemented('nlp-basics/skipgram-ns');
}

// --- helpers ---

/** Two lists in one new random order (Fisher and Yates). */
function shuffled({ center, ctx }: { center: Int32Array; ctx: Int32Array }, rng: () => number): { center: Int32Array; ctx: Int32Array } {
  for (let last = center.length - 1; last > 0; last--) {
    const other = Math.floor(rng() * (last + 1));
    for (const list of [center, ctx]) [list[last], list[other]] = [list[other]!, list[last]!];
  }
  return { center, ctx };
}

function checkShapes(center: tf.Tensor1D, ctx: tf.Tensor1D, neg: tf.Tensor2D, Win: tf.Tensor2D, Wout: tf.Tensor2D): void {
  const [B] = center.shape;
  const fits =
    center.rank === 1 &&
    `${ctx.shape}` === `${center.shape}` &&
    neg.rank === 2 &&
    neg.shape[0] === B &&
    Win.rank === 2 &&
    `${Win.shape}` === `${Wout.shape}`;
  if (fits) return;
  const got = `center [${center.shape}], ctx [${ctx.shape}], neg [${neg.shape}], Win [${Win.shape}], Wout [${Wout.shape}]`;
  throw new ShapeError('sgnsLoss', 'center [B], ctx [B], neg [B, N], Win [V, D], Wout [V, D]', got);
}
