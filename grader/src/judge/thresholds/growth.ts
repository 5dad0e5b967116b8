/** `kind: 'growth'`: how much longer the learner's program takes for twice the input. */
import { GraderError, LearnerError } from '@llm-ladder/backend/errors';
import { say } from '../../format/words.ts';
import { Random } from '../../suite/random.ts';
import type { GrowthOptions } from '../../suite/types.ts';
import { checkOutput } from './outputs.ts';
import { planFor, sample } from './sampling.ts';
import type { Measured, ThresholdRun } from './threshold-run.ts';
import type { TimedProgram } from './timed.ts';
import { openTimed, randomPerCall, referenceMs, TooSlow } from './twins.ts';
import { CLEAR, median } from './verdict.ts';

/** A program may be slow by a constant factor: what is judged is how its time grows. */
const MIN_LIMIT_MS = 3000;

/**
 * Long calls need few repeats: a process that has taken this long stops after three blocks, where one of the reference's speed makes eight.
 * The verdict assumes nothing about noise; the median of three still passes over one block that was disturbed.
 */
const PROCESS_BUDGET_MS = 500;
const FEW_BLOCKS = 3;

export async function judgeGrowth(name: string, options: GrowthOptions, run: ThresholdRun): Promise<Measured> {
  const reference = await run.referenceProgram();
  const { n } = options;
  const calmMs = await referenceMs(run, reference, options, (random) => options.inputs(random, 2 * n));
  const plan = planFor(calmMs, 1 / options.atMost);
  const limitMs = Math.max(plan.limitMs, MIN_LIMIT_MS);
  // Outputs are checked against the reference, which answers from a box that nobody times.
  const judge = await openTimed(run, reference, 'reference');

  const measure = async (learner: TimedProgram, index: number): Promise<number> => {
    const fresh = randomPerCall(run, name, index);
    let shortMs = Number.POSITIVE_INFINITY; // best time(n) of this process
    let spentMs = 0;
    const call = async (size: number): Promise<number> => {
      const random = fresh();
      const inputs = options.inputs(random, size);
      const seed = String(random.seed());
      const { output, ms, stopped } = await learner.time(options, inputs, new Random(seed), limitMs);
      if (stopped) throw new TooSlow();
      spentMs += ms;
      if (size === n) shortMs = Math.min(shortMs, ms);
      const expected = await judge.time(options, inputs, new Random(seed), 60_000);
      if (expected.stopped) throw new GraderError('reference', `${name}: the reference took longer than a minute`);
      checkOutput(output, expected.output, inputs, options);
      return ms;
    };
    try {
      for (let i = 0; i < Math.max(1, plan.warmUps) && spentMs < PROCESS_BUDGET_MS; i++) {
        await call(n);
        await call(2 * n);
      }
      const ratios: number[] = [];
      do {
        const [a, b, c, d] = [await call(n), await call(2 * n), await call(2 * n), await call(n)];
        ratios.push((b + c) / (a + d));
      } while (ratios.length < plan.blocks && (ratios.length < FEW_BLOCKS || spentMs < PROCESS_BUDGET_MS));
      return median(ratios);
    } catch (error) {
      if (error instanceof TooSlow) return stoppedGrowth(limitMs / shortMs, options.atMost, limitMs);
      throw error;
    }
  };

  const bound = { side: 'atMost', value: options.atMost } as const;
  try {
    const { decision, details } = await sample(
      bound,
      { open: () => openTimed(run, run.program, 'learner'), measure },
      run,
      CLEAR.failsWithoutLuck,
    );
    return { decision, details, bound, what: { en: 'times as long for twice the input', zh: '倍时间（输入加倍时）' } };
  } finally {
    await judge.close();
  }
}

/** The least that the ratio can be when a call was stopped; LearnerError when that says nothing about growth. */
function stoppedGrowth(atLeast: number, atMost: number, limitMs: number): number {
  if (atLeast > atMost) return atLeast;
  const seconds = limitMs / 1000;
  throw new LearnerError('time-limit', say({ en: `one call took longer than ${seconds} s`, zh: `一次调用超过 ${seconds} 秒` }));
}
