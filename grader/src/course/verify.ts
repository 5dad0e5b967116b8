/** The author gate: solutions pass, stubs and controls earn nothing, every wrong solution is caught by the test that was written for it. */
import os from 'node:os';
import { LadderError } from '@llm-ladder/backend/errors';
import { BoxPool, openBox, strongestDriver } from '../box/index.ts';
import type { BoxBackend, Driver } from '../box/types.ts';
import type { Catalog, Exercise } from '../catalog/types.ts';
import type { OpenBox } from '../judge/options.ts';
import { verifyTests } from './verify/tests.ts';
import { verifyThresholds } from './verify/thresholds.ts';

export interface VerifyExercise {
  readonly id: string;
  readonly solution: 'passed' | 'failed';
  readonly stub: 'failed' | 'passed';
  readonly controls: readonly { readonly name: string; readonly score: number }[];
  /** Each mutant with the tests that fail on it. */
  readonly mutants: readonly { readonly name: string; readonly killedBy: readonly string[] }[];
  /** Tests that fail on no mutant. */
  readonly idleTests: readonly string[];
  /** Mutants and naive controls that nothing catches. */
  readonly survivors: readonly string[];
  /** Thresholds that noise left open, of the solution or of a naive control: listed, and no fault. */
  readonly inconclusive: readonly string[];
  readonly problems: readonly string[];
  /** How long it took, beside the other exercise that was checked at the same time; thresholds are timed alone. */
  readonly ms: { readonly tests: number; readonly thresholds: number };
  /** Only where it was asked for. */
  readonly generated?: GeneratedReport;
}

/** What became of the mutants that nobody wrote. */
export interface GeneratedReport {
  /** How many there are, and how many of them ran (fewer for a sample). */
  readonly made: number;
  readonly ran: number;
  readonly killed: number;
  /** Survivors with a written reason. */
  readonly excused: number;
  /** Killed of those that ran and are not excused, from 0 to 1. */
  readonly rate: number;
  /** Test -> how many it was the first to kill. */
  readonly killers: Readonly<Record<string, number>>;
  readonly survivors: readonly {
    readonly key: string;
    readonly line: number;
    /** Why it may live, from mutants.ts. */
    readonly reason: string | null;
  }[];
}

export interface VerifyReport {
  readonly version: 1;
  readonly ok: boolean;
  readonly exercises: readonly VerifyExercise[];
}

export interface VerifyProgress {
  readonly exercise: string;
  /** What begins now: 'solution', 'stub', 'mutant no 1/sqrt(K)', 'threshold ...'. */
  readonly step: string;
  /** Exercises whose part is done, of how many; thresholds follow when all tests are done. */
  readonly done: number;
  readonly total: number;
}

export interface VerifyOptions {
  /** Only these exercises. */
  readonly filter?: (exercise: Exercise) => boolean;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Writes patterns.json where it is absent or stale. */
  readonly write?: boolean;
  /** Also runs generated mutants: all of them, or as many of each exercise as `sample` says, drawn by `seed`. */
  readonly generate?: { readonly sample?: number | undefined; readonly seed?: string | undefined } | undefined;
  /** False leaves the thresholds out (for a quick look while writing tests). */
  readonly thresholds?: boolean;
  readonly driver?: Driver;
  readonly backend?: BoxBackend;
  readonly signal?: AbortSignal;
  /** Opens boxes another way, for tests. */
  readonly open?: OpenBox;
}

/** What the parts of verify share. */
export interface VerifySetup {
  readonly driver: Driver;
  readonly backend: BoxBackend;
  readonly open: OpenBox;
  readonly write: boolean;
  readonly generate: VerifyOptions['generate'];
  readonly signal: AbortSignal | undefined;
  readonly step: (step: string) => void;
  /** Runs something that takes a processor, when one is free. */
  readonly slot: <T>(run: () => Promise<T>) => Promise<T>;
}

