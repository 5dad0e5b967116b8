/**
 * The learning rate of a run: a straight line up from 0, then half a cosine down to a floor.
 *
 * Papers: Loshchilov and Hutter 2017, "SGDR", equation 5 (the cosine); Vaswani et al. 2017, section 5.3 (the warm-up).
 * - A step is one update of the weights. With gradient accumulation it takes several micro-batches, and the schedule must not count those.
 * - Steps count from 0, as the paper's cosine does: step 0 of a warm-up has the rate 0, step `warmup` has the whole `base`.
 * - After `total` the rate stays at `min`: a run that goes on longer than planned still learns.
 */
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

export interface LrSchedule {
  /** The highest rate, reached at step `warmup`. */
  readonly base: number;
  /** The rate from step `total` on. */
  readonly min: number;
  /** Steps of the line up; 0 begins at `base`. */
  readonly warmup: number;
  /** Steps of the whole run. */
  readonly total: number;
}

/** The learning rate of one step, counted from 0. Throws UsageError unless 0 <= min <= base and 0 <= warmup <= total and step >= 0. */
export function lrAt(step: number, { base, min, warmup, total }: LrSchedule): number {
  if (!(step >= 0)) throw new UsageError('lrAt', 'step >= 0', `${step}`);
  if (!(min >= 0 && min <= base)) throw new UsageError('lrAt', '0 <= min <= base', `min=${min}, base=${base}`);
  if (!(warmup >= 0 && warmup <= total)) throw new UsageError('lrAt', '0 <= warmup <= total', `warmup=${warmup}, total=${total}`);
  // TODO: the line up, the floor after the end, and the cosine between them
  throw new NotImplemented('llm-train/lr-cosine');
}

/** The updates of a run: each takes up to `accum` micro-batches, and the last ones of an epoch get an update of their own. Throws UsageError. */
export function countSteps(microBatches: number, accum: number, epochs: number = 1): number {
  const whole = [microBatches, accum, epochs].every(Number.isInteger) && microBatches >= 0 && accum >= 1 && epochs >= 0;
  if (!whole) throw new UsageError('countSteps', 'whole numbers, accum >= 1', `${microBatches}, ${accum}, ${epochs}`);
  // TODO: updates of one epoch, the incomplete one included, times the epochs
  throw new NotImplemented('llm-train/lr-cosine');
}
