/** The part of verify that is timed: the reference passes each threshold, the naive control fails its own. */
import { readFile } from 'node:fs/promises';
import { programFor } from '../../catalog/catalog.ts';
import type { Exercise } from '../../catalog/types.ts';
import { applyChange } from '../../format/mutants.ts';
import { type JudgeOptions, judge } from '../../judge/judge.ts';
import { loadMutants } from '../../judge/patterns.ts';
import type { TestReport } from '../../report/report.ts';
import { collectSuite } from '../../suite/collect.ts';
import { calibrationOf, storeCalibration } from './derived-check.ts';
import type { Findings, VerifySetup } from './findings.ts';
import { slowTests } from './mutants-run.ts';

/** Judges the thresholds of the reference and of each naive control. */
export async function verifyThresholds(exercise: Exercise, findings: Findings, setup: VerifySetup): Promise<void> {
  const { naive = [] } = await loadMutants(exercise);
  const reference = await readFile(exercise.referenceFile, 'utf8');
  const options: JudgeOptions = {
    driver: setup.driver,
    backend: setup.backend,
    open: setup.open,
    ...(setup.signal ? { signal: setup.signal } : {}),
  };

  const suite = await collectSuite(exercise.suiteFile);
  const measured = new Map<string, TestReport>();
  if (suite.entries.some(({ kind }) => kind === 'performance')) {
    setup.step('thresholds of the solution');
    // The quick tests run again, on inputs of another seed; what trains has been seen to pass.
    const skipTests = slowTests(suite);
    const report = await judge(exercise, await programFor(exercise, 'reference'), { ...options, skipTests });
    for (const test of report.tests) {
      const { name, status, message } = test;
      if (test.kind === 'performance' && status !== 'not-run') measured.set(name, test);
      // Noise must not turn the gate red, just as it costs a learner nothing: what stays open is listed.
      if (status === 'inconclusive') findings.inconclusive.push(`the solution: '${name}': ${message ?? ''}`);
      if (status !== 'failed') continue;
      findings.problems.push(`the solution: '${name}' failed: ${message ?? ''}`);
      findings.solution = 'failed';
    }
  }
  const slow = new Map<string, TestReport>();
  for (const control of naive) {
    setup.step(`threshold ${control.fails}`);
    const program = await programFor(exercise, { referenceText: applyChange(reference, control, `mutants.ts: '${control.name}'`) });
    const { tests } = await judge(exercise, program, { ...options, gated: false, onlyThreshold: control.fails });
    const result = tests.find(({ name }: TestReport) => name === control.fails);
    if (result) slow.set(control.name, result);
    if (!result || result.status === 'not-run' || result.status === 'failed') continue;
    if (result.status === 'inconclusive') {
      findings.inconclusive.push(`naive control '${control.name}': '${control.fails}': ${result.message ?? ''}`);
      continue;
    }
    findings.survivors.push(control.name);
    findings.problems.push(`naive control '${control.name}': expected '${control.fails}' to fail, it passed: ${result.message ?? ''}`);
  }
  if (!setup.write) return;
  const fresh = [...measured].map(([name, report]) => {
    const controls = naive.filter(({ fails }) => fails === name).map((control) => [control.name, slow.get(control.name)] as const);
    return [name, calibrationOf(report, Object.fromEntries(controls), setup)] as const;
  });
  await storeCalibration(exercise, suite, Object.fromEntries(fresh));
}
