/** `kind: 'calls'` counts what the grader itself sees; `kind: 'kernels'` repeats what the box says of itself. */

import { say } from '../../format/words.ts';
import type { CallsOptions, KernelsOptions, Stats } from '../../suite/types.ts';
import { openContext } from '../run-test.ts';
import type { Measured, ThresholdRun } from './threshold-run.ts';

type CountRun = Pick<ThresholdRun, 'exercise' | 'hosts' | 'seed'>;

const TIMEOUT_MS = 10_000;

export async function judgeCalls(name: string, options: CallsOptions, run: CountRun): Promise<Measured> {
  run.hosts.learner.grant(TIMEOUT_MS);
  run.hosts.learner.startTest(name, TIMEOUT_MS);
  const { run: within, close } = openContext(run.exercise, run.hosts, run.seed, { name, options });
  try {
    const count = await within(options.count);
    const bound = { side: 'atMost', value: options.atMost } as const;
    const decision = count <= options.atMost ? 'passed' : 'failed';
    return { decision, details: { count }, bound, figure: count, what: { en: 'calls', zh: '次调用' } };
  } finally {
    await close();
  }
}

export async function judgeKernels(name: string, options: KernelsOptions, run: CountRun): Promise<Measured> {
  run.hosts.learner.grant(TIMEOUT_MS);
  run.hosts.learner.startTest(name, TIMEOUT_MS);
  const { context, close } = openContext(run.exercise, run.hosts, run.seed, { name, options });
  try {
    await context.learner[options.call](...options.inputs(context.random));
    const { kernels } = context.learner.stats() as Stats;
    const counts = Object.entries(options.atMost).map(([kernel, atMost]) => ({ kernel, atMost, count: kernels[kernel] ?? 0 }));
    const over = counts.find(({ count, atMost }) => count > atMost) ?? counts[0]!;
    const what = say({ en: `${over.kernel} kernels`, zh: `个 ${over.kernel} 内核` });
    return {
      decision: counts.every(({ count, atMost }) => count <= atMost) ? 'passed' : 'failed',
      details: Object.fromEntries(counts.map(({ kernel, count }) => [kernel, count])),
      bound: { side: 'atMost', value: over.atMost },
      figure: over.count,
      what: { en: what, zh: what },
    };
  } finally {
    await close();
  }
}
