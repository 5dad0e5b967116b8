/** The author gate: solutions pass, stubs and controls earn nothing, every wrong solution is caught by the test that was written for it. */
import os from 'node:os';
import { LadderError } from '@llm-ladder/backend/errors';
import { BoxPool, openBox, strongestDriver } from '../box/index.ts';
import type { Catalog, Exercise } from '../catalog/types.ts';
import type { Findings, VerifyOptions, VerifyReport, VerifySetup } from './verify/findings.ts';
import { checkFiles } from './verify/static-checks.ts';
import { verifyTests } from './verify/tests.ts';
import { lookAtThresholds, type OpenTrials, settleThresholds, verifyThresholds } from './verify/thresholds.ts';
import { hashOf, readVerified, writeVerified } from './verify/verified.ts';

/** More would only fight over the processors, and over memory. */
const AT_ONCE = 2;

/**
 * Checks every exercise of a catalog, two at a time; what must be timed alone comes after, one by one on a quiet machine. Without `full`, what is made of the
 * same parts as at its last full verification is spared what only repeats that one; everything else runs in full, and is reported as stale.
 */
export async function verify(catalog: Catalog, options: VerifyOptions = {}): Promise<VerifyReport> {
  const {
    filter = () => true,
    onProgress,
    full = false,
    write = false,
    translated = false,
    allowMissing = false,
    thresholds = true,
    backend = 'wasm',
    signal,
  } = options;
  const exercises = catalog.modules.flatMap((module) => module.exercises).filter(filter);
  const driver = options.driver ?? (options.open ? 'plain' : await strongestDriver());
  const atOnce = Math.min(AT_ONCE, os.availableParallelism());
  const pool = options.open ? undefined : new BoxPool({ driver, backend, size: 2 });
  let done = 0;
  const shared: Omit<VerifySetup, 'step'> = {
    driver,
    backend,
    open: options.open ?? (({ limits }) => pool!.take(limits)),
    openAlone: options.open ?? openBox,
    full: full || write,
    write,
    translated,
    allowMissing,
    thresholds,
    generate: options.generate,
    signal,
    slot: slots(atOnce),
  };
  const runs = exercises.map((exercise): Run => {
    const step = (name: string): void => onProgress?.({ exercise: exercise.id, step: name, done, total: exercises.length });
    return { exercise, findings: nothingYet(), setup: { ...shared, step }, hash: undefined, open: [] };
  });

  // What takes longest goes first, so that nothing long is left when the rest is done.
  const queue = runs.toSorted((a, b) => b.exercise.manifest.limits.timeMs - a.exercise.manifest.limits.timeMs);
  const work = async (): Promise<void> => {
    for (let run = queue.shift(); run; run = queue.shift()) {
      signal?.throwIfAborted();
      const now = run;
      now.findings.ms.tests = await blame(now.findings, signal, () => verifyBesideOthers(now));
      done++;
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, exercises.length) }, work));
  } finally {
    await pool?.close();
  }

  // From here on nothing else runs: these are timed.
  for (const run of runs) {
    signal?.throwIfAborted();
    run.findings.ms.thresholds = await blame(run.findings, signal, () => verifyAlone(run));
    await blame(run.findings, signal, () => settleHash(run));
  }
  const reports = runs.map(({ exercise, findings }) => ({ id: exercise.id, ...findings }));
  return { version: 1, ok: reports.every(isOk), exercises: reports };
}

interface Run {
  readonly exercise: Exercise;
  readonly findings: Findings;
  readonly setup: VerifySetup;
  /** Of what the exercise is made of, before anything ran; undefined when that cannot be read. */
  hash: string | undefined;
  open: OpenTrials;
}

async function verifyBesideOthers(run: Run): Promise<void> {
  const { exercise, findings, setup } = run;
  findings.problems.push(...(await checkFiles(exercise)));
  if (findings.problems.some((problem) => problem.endsWith('is missing'))) return;
  run.hash = await hashOf(exercise);
  findings.full = setup.full || (await readVerified(exercise)) !== run.hash;
  await verifyTests(exercise, findings, setup);
  if (setup.thresholds && !findings.full && findings.solution === 'passed') run.open = await lookAtThresholds(exercise, setup);
}

async function verifyAlone({ exercise, findings, setup, open }: Run): Promise<void> {
  if (!setup.thresholds || findings.solution !== 'passed') return; // its tests come first
  if (findings.full) await verifyThresholds(exercise, findings, setup);
  else await settleThresholds(exercise, open, findings, setup);
}

/** A full verification that found nothing wrong is written down where that was asked for; elsewhere a hash that is not today's is a problem. */
async function settleHash({ exercise, findings, setup, hash }: Run): Promise<void> {
  if (hash === undefined || exercise.module.packed) return;
  if (setup.write && setup.thresholds && !exercise.sealed && isOk(findings) && findings.missing.length === 0) {
    await writeVerified(exercise, hash);
    return;
  }
  const known = await readVerified(exercise);
  if (known !== undefined && known !== hash)
    findings.problems.push(`its full verification is stale, something it rests on has changed: ladder verify --write ${exercise.id}`);
}

function nothingYet(): Findings {
  return {
    full: false,
    solution: 'failed',
    stub: 'passed',
    missing: [],
    controls: [],
    mutants: [],
    idleTests: [],
    survivors: [],
    inconclusive: [],
    problems: [],
    ms: { tests: 0, thresholds: 0 },
  };
}

function isOk({ solution, stub, controls, survivors, problems }: Findings): boolean {
  return (
    ((solution === 'passed' && stub === 'failed') || solution === 'not-run') &&
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
