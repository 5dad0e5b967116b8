/** The author gate: solutions pass, stubs and controls earn nothing, every wrong solution is caught by the test that was written for it. */
import os from 'node:os';
import { LadderError } from '@llm-ladder/backend/errors';
import { BoxPool, openBox, strongestDriver } from '../box/index.ts';
import type { Catalog, Exercise } from '../catalog/types.ts';
import type { OpenBox } from '../judge/options.ts';
import type { Findings, VerifyOptions, VerifyReport, VerifySetup } from './verify/findings.ts';
import { verifyTests } from './verify/tests.ts';
import { verifyThresholds } from './verify/thresholds.ts';

/** More would only fight over the processors, and over memory. */
const AT_ONCE = 2;

/** Checks every exercise of a catalog, two at a time, then the thresholds one by one on a quiet machine. */
export async function verify(catalog: Catalog, options: VerifyOptions = {}): Promise<VerifyReport> {
  const { filter = () => true, onProgress, write = false, translated = false, thresholds = true, backend = 'wasm', signal } = options;
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
    translated,
    thresholds,
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