/** What one part found out. */
export interface Findings {
  solution: 'passed' | 'failed';
  stub: 'failed' | 'passed';
  readonly controls: { name: string; score: number }[];
  readonly mutants: { name: string; killedBy: string[] }[];
  readonly idleTests: string[];
  readonly survivors: string[];
  readonly inconclusive: string[];
  readonly problems: string[];
  readonly ms: { tests: number; thresholds: number };
  generated?: GeneratedReport;
}

/** More would only fight over the processors, and over memory. */
const AT_ONCE = 2;

/** Checks every exercise of a catalog, two at a time, then the thresholds one by one on a quiet machine. */
export async function verify(catalog: Catalog, options: VerifyOptions = {}): Promise<VerifyReport> {
  const { filter = () => true, onProgress, write = false, thresholds = true, backend = 'wasm', signal } = options;
  const exercises = catalog.modules.flatMap((module) => module.exercises).filter(filter);
  const driver = options.driver ?? (options.open ? 'plain' : await strongestDriver());
  const atOnce = Math.min(AT_ONCE, os.availableParallelism());
  const slot = slots(atOnce);
  const pool = options.open ? undefined : new BoxPool({ driver, backend, size: 2 });
  const setupFor = (exercise: Exercise, open: OpenBox, done: () => number): VerifySetup => ({
    driver,
    backend,
    open,
    write,
    generate: options.generate,
    signal,
    slot,
    step: (step) => onProgress?.({ exercise: exercise.id, step, done: done(), total: exercises.length }),
  });

  const found = new Map<string, Findings>();
  let done = 0;
  // What takes longest goes first, so that nothing long is left when the rest is done.
  const queue = exercises.toSorted((a, b) => b.manifest.limits.timeMs - a.manifest.limits.timeMs);
  const work = async (): Promise<void> => {
    for (let exercise = queue.shift(); exercise; exercise = queue.shift()) {
      signal?.throwIfAborted();
      const findings: Findings = {
        solution: 'failed',
        stub: 'passed',
        controls: [],
        mutants: [],
        idleTests: [],
        survivors: [],
        inconclusive: [],
        problems: [],
        ms: { tests: 0, thresholds: 0 },
      };
      found.set(exercise.id, findings);
      const open = options.open ?? (({ limits }) => pool!.take(limits));
      findings.ms.tests = await blame(findings, signal, () =>
        verifyTests(
          exercise,
          findings,
          setupFor(exercise, open, () => done),
        ),
      );
      done++;
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, exercises.length) }, work));
  } finally {
    await pool?.close();
  }

  // From here on the processes are fresh, and nothing else runs: these are timed.
  if (thresholds) {
    for (const exercise of exercises) {
      signal?.throwIfAborted();
      const findings = found.get(exercise.id)!;
      if (findings.solution === 'failed') continue; // its tests come first
      findings.ms.thresholds = await blame(findings, signal, () =>
        verifyThresholds(
          exercise,
          findings,
          setupFor(exercise, options.open ?? openBox, () => done),
        ),
      );
    }
  }
  const reports = exercises.map((exercise) => ({ id: exercise.id, ...found.get(exercise.id)! }));
  return { version: 1, ok: reports.every(isOk), exercises: reports };
}

function isOk({ solution, stub, controls, survivors, problems }: Findings): boolean {
  return (
    solution === 'passed' &&
    stub === 'failed' &&
    controls.every(({ score }) => score === 0) &&
    survivors.length === 0 &&
    problems.length === 0
  );
}

/** An exercise whose files or fixtures break the run is a problem of that exercise; the others go on. Returns the milliseconds that it took. */
async function blame(findings: Findings, signal: AbortSignal | undefined, run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  try {
    await run();
  } catch (error) {
    signal?.throwIfAborted();
    if (LadderError.isInstance(error) && error.code === 'box') throw error; // no box can be opened: nothing here is to blame
    findings.problems.push((error as Error).message);
  }
  return Math.round(performance.now() - started);
}

/** At most `count` runs at once, in the order in which they were asked for. */
function slots(count: number): VerifySetup['slot'] {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (free > 0) free--;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
