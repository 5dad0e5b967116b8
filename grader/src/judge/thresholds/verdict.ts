/**
 * When a measured ratio may be called passed or failed. Looks after 12, 24 and 32 fresh pairs of processes only, each with an order-statistic interval
 * of the per-pair medians that needs no assumption about the noise: together they are wrong in less than 0.1 % of runs (0.088 % by simulation, two-sided).
 */

/** After `pairs` pairs, the interval runs from the `low`-th to the `high`-th smallest sample, counting from 1. */
export const LOOKS = [
  { pairs: 12, low: 1, high: 12 },
  { pairs: 24, low: 4, high: 21 },
  { pairs: 32, low: 6, high: 27 },
] as const;

export type Side = 'atLeast' | 'atMost';

export interface Bound {
  readonly side: Side;
  readonly value: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export type Decision = 'passed' | 'failed' | 'inconclusive' | 'more';

/**
 * Besides the three looks: this many first pairs, all beyond the bound by this factor, fail at once. A process can be unlucky by a factor of 2 for
 * life, never by 4, and never three times in a row; without this rule an endless or naive solution would be measured for minutes.
 */
export const HOPELESS = { pairs: 3, factor: 4 } as const;

/** The verdict after these samples, one per fresh pair. */
export function decide(samples: readonly number[], { side, value }: Bound): Decision {
  if (samples.length === HOPELESS.pairs) {
    const beyond =
      side === 'atLeast' ? samples.every((x) => x * HOPELESS.factor < value) : samples.every((x) => x > value * HOPELESS.factor);
    if (beyond) return 'failed';
  }
  const interval = intervalOf(samples);
  if (!interval) return 'more';
  if (side === 'atLeast' ? interval.low >= value : interval.high <= value) return 'passed';
  if (side === 'atLeast' ? interval.high < value : interval.low > value) return 'failed';
  return samples.length === LOOKS.at(-1)!.pairs ? 'inconclusive' : 'more';
}

/**
 * The author gate's quick rule, for controls and references, never for a learner: three pairs decide when all of them lie clearly on one side of the bound,
 * beyond it by half for a failure, inside it by a tenth for a pass. A quarter fails what the luck of a process cannot change: the growth within one process,
 * and memory. Anything else is measured again, alone, by the rule above. Docs: grader.md, Thresholds.
 */
export const CLEAR = { pairs: 3, fails: 1.5, failsWithoutLuck: 1.25, passes: 1.1 } as const;

/** The verdict of the quick rule after these samples; `inconclusive` asks for a measurement by the whole rule. */
export function decideQuickly(samples: readonly number[], { side, value }: Bound, fails: number = CLEAR.fails): Decision {
  if (samples.length < CLEAR.pairs) return 'more';
  const excess = samples.map((x) => (side === 'atLeast' ? value / x : x / value)); // above 1: beyond the bound
  if (excess.every((x) => x >= fails)) return 'failed';
  return excess.every((x) => x * CLEAR.passes <= 1) ? 'passed' : 'inconclusive';
}

/** The interval of a look; undefined between looks. */
export function intervalOf(samples: readonly number[]): Interval | undefined {
  const look = LOOKS.find(({ pairs }) => pairs === samples.length);
  if (!look) return undefined;
  const sorted = [...samples].sort((a, b) => a - b);
  return { low: sorted[look.low - 1]!, high: sorted[look.high - 1]! };
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
