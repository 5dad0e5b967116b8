/** What runs mutants, written and generated ones, has in common. */

import type { Mutants } from '../../format/mutants.ts';
import type { JudgeOptions } from '../../judge/judge.ts';
import { TEST_TIMEOUT_MS } from '../../judge/program-host.ts';
import type { Suite } from '../../suite/types.ts';
import type { Findings, VerifySetup } from './findings.ts';

/** The same inputs for every mutant and in every run: a verdict on an exercise must not depend on luck. */
export const SEED = 'verify';

/** Names of the tests that train: they have a time limit of their own. */
export function slowTests(suite: Suite): string[] {
  return suite.entries.flatMap((entry) => (entry.kind === 'test' && (entry.options.timeoutMs ?? 0) > TEST_TIMEOUT_MS ? [entry.name] : []));
}

export interface MutantsRun {
  readonly suite: Suite;
  readonly mutants: Mutants;
  readonly findings: Findings;
  readonly setup: VerifySetup;
  readonly options: JudgeOptions;
}
