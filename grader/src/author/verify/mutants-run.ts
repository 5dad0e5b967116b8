/** What runs mutants, written and generated ones, has in common. */

import type { Patterns } from '../../format/derived.ts';
import type { Mutants } from '../../format/mutants.ts';
import type { JudgeOptions } from '../../judge/judge.ts';
import type { ExerciseReport } from '../../report/report.ts';
import type { Suite } from '../../suite/types.ts';
import type { Findings, VerifySetup } from './findings.ts';

/** The same inputs for every mutant and in every run: a verdict on an exercise must not depend on luck. */
export const SEED = 'verify';

/** Names of the tests that train. */
export function trainingTests(suite: Suite): string[] {
  return suite.entries.flatMap((entry) => (entry.kind === 'test' && entry.options.trains ? [entry.name] : []));
}

/** Names of the tests (not thresholds) that failed. */
export function failing({ tests }: ExerciseReport): string[] {
  return tests.filter(({ kind, status }) => kind === 'test' && status === 'failed').map(({ name }) => name);
}

export interface MutantsRun {
  readonly suite: Suite;
  /** By the names of the tests that cannot run here. */
  readonly absent: ReadonlyMap<string, unknown>;
  readonly mutants: Mutants;
  readonly findings: Findings;
  readonly setup: VerifySetup;
  readonly options: JudgeOptions;
}

/** What is known of the tests that can run here. */
export function withoutTests(patterns: Patterns, absent: MutantsRun['absent']): Patterns {
  if (absent.size === 0) return patterns;
  return Object.fromEntries(Object.entries(patterns).map(([mutant, tests]) => [mutant, tests.filter((name) => !absent.has(name))]));
}
