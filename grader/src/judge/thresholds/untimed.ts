/** A threshold's work, run once and not timed: what is left of a ratio when both programs are the reference. */
import { isDeepStrictEqual } from 'node:util';
import type { Value } from '../../box/values.ts';
import { Random } from '../../suite/random.ts';
import type { Checked, PerformanceOptions, Work } from '../../suite/types.ts';
import { openContext } from '../run-test.ts';
import { checkOutput } from './outputs.ts';
import type { ThresholdRun } from './threshold-run.ts';
import { doWork } from './timed.ts';

const TIMEOUT_MS = 60_000;

/** True where the program is the reference, file by file. */
export async function isReference({ program, referenceProgram }: ThresholdRun): Promise<boolean> {
  return isDeepStrictEqual(program, await referenceProgram());
}

/** Does the work once on both sides and compares what came back. Throws what the program throws, and the matcher's error. */
export async function runUntimed(
  name: string,
  work: Work & Checked & Pick<PerformanceOptions, 'requires'>,
  makeInputs: (random: Random) => readonly Value[],
  { exercise, hosts, seed }: Pick<ThresholdRun, 'exercise' | 'hosts' | 'seed'>,
): Promise<void> {
  hosts.learner.grant(TIMEOUT_MS);
  hosts.learner.startTest(name, TIMEOUT_MS);
  const { context, close } = openContext(exercise, hosts, seed, { name, options: work });
  try {
    const inputs = makeInputs(context.random);
    const runSeed = String(context.random.seed());
    const got = await doWork(work, context.learner, inputs, new Random(runSeed));
    checkOutput(got, await doWork(work, context.reference, inputs, new Random(runSeed)), inputs, work);
  } finally {
    await close();
  }
}
