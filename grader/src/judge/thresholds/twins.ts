/** Two programs side by side, in fresh boxes of the same kind and age, whose calls alternate. */
import { GraderError } from '@llm-ladder/backend/errors';
import type { Program } from '../../box/types.ts';
import type { Value } from '../../box/values.ts';
import { Random } from '../../suite/random.ts';
import type { Checked, Work } from '../../suite/types.ts';
import { checkOutput } from './outputs.ts';
import { openAll } from './sampling.ts';
import type { ThresholdRun } from './threshold-run.ts';
import { type Timed, TimedProgram } from './timed.ts';

/** The learner's call was stopped at the limit; the box is gone, and so is the rest of the pair. */
export class TooSlow extends Error {}

export type Order = 'ab' | 'ba';

export class Twins {
  readonly a: TimedProgram;
  readonly b: TimedProgram;

  private constructor(a: TimedProgram, b: TimedProgram) {
    this.a = a;
    this.b = b;
  }

  /** The learner as `a`, the other program as `b`; which one starts first alternates with the index. */
  static async open(
    run: ThresholdRun,
    other: { readonly program: Program; readonly who: 'reference' | 'learner' },
    index: number,
  ): Promise<Twins> {
    const a = (): Promise<TimedProgram> => openTimed(run, run.program, 'learner');
    // Twins in every way: V8 sizes its heap by the memory that it may use, and so decides how often it collects.
    const b = (): Promise<TimedProgram> => openTimed(run, other.program, other.who, run.exercise.manifest.limits.memoryMb);
    if (index % 2 === 0) {
      const [first, second] = await openAll([a(), b()]);
      return new Twins(first!, second!);
    }
    const [first, second] = await openAll([b(), a()]);
    return new Twins(second!, first!);
  }

  /** The same new inputs for both, one after the other; outputs are compared when both have answered. Throws TooSlow. */
  async call(
    work: Work & Checked,
    inputs: readonly Value[],
    random: Random,
    { order, limitMs }: { order: Order; limitMs: number },
  ): Promise<{ a: number; b: number }> {
    const seed = String(random.seed());
    const ask = (program: TimedProgram): Promise<Timed> => program.time(work, inputs, new Random(seed), limitMs);
    let a: Timed;
    let b: Timed;
    if (order === 'ab') {
      a = await ask(this.a);
      b = await ask(this.b);
    } else {
      b = await ask(this.b);
      a = await ask(this.a);
    }
    if (b.stopped) throw new GraderError('reference', `the other program of a threshold took longer than ${limitMs} ms`);
    if (a.stopped) throw new TooSlow();
    checkOutput(a.output, b.output, inputs, work);
    return { a: a.ms, b: b.ms };
  }

  async close(): Promise<void> {
    await Promise.all([this.a.close(), this.b.close()]);
  }
}

/**
 * Random numbers of one pair of processes: a generator of its own for each call. From one call's inputs nobody can work out those of the next,
 * and so do the work while no clock runs (in a warm-up call).
 */
export function randomPerCall(run: Pick<ThresholdRun, 'seed' | 'exercise'>, name: string, index: number): () => Random {
  let call = 0;
  return () => Random.for(run.seed, run.exercise.id, name, String(index), String(call++));
}

/** A fresh timed box with the limits of the exercise; time is limited per call. The reference beside no learner has memory to spare. */
export function openTimed(
  run: ThresholdRun,
  program: Program,
  who: 'reference' | 'learner',
  memoryMb = who === 'learner' ? run.exercise.manifest.limits.memoryMb : Math.max(run.exercise.manifest.limits.memoryMb, 2048),
): Promise<TimedProgram> {
  const { async: asyncExports } = run.exercise.manifest;
  const limits = { timeMs: 600_000, memoryMb, outputBytes: 1 << 20 };
  return TimedProgram.open(program, { options: run.options, limits, asyncExports, who });
}

const CALIBRATION_CALLS = 3;

/** How long the reference takes once warm, in a fresh box that takes no part in the verdict. */
export async function referenceMs(
  run: ThresholdRun,
  reference: Program,
  work: Work,
  inputs: (random: Random) => readonly Value[],
): Promise<number> {
  const random = Random.for(run.seed, run.exercise.id, 'calibration');
  const program = await openTimed(run, reference, 'reference');
  try {
    let best = Number.POSITIVE_INFINITY;
    for (let call = 0; call < CALIBRATION_CALLS; call++) {
      const { ms, stopped } = await program.time(work, inputs(random), random, 60_000);
      if (stopped) throw new GraderError('reference', 'the reference took longer than a minute for one timed call');
      if (call > 0 || ms > 100) best = Math.min(best, ms);
      if (ms > 400) break;
    }
    return best;
  } finally {
    await program.close();
  }
}
