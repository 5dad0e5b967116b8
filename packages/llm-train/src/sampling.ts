/**
 * From logits to text: repetition penalty, temperature, top-k, top-p, a draw; and the loop that stops each row where it ends.
 *
 * Papers: Fan et al. 2018, section 5.2 (top-k); Holtzman et al. 2020, section 3.1 (top-p, "nucleus"); Keskar et al. 2019, section 4.1 (penalty).
 * - The order is Hugging Face's: penalty, temperature, top-k, top-p. Each filter sees what the one before it left, with its probabilities summing to 1.
 * - Ties go to the lower id, so a temperature of 0 and a top-k of 1 say the same on every machine.
 * - A row costs one sort of plain numbers. Which ids are kept follows from how many: ids are never sorted.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';

export interface SampleOptions {
  /** Divides the logits; 0 takes the largest. */
  readonly temp: number;
  /** How many of the likeliest ids stay; 0, the default, keeps all. */
  readonly topK?: number;
  /** The share of the probability that must stay, in (0, 1]; 1, the default, keeps all. */
  readonly topP?: number;
  /** Repetition penalty: 1, the default, changes nothing, more makes ids of `seen` less likely. */
  readonly rep?: number;
  /** For each row the ids that it holds already. */
  readonly seen?: readonly (readonly number[])[];
  /** All chance comes from here: one number for each row, none at temperature 0. */
  readonly rng: () => number;
}

export interface GenerateOptions extends Omit<SampleOptions, 'seen'> {
  /** The most new ids of a row. */
  readonly maxNew: number;
  /** Ids that end a row. */
  readonly stop: readonly number[];
  /** What a row that has ended is filled up with while others go on. */
  readonly pad: number;
  /** Whether an answer shows the id that ended it; false unless told. */
  readonly includeStop?: boolean;
}

/** One id for each row: logits [B, V] -> int32 [B]. Throws UsageError for options out of range and for logits without a finite largest. */
export function sample(logits: tf.Tensor2D, options: SampleOptions): tf.Tensor1D {
  const { temp, topK = 0, topP = 1, rep = 1, seen = [], rng } = options;
  if (!(temp >= 0)) throw new UsageError('sample', 'temp >= 0', `${temp}`);
  if (!(Number.isInteger(topK) && topK >= 0)) throw new UsageError('sample', 'a whole topK >= 0', `${topK}`);
  if (!(topP > 0 && topP <= 1)) throw new UsageError('sample', '0 < topP <= 1', `${topP}`);
  if (!(rep > 0)) throw new UsageError('sample', 'rep > 0', `${rep}`);
  // #region exercise: read the logits once; for each row: penalty, the largest at temperature 0, else how many stay, which, and a draw
  const [B, V] = logits.shape;
  const values = logits.dataSync().slice() as Float32Array;
  const ids = Array.from({ length: B }, (_, b) => {
    const row = values.subarray(b * V, (b + 1) * V);
    penalise(row, seen[b] ?? [], rep);
    const best = argMax(row);
    const top = row[best]!;
    if (!Number.isFinite(top)) throw new UsageError('sample', 'logits with a finite largest', `${top} in row ${b}`);
    if (temp === 0) return best;
    for (let v = 0; v < V; v++) row[v] = (row[v]! - top) / temp; // the largest becomes 0: exp cannot overflow
    return draw(row, largest(row, topK, topP), rng());
  });
  return tf.tensor1d(ids, 'int32');
  // #endregion
}

/** Makes the ids that a row holds less likely, each once, in place: positive logits are divided by `rep`, negative ones multiplied. */
function penalise(row: Float32Array, seen: readonly number[], rep: number): void {
  // #region exercise: for each id of seen, once
  for (const id of new Set(seen)) row[id] = row[id]! > 0 ? row[id]! / rep : row[id]! * rep;
  // #endregion
}

/** The ids that top-k and then top-p leave, in rising order: log-probabilities [V], up to a constant -> at least one id. */
function largest(row: Float32Array, topK: number, topP: number): number[] {
  // #region exercise: how many stay (k, then the first few of those whose probabilities reach p), the smallest value among them, the ids above it and enough that equal it
  const V = row.length;
  const k = topK === 0 ? V : Math.min(topK, V);
  if (k === V && topP === 1) return Array.from(row.keys());
  const falling = row.slice().sort().reverse();
  const weights = falling.subarray(0, k).map(Math.exp);
  let missing = topP * weights.reduce((sum, weight) => sum + weight, 0);
  let count = 0;
  while (count < k && missing > 0) missing -= weights[count++]!; // the one that reaches p stays too

  const smallest = falling[Math.max(1, count) - 1]!;
  let ties = falling.subarray(0, count).reduce((sum, value) => sum + (value === smallest ? 1 : 0), 0);
  const kept: number[] = [];
  for (let v = 0; v < V; v++) if (row[v]! > smallest || (row[v] === smallest && ties-- > 0)) kept.push(v);
  return kept;
  // #endregion
}

/** One of `ids`, each as likely as exp(row[id]) says; `chance` is in [0, 1). */
function draw(row: Float32Array, ids: readonly number[], chance: number): number {
  // #region exercise: walk along the weights until their sum passes chance times the whole
  const weights = ids.map((id) => Math.exp(row[id]!));
  let left = chance * weights.reduce((sum, weight) => sum + weight, 0);
  const at = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return ids[at === -1 ? weights.findLastIndex((weight) => weight > 0) : at]!; // rounding may leave a hair at the end
  // #endregion
}

/**
 * Answers to prompts, one id at a time for all rows at once. `step` gets the rows as they stand and gives the logits of their next ids [B, V], which this disposes of.
 * An answer holds new ids only: no prompt, no padding.
 */
export async function generate(
  step: (rows: readonly (readonly number[])[]) => Promise<tf.Tensor2D> | tf.Tensor2D,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
): Promise<number[][]> {
  const { maxNew, stop, pad, includeStop = false } = options;
  // #region exercise: until all rows have ended or maxNew is reached: logits, a sample, an id for each row that goes on, pad for the others
  const rows = prompts.map((prompt) => [...prompt]);
  const answers: number[][] = prompts.map(() => []);
  const ended = prompts.map(() => false);
  for (let made = 0; made < maxNew && ended.includes(false); made++) {
    const logits = await step(rows);
    const drawn = sample(logits, { ...options, seen: prompts.map((prompt, b) => [...prompt, ...answers[b]!]) });
    const ids = drawn.dataSync();
    tf.dispose([logits, drawn]);
    for (const [b, row] of rows.entries()) {
      const id = ended[b] ? pad : ids[b]!;
      row.push(id);
      if (ended[b]) continue;
      ended[b] = stop.includes(id);
      if (!ended[b] || includeStop) answers[b]!.push(id);
    }
  }
  return answers;
  // #endregion
}

// --- helpers ---

/** The place of the largest number, the first of equals. */
function argMax(row: Float32Array): number {
  let best = 0;
  for (let v = 1; v < row.length; v++) if (row[v]! > row[best]! || Number.isNaN(row[v])) best = v;
  return best;
}
