/**
 * Beam search: the k likeliest beginnings are carried on together, and what has ended waits in a pool until nothing alive can beat it.
 *
 * Papers: Graves 2012, section 3 (the search); Wu et al. 2016, section 7 (length penalty). The penalty here is Hugging Face's: the sum over length^alpha.
 * - A beam that ends leaves the search for the pool: it is not carried on, and it does not stop the others.
 * - Beams are compared by their sums, all of one length; the pool by its scores, whose lengths differ.
 * - Sums only fall, so a living beam reaches at best its sum over maxLen^alpha. Once k of the pool are as good as that, the answer cannot change.
 */
import type { tf } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';

export interface BeamOptions {
  /** How many beginnings are kept at each length, and how many answers come back at most. */
  readonly k: number;
  /** The most ids of an answer, `eos` counted. */
  readonly maxLen: number;
  /** Length penalty: 0 compares sums, 1 means over the ids, more favours long answers. */
  readonly alpha: number;
  /** The id that ends an answer. */
  readonly eos: number;
}

export interface Answer {
  /** New ids; the last is `eos` unless the answer was cut off at maxLen. */
  readonly ids: readonly number[];
  /** The sum of the log-probabilities of `ids`, over their number to the power of alpha. */
  readonly score: number;
}

/** A beginning that may go on, and the sum of its log-probabilities. */
interface Beam {
  readonly ids: readonly number[];
  readonly sum: number;
}

/**
 * The likeliest answers, at most k, best first. `step` gets the ids of all living beams, [[]] at first, and gives the logits of their next ids [B, V], which this disposes of.
 * Throws UsageError for options out of range and for logits without a finite largest, ShapeError for logits of other rows.
 */
export async function beam(
  step: (rows: readonly (readonly number[])[]) => Promise<tf.Tensor2D> | tf.Tensor2D,
  { k, maxLen, alpha, eos }: BeamOptions,
): Promise<Answer[]> {
  for (const [name, n] of Object.entries({ k, maxLen }))
    if (!(Number.isInteger(n) && n >= 1)) throw new UsageError('beam', `a whole ${name} >= 1`, `${n}`);
  if (!(alpha >= 0)) throw new UsageError('beam', 'alpha >= 0', `${alpha}`);
  let living: Beam[] = [{ ids: [], sum: 0 }];
  let pool: Answer[] = [];
  for (let length = 1; length <= maxLen && living.length > 0; length++) {
    const logits = await step(living.map(({ ids }) => ids));
    const kept = bestContinuations(living, logits, k);
    logits.dispose();

    const ends = ({ ids }: Beam): boolean => length === maxLen || ids.at(-1) === eos;
    const ended = kept.filter(ends).map(({ ids, sum }) => ({ ids, score: sum / length ** alpha }));
    pool = [...pool, ...ended].sort((a, b) => b.score - a.score).slice(0, k);
    living = kept.filter((next) => !ends(next));
    const reach = (living[0]?.sum ?? 0) / maxLen ** alpha; // of the best that is alive
    if (pool.length === k && pool[k - 1]!.score >= reach) break;
  }
  return pool;
}

/** The k likeliest of all beams with one more id, best first: B beams, logits [B, V] -> at most k. Equals: the earlier beam, then the lower id. */
function bestContinuations(beams: readonly Beam[], logits: tf.Tensor2D, k: number): Beam[] {
  const [B, V] = logits.shape;
  if (B !== beams.length) throw new ShapeError('beam', `logits of ${beams.length} rows`, `[${logits.shape}]`);
  const values = logits.dataSync() as Float32Array;
  const best: { sum: number; b: number; id: number }[] = [];
  for (const [b, { sum: before }] of beams.entries()) {
    const row = values.subarray(b * V, (b + 1) * V);
    const norm = logSumExp(row);
    if (!Number.isFinite(norm)) throw new UsageError('beam', 'logits with a finite largest', `a log of sums of ${norm} in row ${b}`);
    for (let id = 0; id < V; id++) {
      const sum = before + (row[id]! - norm);
      if (sum === Number.NEGATIVE_INFINITY || (best.length === k && sum <= best[k - 1]!.sum)) continue;
      let at = best.length;
      while (at > 0 && best[at - 1]!.sum < sum) at--; // behind its equals
      best.splice(at, 0, { sum, b, id });
      if (best.length > k) best.pop();
    }
  }
  return best.map(({ sum, b, id }) => ({ ids: [...beams[b]!.ids, id], sum }));
}

/** ln(sum of exp(row)), safe for logits of any size: [V] -> number. */
function logSumExp(row: Float32Array): number {
  const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
}
