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
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';

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
  // #region exercise: check the shapes; score the true neighbour and the negatives; -ln σ of each score, with a sign of its own
  checkShapes(center, ctx, neg, Win, Wout);
  return tf.tidy(() => {
    const v = tf.gather(Win, center); // [B, D]
    const truth = tf.gather(Wout, ctx).mul(v).sum(-1); // [B]
    const noise = tf.gather(Wout, neg).mul(v.expandDims(1)).sum(-1); // [B, N, D] x [B, 1, D] -> [B, N]
    // -ln σ(x) is softplus(-x), which stays finite where σ(x) is 0.
    const losses = tf.softplus(truth.neg()).add(tf.softplus(noise).sum(-1)); // [B]
    return losses.mean<tf.Scalar>();
  });
  // #endregion
}

/** All pairs of a word and a neighbour in its own sentence, as two lists of ids of one length. For each word in turn rng() chooses the window: 1 to `window`. */
export function pairs(
  sents: readonly (readonly number[])[],
  window: number,
  rng: () => number,
): { readonly center: Int32Array; readonly ctx: Int32Array } {
  // #region exercise: for each word draw its window, then take the words before and behind it that lie in the window and in the sentence
  if (!(Number.isInteger(window) && window >= 1)) throw new UsageError('pairs', 'a whole window of 1 or more', `${window}`);
  const center: number[] = [];
  const ctx: number[] = [];
  for (const sent of sents) {
    for (const [at, word] of sent.entries()) {
      const reach = 1 + Math.floor(rng() * window);
      for (let other = Math.max(0, at - reach); other <= Math.min(sent.length - 1, at + reach); other++) {
        if (other === at) continue;
        center.push(word);
        ctx.push(sent[other]!);
      }
    }
  }
  return { center: Int32Array.from(center), ctx: Int32Array.from(ctx) };
  // #endregion
}

/** Cumulative probabilities of drawing each word: table[i] is the sum over words 0 .. i of frequency ** power, as a part of the whole. The last entry is 1. */
export function negTable(freq: ArrayLike<number>, power = 0.75): Float64Array {
  // #region exercise: raise each frequency to the power, add up from the left, divide by the sum
  const table = new Float64Array(freq.length);
  let sum = 0;
  for (let id = 0; id < freq.length; id++) {
    if (!(freq[id]! >= 0)) throw new UsageError('negTable', 'frequencies of 0 or more', `${freq[id]}`);
    sum += freq[id] === 0 ? 0 : freq[id]! ** power;
    table[id] = sum;
  }
  if (!(sum > 0)) throw new UsageError('negTable', 'at least one word that occurs', `${freq.length} words`);
  return table.map((value) => value / sum);
  // #endregion
}

/** `count` words drawn from a table of `negTable`, with one rng() each: the first word whose entry lies above the number. */
export function drawNegatives(table: Float64Array, count: number, rng: () => number): Int32Array {
  // #region exercise: for each number look for its word; a table is sorted, so halve it
  return Int32Array.from({ length: count }, () => {
    const number = rng();
    let [low, high] = [0, table.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (table[middle]! > number) high = middle;
      else low = middle + 1;
    }
    return low;
  });
  // #endregion
}

/** Word vectors of sentences of ids, learned from nothing: -> Win [V, D]. All chance comes from rng. The caller disposes of the result. */
export function trainSkipgram(sents: readonly (readonly number[])[], cfg: SkipgramConfig, rng: () => number): tf.Tensor2D {
  // #region exercise: count the words; small random Win, Wout of zeros; in each epoch shuffled pairs, in batches: negatives, gradients, a step against them
  const { V, D, batch, epochs, lr } = cfg;
  const freq = new Int32Array(V);
  for (const id of sents.flat()) {
    if (!(Number.isInteger(id) && id >= 0 && id < V)) throw new UsageError('trainSkipgram', `ids from 0 to ${V - 1}`, `${id}`);
    freq[id]!++;
  }
  const table = negTable(freq);
  const [Win, Wout] = tf.tidy(() => [
    tf.variable(
      tf.tensor2d(
        Float32Array.from({ length: V * D }, () => (rng() - 0.5) / D),
        [V, D],
      ),
    ),
    tf.variable(tf.zeros<tf.Rank.R2>([V, D])),
  ]) as [tf.Variable<tf.Rank.R2>, tf.Variable<tf.Rank.R2>];

  for (let epoch = 0; epoch < epochs; epoch++) {
    const { center, ctx } = shuffled(pairs(sents, cfg.window, rng), rng);
    for (let from = 0; from < center.length; from += batch) {
      const rate = lr * (1 - (epoch + from / center.length) / epochs);
      tf.tidy(() => {
        const c = tf.tensor1d(center.subarray(from, from + batch), 'int32');
        const o = tf.tensor1d(ctx.subarray(from, from + batch), 'int32');
        const [B] = c.shape;
        const neg = tf.tensor2d(drawNegatives(table, B * cfg.negatives, rng), [B, cfg.negatives], 'int32');
        const { grads } = tf.variableGrads(() => sgnsLoss(c, o, neg, Win, Wout), [Win, Wout]);
        // The loss is a mean: times B each pair moves its vectors by the rate, however many share the batch.
        for (const weights of [Win, Wout]) weights.assign(weights.sub(grads[weights.name]!.mul(rate * B)));
      });
    }
  }

  Wout.dispose();
  const vectors = Win.clone();
  Win.dispose();
  return vectors;
  // #endregion
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
