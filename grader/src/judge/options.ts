/** What a judge is told, and how it gets its boxes. */
import type { Box, BoxBackend, Driver, Limits } from '../box/types.ts';
import type { TestReport } from '../report/report.ts';
import type { SuiteTest } from '../suite/types.ts';

export type OpenBox = (options: { driver: Driver; backend: BoxBackend; limits: Limits }) => Promise<Box>;

export interface JudgeOptions {
  readonly driver: Driver;
  /** A name that `openBox` takes; `wasm` where verdicts must be the same everywhere. */
  readonly backend: string;
  /** Makes the inputs; the system's choice when absent. It never enters a box. */
  readonly seed?: string;
  /** False runs every test although the gate fails (the author gate's mutants). */
  readonly gated?: boolean;
  /**
   * False leaves the thresholds out: they are reported as not run. `quick` is the author gate's look at them: three pairs, beside other work; a ratio of the
   * reference to itself is run and not timed. What three pairs leave open is inconclusive.
   */
  readonly thresholds?: boolean | 'quick';
  /** Only this threshold is judged (the author gate's naive controls). */
  readonly onlyThreshold?: string;
  /** These tests are not run (the author gate's mutants of what trains). */
  readonly skipTests?: readonly string[];
  /** Points that rest on the box's own word leave the total. */
  readonly strict?: boolean;
  /** A prewarmed box without a program; the judge closes it. */
  readonly box?: Box;
  /** A second one like it: tests then run two at a time. Those behind the gate start beside it, and count when it has passed. */
  readonly secondBox?: Box;
  /** A box with this exercise's reference loaded; it stays open. */
  readonly referenceBox?: Box;
  /** Shortens the time of each test, or of the test with this name (the author gate's endless loop and mutants). */
  readonly testTimeoutMs?: number | ((test: string) => number);
  /** False looks for no likely cause of a failure. */
  readonly explain?: boolean;
  /** Each verdict as it comes. The last word, with likely causes, is in the report. */
  readonly onTest?: (test: TestReport) => void;
  /** A test that trains begins. */
  readonly onTraining?: (test: SuiteTest) => void;
  readonly signal?: AbortSignal;
  /** Resolves when nothing else of ours runs: awaited before the thresholds are timed. */
  readonly quiet?: () => Promise<void>;
  /** Opens boxes another way: from a pool, or made up in a test. */
  readonly open?: OpenBox;
}

export const OUTPUT_BYTES = 1 << 20;

/** What the reference may take: it is ours, so only a mistake in it meets these. */
export const REFERENCE_LIMITS: Limits = { timeMs: 600_000, memoryMb: 4096, outputBytes: OUTPUT_BYTES };

/** Opens a box as the judge was told to. */
export async function openWith(options: Pick<JudgeOptions, 'driver' | 'backend' | 'open'>, limits: Limits): Promise<Box> {
  const open: OpenBox = options.open ?? (await import('../box/index.ts')).openBox;
  return open({ driver: options.driver, backend: options.backend as BoxBackend, limits });
}
