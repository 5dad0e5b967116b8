/** The part of verify that is timed: the reference passes each threshold, the naive control fails its own. */
import { readFile } from 'node:fs/promises';
import { programFor } from '../../catalog/catalog.ts';
import type { Exercise } from '../../catalog/types.ts';
import { applyChange } from '../../format/mutants.ts';
import { type JudgeOptions, judge } from '../../judge/judge.ts';
import { loadMutants } from '../../judge/patterns.ts';
import type { TestReport } from '../../report/report.ts';
import { collectSuite } from '../../suite/collect.ts';
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

  if (exercise.manifest.points.performance > 0) {
    setup.step('thresholds of the solution');
    // The quick tests run again, on inputs of another seed; what trains has been seen to pass.
    const skipTests = slowTests(await collectSuite(exercise.suiteFile));
    const report = await judge(exercise, await programFor(exercise, 'reference'), { ...options, skipTests });
    for (const { name, status, message } of report.tests) {
      // Noise must not turn the gate red, just as it costs a learner nothing: what stays open is listed.
      if (status === 'inconclusive') findings.inconclusive.push(`the solution: '${name}': ${message ?? ''}`);
      if (status !== 'failed') continue;
      findings.problems.push(`the solution: '${name}' failed: ${message ?? ''}`);
      findings.solution = 'failed';
    }
  }
  for (const control of naive) {
    setup.step(`threshold ${control.fails}`);
    const program = await programFor(exercise, { referenceText: applyChange(reference, control, `mutants.ts: '${control.name}'`) });
    const { tests } = await judge(exercise, program, { ...options, gated: false, onlyThreshold: control.fails });
    const result = tests.find(({ name }: TestReport) => name === control.fails);
    if (!result || result.status === 'not-run' || result.status === 'failed') continue;
    if (result.status === 'inconclusive') {
      findings.inconclusive.push(`naive control '${control.name}': '${control.fails}': ${result.message ?? ''}`);
      continue;
    }
    findings.survivors.push(control.name);
    findings.problems.push(`naive control '${control.name}': expected '${control.fails}' to fail, it passed: ${result.message ?? ''}`);
  }
}
