/** `kind: 'memory'`: peak bytes of the process, seen from outside, as a part of what the naive control needs. */
import { GraderError, LearnerError } from '@llm-ladder/backend/errors';
import { programFor } from '../../catalog/program.ts';
import { applyChange } from '../../format/mutants.ts';
import { say } from '../../format/words.ts';
import type { MemoryOptions } from '../../suite/types.ts';
import { loadMutants } from '../patterns.ts';
import { sample } from './sampling.ts';
import type { Measured, ThresholdRun } from './threshold-run.ts';
import { randomPerCall, TooSlow, Twins } from './twins.ts';
import { CLEAR } from './verdict.ts';

/** Below this the naive control says nothing: a process's own peaks come and go by as much. */
const MIN_NAIVE_BYTES = 16 * 2 ** 20;
const CALL_MS = 30_000;

export async function judgeMemory(name: string, options: MemoryOptions, run: ThresholdRun): Promise<Measured> {
  const { naive = [] } = await loadMutants(run.exercise);
  const control = naive.find((one) => one.fails === name);
  if (!control) throw new GraderError('controls', `${run.exercise.id}: '${name}': expected a naive control in mutants.ts, got none`);
  const referenceText = applyChange(await run.referenceText(), control, `${run.exercise.id}: ${control.name}`);
  const program = await programFor(run.exercise, { referenceText });

  const measure = async (twins: Twins, index: number): Promise<number> => {
    const random = randomPerCall(run, name, index)();
    try {
      await twins.call(options, options.inputs(random), random, { order: index % 2 ? 'ba' : 'ab', limitMs: CALL_MS });
    } catch (error) {
      if (error instanceof TooSlow)
        throw new LearnerError('time-limit', say({ en: `took longer than ${CALL_MS / 1000} s`, zh: `超过 ${CALL_MS / 1000} 秒` }));
      throw error;
    }
    const mine = await twins.a.peakOverEmptyBox();
    const naiveBytes = await twins.b.peakOverEmptyBox();
    if (naiveBytes < MIN_NAIVE_BYTES)
      throw new GraderError(
        'controls',
        `${run.exercise.id}: '${name}': the naive control used ${naiveBytes} bytes, too few to compare with`,
      );
    return mine / naiveBytes;
  };

  const bound = { side: 'atMost', value: options.atMost } as const;
  const open = (index: number): Promise<Twins> => Twins.open(run, { program, who: 'learner' }, index);
  const { decision, details } = await sample(bound, { open, measure }, run, CLEAR.failsWithoutLuck);
  return { decision, details, bound, what: { en: "of the naive form's memory", zh: '（朴素写法的内存为 1）' } };
}
