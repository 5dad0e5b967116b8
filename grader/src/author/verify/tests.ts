/** The part of verify that nobody times: the solution, the stub, the controls and the mutants against the tests. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { absentByTest, commandFor } from '../../assets/required.ts';
import type { Box, Program } from '../../box/types.ts';
import { programFor, visibleTestName } from '../../catalog/catalog.ts';
import type { Exercise } from '../../catalog/types.ts';
import { type JudgeOptions, judge, openReference } from '../../judge/judge.ts';
import { openWith, REFERENCE_LIMITS } from '../../judge/options.ts';
import { allMutants, loadMutants } from '../../judge/patterns.ts';
import { TEST_TIMEOUT_MS } from '../../judge/program-host.ts';
import type { ExerciseReport } from '../../report/report.ts';
import { collectSuite } from '../../suite/collect.ts';
import type { Suite } from '../../suite/types.ts';
import { controlNames, controlProgram } from './controls.ts';
import type { Findings, VerifySetup } from './findings.ts';
import { checkGateInputs } from './gate-inputs.ts';
import { verifyGenerated } from './generated.ts';
import { failing, type MutantsRun, SEED } from './mutants-run.ts';
import { checkSuite } from './static-checks.ts';
import { verifyWritten } from './written.ts';

/** The loop never ends: any limit stops it, and no program that is right has to meet this one. */
const LOOP_TIMEOUT_MS = 250;

/** Fills in all that the tests can tell about an exercise, whose files are all there. */
export async function verifyTests(exercise: Exercise, findings: Findings, setup: VerifySetup): Promise<void> {
  const [suite, written] = await Promise.all([collectSuite(exercise.suiteFile), loadMutants(exercise)]);
  findings.problems.push(...checkSuite(suite, written));
  const absent = absentByTest(exercise, suite);
  findings.missing = [...new Set([...absent.values()].flat())];
  if (findings.missing.length > 0 && !setup.allowMissing)
    findings.problems.push(`not run: ${findings.missing.join(', ')}: ${commandFor(findings.missing)}, or --allow-missing`);
  if (absent.size === suite.entries.length) {
    findings.solution = findings.stub = 'not-run';
    return;
  }
  const mutants = await allMutants(exercise, written);

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
    const solution = await setup.slot(() => verifySolution(exercise, { suite, absent, findings, setup, options }));
    if (findings.solution === 'passed') findings.problems.push(...(await setup.slot(() => checkGateInputs(exercise, suite, setup, box))));
    await setup.slot(() => verifyStub(exercise, findings, setup, options));
    await setup.slot(() => verifyControls(exercise, findings, setup, options));
    await verifyWritten(exercise, { suite, absent, mutants, findings, setup, options }, solution);
    // Without some of the tests nobody can say which of these should have died.
    if (absent.size === 0) await verifyGenerated(exercise, { suite, absent, mutants, findings, setup, options });
  } finally {
    await box.close();
  }
}

async function verifySolution(
  exercise: Exercise,
  { suite, findings, setup, options }: Omit<MutantsRun, 'mutants'>,
): Promise<ExerciseReport> {
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
  findings.problems.push(...undeclared(suite, report));
  return report;
}

/** Tests that asked for more time than a quick one has, took it, and do not say that they train. */
function undeclared({ entries }: Suite, { tests }: ExerciseReport): string[] {
  const slow = tests.filter(({ name, durationMs }) => {
    const entry = entries.find((one) => one.name === name);
    const { trains, timeoutMs = 0 } = entry?.kind === 'test' ? entry.options : {};
    return !trains && timeoutMs > TEST_TIMEOUT_MS && durationMs > TEST_TIMEOUT_MS;
  });
  return slow.map(({ name, durationMs }) => `'${name}' took ${(durationMs / 1000).toFixed(1)} s: a test that trains says trains: true`);
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
    const report = await judge(exercise, program, {
      ...options,
      explain: false,
      ...(name === 'endless loop' ? { testTimeoutMs: LOOP_TIMEOUT_MS } : {}),
    });
    if (report.rejected) findings.problems.push(`control '${name}' could not be loaded: ${report.rejected.reason}`);
    findings.controls.push({ name, score: report.score });
  }
}

const firstLine = (message: string | null): string => message?.split('\n')[0] ?? '';
