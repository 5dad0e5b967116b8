/** Fresh processes, a few calls each, until the samples say enough. */
import { type Bound, CLEAR, type Decision, decide, decideQuickly, intervalOf, median } from './verdict.ts';

/** Processes are started two samples at a time and stopped until their turn: starting one while another is timed would disturb it. */
const BATCH = 2;

export interface Sampler<P extends { close(): Promise<void> }> {
  /** Starts the processes of one sample. */
  readonly open: (index: number) => Promise<P>;
  /** One number from one set of fresh processes. */
  readonly measure: (processes: P, index: number) => Promise<number>;
}

export interface Sampled {
  readonly decision: Exclude<Decision, 'more'>;
  readonly details: Record<string, number>;
}

/** Samples until the rule decides: that of a verdict, or the author gate's quick one. */
export async function sample<P extends { close(): Promise<void> }>(
  bound: Bound,
  { open, measure }: Sampler<P>,
  { quick }: { readonly quick: boolean },
  quickFails: number = CLEAR.fails,
): Promise<Sampled> {
  const size = quick ? CLEAR.pairs : BATCH;
  const samples: number[] = [];
  for (;;) {
    const batch = await openAll(Array.from({ length: size }, (_, i) => open(samples.length + i)));
    try {
      for (const processes of batch) {
        samples.push(await measure(processes, samples.length));
        const decision = quick ? decideQuickly(samples, bound, quickFails) : decide(samples, bound);
        if (decision !== 'more') return { decision, details: figures(samples) };
      }
    } finally {
      await Promise.all(batch.map((processes) => processes.close()));
    }
  }
}

/** All of them, or none: what did start is closed when another does not. */
export async function openAll<P extends { close(): Promise<void> }>(opening: readonly Promise<P>[]): Promise<P[]> {
  const settled = await Promise.allSettled(opening);
  const failed = settled.find((one) => one.status === 'rejected');
  const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (!failed) return opened;
  await Promise.all(opened.map((one) => one.close()));
  throw failed.reason;
}

function figures(samples: readonly number[]): Record<string, number> {
  const { low, high } = intervalOf(samples) ?? { low: Math.min(...samples), high: Math.max(...samples) };
  return { median: round(median(samples)), low: round(low), high: round(high), pairs: samples.length };
}

function round(x: number): number {
  return Number(x.toPrecision(4));
}

/** How many calls one pair makes; it depends on the reference's time only, so a learner cannot choose it by being slow. */
export interface Plan {
  readonly warmUps: number;
  /** ABBA blocks of four calls; 0 means one call each. */
  readonly blocks: number;
  /** Longest that one call may take before it is stopped. */
  readonly limitMs: number;
}

const PAIR_BUDGET_MS = 160;
const MAX_BLOCKS = 8;

export function planFor(referenceMs: number, bound: number): Plan {
  const limitMs = Math.max(1000, (10 * referenceMs) / Math.min(1, bound));
  if (referenceMs > 120) return { warmUps: 0, blocks: 0, limitMs };
  if (referenceMs > 40) return { warmUps: 1, blocks: 1, limitMs };
  return { warmUps: 2, blocks: Math.max(1, Math.min(MAX_BLOCKS, Math.round(PAIR_BUDGET_MS / (4 * Math.max(referenceMs, 0.1))))), limitMs };
}
