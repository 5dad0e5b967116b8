/** The part of verify that nobody times: the solution, the stub, the controls and the mutants against the tests. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Box, Program } from '../../box/types.ts';
import { programFor, visibleTestName } from '../../catalog/catalog.ts';
import type { Exercise } from '../../catalog/types.ts';
import { applyChange, type Change } from '../../format/mutants.ts';
import { type JudgeOptions, judge, openReference } from '../../judge/judge.ts';
import { openWith, REFERENCE_LIMITS } from '../../judge/options.ts';
import { loadMutants, readPatterns } from '../../judge/patterns.ts';
import type { ExerciseReport } from '../../report/report.ts';
import { collectSuite } from '../../suite/collect.ts';
import { controlNames, controlProgram } from './controls.ts';
import { checkDerived } from './derived-check.ts';
import type { Findings, VerifySetup } from './findings.ts';
import { checkGateInputs } from './gate-inputs.ts';
import { verifyGenerated } from './generated.ts';
import { type MutantsRun, SEED, slowTests } from './mutants-run.ts';
import { checkFiles, checkSuite, namedKillers } from './static-checks.ts';

const LOOP_TIMEOUT_MS = 700;

/** Fills in all that the tests can tell about an exercise. */
export async function verifyTests(exercise: Exercise, findings: Findings, setup: VerifySetup): Promise<void> {
  setup.step('files');
  findings.problems.push(...(await checkFiles(exercise)));
  if (findings.problems.some((problem) => problem.endsWith('is missing'))) return;
  const [suite, mutants] = await Promise.all([collectSuite(exercise.suiteFile), loadMutants(exercise)]);
  findings.problems.push(...checkSuite(suite, mutants));

  const { box } = await openReference(exercise, setup);
  const options: JudgeOptions = {
    driver: setup.driver,
    backend: setup.backend,
    open: setup.open,
    seed: SEED,
    thresholds: false,
    referenceBox: box,
    ...(setup.signal ? { signal: setup.signal } : {}),
  };
  try {
    await setup.slot(() => verifySolution(exercise, findings, setup, options));
    if (findings.solution === 'passed') findings.problems.push(...(await setup.slot(() => checkGateInputs(exercise, suite, setup, box))));
    await setup.slot(() => verifyStub(exercise, findings, setup, options));
    await setup.slot(() => verifyControls(exercise, findings, setup, options));
    await verifyMutants(exercise, { suite, mutants, findings, setup, options });
    await verifyGenerated(exercise, { suite, mutants, findings, setup, options });
  } finally {
    await box.close();
  }
}

async function verifySolution(exercise: Exercise, findings: Findings, setup: VerifySetup, options: JudgeOptions): Promise<void> {
  setup.step('solution');
  const program = await programFor(exercise, 'reference');
  const report = await judge(exercise, program, options);
  const failed = failing(report);
  if (report.rejected) findings.problems.push(`the solution is rejected: ${report.rejected.reason}`);
  for (const { name, message } of report.tests)
    if (failed.includes(name)) findings.problems.push(`the solution fails '${name}': ${firstLine(message)}`);
  const visible = await visibleResults(exercise, program, setup);
  if (visible.length === 0) findings.problems.push('there is no visible test');
  for (const { name, status, message } of visible)
    if (status === 'failed') findings.problems.push(`the solution fails the visible test '${name}': ${firstLine(message)}`);
  findings.solution =
    report.state === 'passing' && report.score === report.maxScore && !visible.some(({ status }) => status === 'failed')
      ? 'passed'
      : 'failed';
}

async function verifyStub(exercise: Exercise, findings: Findings, setup: VerifySetup, options: JudgeOptions): Promise<void> {
  setup.step('stub');
  const program = await programFor(exercise, 'stub');
  const gated = await judge(exercise, program, options);
  const ungated = await judge(exercise, program, { ...options, gated: false });
  if (gated.state !== 'todo') findings.problems.push(`the stub is ${gated.state}, expected todo: its gate test must end in NotImplemented`);
  for (const { name, status } of ungated.tests) if (status === 'passed') findings.problems.push(`the stub passes '${name}'`);
  const visible = await visibleResults(exercise, program, setup);
  if (visible.length > 0 && visible.every(({ status }) => status === 'passed'))
    findings.problems.push('the stub passes every visible test');
  findings.stub = gated.score === 0 && gated.state === 'todo' ? 'failed' : 'passed';
}

