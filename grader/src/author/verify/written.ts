/** The wrong solutions that an author wrote: each mutant fails the tests that it names, each naive control passes them all. */
import { readFile } from 'node:fs/promises';
import { programFor } from '../../catalog/catalog.ts';
import type { Exercise } from '../../catalog/types.ts';
import { applyChange, type Change, type Mutant } from '../../format/mutants.ts';
import { judge } from '../../judge/judge.ts';
import { readPatterns } from '../../judge/patterns.ts';
import type { ExerciseReport } from '../../report/report.ts';
import { checkDerived } from './derived-check.ts';
import { failing, type MutantsRun, trainingTests, withoutTests } from './mutants-run.ts';
import { namedKillers } from './static-checks.ts';

/**
 * A mutant that hangs must not wait for a learner's limit: a test gets this many times what it took with the solution, and never less than the floor.
 * A full verification gives it all of the time.
 */
const LIMIT_FACTOR = 5;
const LIMIT_FLOOR_MS = 1000;

/** Which tests a changed reference fails. */
interface Failures {
  readonly rejected: ExerciseReport['rejected'];
  readonly failed: string[];
}

/** How one changed reference is run. */
interface Look {
  readonly skipTests: readonly string[];
  readonly testTimeoutMs?: (test: string) => number;
}

/**
 * Runs the mutants and the naive controls. In full, each meets every test (those that train only where it names them), and what it fails is compared with the
 * known patterns; else a mutant meets the tests that it names, and all of them only when one of these lets it live.
 */
export async function verifyWritten(exercise: Exercise, run: MutantsRun, solution: ExerciseReport): Promise<void> {
  await verifyMutants(exercise, run, solution);
  await verifyNaive(exercise, run);
  await checkDerived(exercise, run);
}

async function verifyMutants(exercise: Exercise, run: MutantsRun, solution: ExerciseReport): Promise<void> {
  const { suite, absent, findings, setup } = run;
  const { mutants } = run.mutants;
  const killersOf = ({ killedBy }: Mutant): string[] => namedKillers(killedBy).filter((name) => !absent.has(name));
  const training = trainingTests(suite);
  const everything = ({ killedBy }: Mutant): Look => ({ skipTests: training.filter((name) => !namedKillers(killedBy).includes(name)) });
  const tests = suite.entries.filter(({ kind, name }) => kind === 'test' && !absent.has(name)).map(({ name }) => name);
  const took = new Map(solution.tests.map(({ name, durationMs }) => [name, durationMs]));
  const named = ({ killedBy }: Mutant): Look => ({
    skipTests: tests.filter((name) => !namedKillers(killedBy).includes(name)),
    testTimeoutMs: (test) => Math.max(LIMIT_FLOOR_MS, LIMIT_FACTOR * (took.get(test) ?? 0)),
  });
  const stored = await readPatterns(exercise).catch(() => undefined); // a broken file is said below
  const known = stored && withoutTests(stored, absent);
  /** Tests that a mutant names and passes. */
  const missed = (mutant: Mutant, { failed }: Failures): string[] => killersOf(mutant).filter((name) => !failed.includes(name));

  const verdictOn = async (mutant: Mutant): Promise<Failures> => {
    setup.step(`mutant ${mutant.name}`);
    const all = (): Promise<Failures> => lookAt(exercise, mutant, run, everything(mutant));
    if (findings.full) return surely(known?.[mutant.name], all);
    const quick = await lookAt(exercise, mutant, run, named(mutant));
    return quick.rejected || missed(mutant, quick).length === 0 ? quick : all();
  };
  const results = await Promise.all(mutants.map((mutant) => setup.slot(() => verdictOn(mutant))));

  const killed = new Set<string>();
  for (const [index, result] of results.entries()) {
    const [mutant, { rejected, failed }] = [mutants[index]!, result];
    if (rejected) findings.problems.push(`mutant '${mutant.name}' could not be loaded: ${rejected.reason}`);
    findings.mutants.push({ name: mutant.name, killedBy: failed });
    for (const name of findings.full ? failed : (known?.[mutant.name] ?? failed)) killed.add(name);
    if (failed.length === 0 && killersOf(mutant).length > 0) findings.survivors.push(mutant.name);
    const alive = missed(mutant, result);
    if (failed.length > 0 && alive.length > 0)
      findings.problems.push(`mutant '${mutant.name}': expected ${list(alive)} to fail, but only ${list(failed)} did`);
  }
  findings.idleTests.push(...tests.filter((name) => !killed.has(name)));
}

async function verifyNaive(exercise: Exercise, run: MutantsRun): Promise<void> {
  const { suite, findings, setup } = run;
  const { naive = [] } = run.mutants;
  const skipTests = findings.full ? [] : trainingTests(suite);
  const results = await Promise.all(
    naive.map((control) =>
      setup.slot(() => {
        setup.step(`naive control ${control.name}`);
        return surely([], () => lookAt(exercise, control, run, { skipTests }));
      }),
    ),
  );
  for (const [index, { rejected, failed }] of results.entries()) {
    const { name: control } = naive[index]!;
    for (const name of failed) findings.problems.push(`naive control '${control}' fails '${name}': expected a slow but right solution`);
    if (rejected) findings.problems.push(`naive control '${control}' could not be loaded: ${rejected.reason}`);
  }
}

async function lookAt(
  exercise: Exercise,
  change: Change & { readonly name: string },
  { options }: MutantsRun,
  look: Look,
): Promise<Failures> {
  const referenceText = applyChange(await readFile(exercise.referenceFile, 'utf8'), change, `mutants.ts: '${change.name}'`);
  const report = await judge(exercise, await programFor(exercise, { referenceText }), { ...options, ...look, gated: false });
  return { rejected: report.rejected, failed: failing(report).sort() };
}

/** A busy machine adds a time-out here and there. Inputs are the same in every run, so what a program fails it fails again: a surprise gets a second run. */
async function surely(expected: readonly string[] | undefined, once: () => Promise<Failures>): Promise<Failures> {
  const first = await once();
  if (first.rejected || JSON.stringify(first.failed) === JSON.stringify(expected)) return first;
  const again = await once();
  return { rejected: null, failed: first.failed.filter((name) => again.failed.includes(name)) };
}

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
