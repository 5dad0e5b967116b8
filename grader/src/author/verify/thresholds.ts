/** The part of verify that is timed: the reference passes each threshold, the naive control fails its own. */
import { readFile } from 'node:fs/promises';
import type { Program } from '../../box/types.ts';
import { programFor } from '../../catalog/catalog.ts';
import type { Exercise } from '../../catalog/types.ts';
import { applyChange } from '../../format/mutants.ts';
import { type JudgeOptions, judge } from '../../judge/judge.ts';
import { loadMutants } from '../../judge/patterns.ts';
import type { TestReport } from '../../report/report.ts';
import { collectSuite } from '../../suite/collect.ts';
import { calibrationOf, storeCalibration } from './derived-check.ts';
import type { Findings, VerifySetup } from './findings.ts';
import { trainingTests } from './mutants-run.ts';

/** One program against one threshold. */
interface Trial {
  readonly threshold: string;
  /** The naive control's name; undefined for the solution. */
  readonly control: string | undefined;
  readonly program: Program;
}

/** Thresholds of one exercise that wait for a quiet machine. */
export type OpenTrials = readonly Trial[];

/** Looks at every threshold of an exercise for three pairs, beside other work. What that leaves open is returned. */
export async function lookAtThresholds(exercise: Exercise, setup: VerifySetup): Promise<OpenTrials> {
  const open: Trial[] = [];
  await Promise.all(
    (await trialsOf(exercise)).map((trial) =>
      setup.slot(async () => {
        setup.step(stepOf(trial));
        const result = await judgeTrial(exercise, trial, { ...optionsOf(setup), thresholds: 'quick' });
        // Beside other work only what was expected counts.
        if (result && result.status !== (trial.control === undefined ? 'passed' : 'failed')) open.push(trial);
      }),
    ),
  );
  return open;
}

/** Judges what was left open, alone and by the whole rule. */
export async function settleThresholds(exercise: Exercise, open: OpenTrials, findings: Findings, setup: VerifySetup): Promise<void> {
  for (const trial of open) {
    setup.step(stepOf(trial));
    settle(trial, await judgeTrial(exercise, trial, optionsOf(setup)), findings);
  }
}

/**
 * All of them alone and by the whole rule, and what they measured is stored where that was asked for. The solution's quick tests run again before its thresholds,
 * on inputs of another seed; what trains has been seen to pass.
 */
export async function verifyThresholds(exercise: Exercise, findings: Findings, setup: VerifySetup): Promise<void> {
  const suite = await collectSuite(exercise.suiteFile);
  const trials = await trialsOf(exercise);
  const own = trials.find(({ control }) => control === undefined);
  const measured = new Map<string, TestReport>();
  if (own) {
    setup.step('thresholds of the solution');
    const { tests } = await judge(exercise, own.program, { ...optionsOf(setup), skipTests: trainingTests(suite) });
    for (const result of tests) {
      if (result.kind === 'performance' && result.status !== 'not-run') measured.set(result.name, result);
      settle({ ...own, threshold: result.name }, result, findings);
    }
  }
  const controls = trials.filter(({ control }) => control !== undefined);
  const naive = new Map<Trial, TestReport | undefined>();
  for (const trial of controls) {
    setup.step(stepOf(trial));
    const result = await judgeTrial(exercise, trial, optionsOf(setup));
    naive.set(trial, result);
    settle(trial, result, findings);
  }
  if (!setup.write) return;
  const fresh = [...measured].map(([name, report]) => {
    const its = controls.filter(({ threshold }) => threshold === name).map((trial) => [trial.control!, naive.get(trial)] as const);
    return [name, calibrationOf(report, Object.fromEntries(its), setup)] as const;
  });
  await storeCalibration(exercise, suite, Object.fromEntries(fresh));
}

async function trialsOf(exercise: Exercise): Promise<Trial[]> {
  const { naive = [] } = await loadMutants(exercise);
  const { entries } = await collectSuite(exercise.suiteFile);
  const reference = await readFile(exercise.referenceFile, 'utf8');
  const solution = await programFor(exercise, 'reference');
  const own = entries
    .filter(({ kind }) => kind === 'performance')
    .map(({ name }) => ({ threshold: name, control: undefined, program: solution }));
  const controls = naive.map(async (control) => {
    const referenceText = applyChange(reference, control, `mutants.ts: '${control.name}'`);
    return { threshold: control.fails, control: control.name, program: await programFor(exercise, { referenceText }) };
  });
  return [...own, ...(await Promise.all(controls))];
}

/** The verdict on one threshold; undefined where it is not run here. */
async function judgeTrial(exercise: Exercise, { threshold, program }: Trial, options: JudgeOptions): Promise<TestReport | undefined> {
  const { tests, rejected } = await judge(exercise, program, { ...options, gated: false, onlyThreshold: threshold });
  const result = tests.find(({ name }) => name === threshold);
  return rejected || result?.status === 'not-run' ? undefined : result;
}

function settle({ threshold, control }: Trial, result: TestReport | undefined, findings: Findings): void {
  if (!result) return;
  const { status, message } = result;
  const who = control === undefined ? 'the solution' : `naive control '${control}'`;
  // Noise must not turn the gate red, just as it costs a learner nothing: what stays open is listed.
  if (status === 'inconclusive') findings.inconclusive.push(`${who}: '${threshold}': ${message ?? ''}`);
  else if (control === undefined && status === 'failed') {
    findings.problems.push(`${who}: '${threshold}' failed: ${message ?? ''}`);
    findings.solution = 'failed';
  } else if (control !== undefined && status === 'passed') {
    findings.survivors.push(control);
    findings.problems.push(`${who}: expected '${threshold}' to fail, it passed: ${message ?? ''}`);
  }
}

function optionsOf({ driver, backend, openAlone, signal }: VerifySetup): JudgeOptions {
  return { driver, backend, open: openAlone, ...(signal ? { signal } : {}) };
}

function stepOf({ threshold, control }: Trial): string {
  return control === undefined ? `threshold of the solution: ${threshold}` : `threshold ${threshold}`;
}