async function visibleResults(
  exercise: Exercise,
  program: Program,
  setup: VerifySetup,
): Promise<Awaited<ReturnType<Box['runVisibleTests']>>> {
  const name = visibleTestName(exercise);
  const text = await readFile(path.join(exercise.courseDir, name), 'utf8');
  const box = await openWith(setup, REFERENCE_LIMITS);
  try {
    await box.load(program);
    return await box.runVisibleTests({ [name]: text });
  } finally {
    await box.close();
  }
}

async function verifyControls(exercise: Exercise, findings: Findings, setup: VerifySetup, options: JudgeOptions): Promise<void> {
  for (const name of controlNames) {
    setup.step(`control ${name}`);
    const program = await controlProgram(exercise, name);
    const report = await judge(exercise, program, { ...options, ...(name === 'endless loop' ? { testTimeoutMs: LOOP_TIMEOUT_MS } : {}) });
    if (report.rejected) findings.problems.push(`control '${name}' could not be loaded: ${report.rejected.reason}`);
    findings.controls.push({ name, score: report.score });
  }
}

/** Which tests a changed reference fails. */
interface Failures {
  readonly rejected: ExerciseReport['rejected'];
  readonly failed: string[];
}

async function verifyMutants(
  exercise: Exercise,
  { suite, mutants: { mutants, naive = [] }, findings, setup, options }: MutantsRun,
): Promise<void> {
  const reference = await readFile(exercise.referenceFile, 'utf8');
  // Tests that train take minutes on twenty mutants: a mutant meets those that it names, and all the quick ones.
  const slow = slowTests(suite);
  const run = async (name: string, change: Change, skipTests: readonly string[]): Promise<ExerciseReport> => {
    const referenceText = applyChange(reference, change, `mutants.ts: '${name}'`);
    return judge(exercise, await programFor(exercise, { referenceText }), { ...options, gated: false, skipTests });
  };
  // A busy machine adds a time-out here and there. Inputs are the same in every run, so what a program fails it fails again: a surprise gets a second run.
  const surely = async (expected: readonly string[] | undefined, once: () => Promise<ExerciseReport>): Promise<Failures> => {
    const report = await once();
    const [rejected, failed] = [report.rejected, failing(report).sort()];
    if (rejected || JSON.stringify(failed) === JSON.stringify(expected)) return { rejected, failed };
    const again = failing(await once());
    return { rejected, failed: failed.filter((name) => again.includes(name)) };
  };
  const known = await readPatterns(exercise).catch(() => undefined); // a broken file is said below

  const results = await Promise.all(
    mutants.map((mutant) =>
      setup.slot(() => {
        setup.step(`mutant ${mutant.name}`);
        const named = namedKillers(mutant.killedBy);
        const skipped = slow.filter((name) => !named.includes(name));
        return surely(known?.[mutant.name], () => run(mutant.name, mutant, skipped));
      }),
    ),
  );
  const killed = new Set<string>();
  for (const [index, { rejected, failed: killedBy }] of results.entries()) {
    const mutant = mutants[index]!;
    if (rejected) findings.problems.push(`mutant '${mutant.name}' could not be loaded: ${rejected.reason}`);
    findings.mutants.push({ name: mutant.name, killedBy });
    for (const name of killedBy) killed.add(name);
    if (killedBy.length === 0) findings.survivors.push(mutant.name);
    const missed = namedKillers(mutant.killedBy).filter((name) => !killedBy.includes(name));
    if (killedBy.length > 0 && missed.length > 0)
      findings.problems.push(`mutant '${mutant.name}': expected ${list(missed)} to fail, but only ${list(killedBy)} did`);
  }
  const naiveReports = await Promise.all(
    naive.map((control) =>
      setup.slot(() => {
        setup.step(`naive control ${control.name}`);
        return surely([], () => run(control.name, control, []));
      }),
    ),
  );
  for (const [index, { rejected, failed }] of naiveReports.entries()) {
    const { name: control } = naive[index]!;
    for (const name of failed) findings.problems.push(`naive control '${control}' fails '${name}': expected a slow but right solution`);
    if (rejected) findings.problems.push(`naive control '${control}' could not be loaded: ${rejected.reason}`);
  }
  findings.idleTests.push(...suite.entries.filter(({ kind, name }) => kind === 'test' && !killed.has(name)).map(({ name }) => name));
  await checkDerived(exercise, suite, { mutants, naive }, findings, setup);
}

/** Names of the tests (not thresholds) that failed. */
function failing({ tests }: ExerciseReport): string[] {
  return tests.filter(({ kind, status }) => kind === 'test' && status === 'failed').map(({ name }) => name);
}

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
const firstLine = (message: string | null): string => message?.split('\n')[0] ?? '';
