/** `kind: 'roofline'`: the part of the device's own matmul FLOP/s or copy bandwidth that the learner's program reaches. */
import { LearnerError } from '@llm-ladder/backend/errors';
import { say } from '../../format/words.ts';
import { Random } from '../../suite/random.ts';
import type { RooflineOptions } from '../../suite/types.ts';
import { openProbe, roofOf } from './gpu.ts';
import { checkOutput } from './outputs.ts';
import { openAll, planFor, sample } from './sampling.ts';
import type { Measured, ThresholdRun } from './threshold-run.ts';
import type { TimedProgram } from './timed.ts';
import { openTimed, randomPerCall, referenceMs, TooSlow } from './twins.ts';

/**
 * No program does so much more than the best of large products, or of large copies, on the same device (small copies may stay in its cache): whatever came back
 * in less time was not computed in it.
 */
const IMPOSSIBLE = { matmul: 2, copy: 10 };

/** The learner's program and the probe that measures the roof, side by side in fresh boxes. */
class RoofPair {
  readonly learner: TimedProgram;
  readonly probe: TimedProgram;

  constructor(learner: TimedProgram, probe: TimedProgram) {
    this.learner = learner;
    this.probe = probe;
  }

  async close(): Promise<void> {
    await Promise.all([this.learner.close(), this.probe.close()]);
  }
}

export async function judgeRoofline(name: string, options: RooflineOptions, run: ThresholdRun): Promise<Measured> {
  const reference = await run.referenceProgram();
  const calmMs = await referenceMs(run, reference, options, (random) => options.inputs(random, run.scale));
  const plan = planFor(calmMs, options.atLeast);
  const judge = await openTimed(run, reference, 'reference');

  const measure = async ({ learner, probe }: RoofPair, index: number): Promise<number> => {
    const fresh = randomPerCall(run, name, index);
    const roof = await roofOf(probe, options.of);
    let best = 0;
    try {
      const calls = plan.warmUps + Math.max(1, plan.blocks * 2);
      for (let call = 0; call < calls; call++) {
        const random = fresh();
        const inputs = options.inputs(random, run.scale);
        const seed = String(random.seed());
        const { output, ms, stopped } = await learner.time(options, inputs, new Random(seed), plan.limitMs);
        if (stopped) throw new TooSlow();
        const expected = await judge.time(options, inputs, new Random(seed), 60_000);
        checkOutput(output, expected.output, inputs, options);
        if (call >= plan.warmUps) best = Math.max(best, options.work(inputs) / (ms / 1000) / roof);
      }
      return best;
    } catch (error) {
      if (error instanceof TooSlow) return 0;
      throw error;
    }
  };

  const bound = { side: 'atLeast', value: options.atLeast } as const;
  const open = async (): Promise<RoofPair> => {
    const [learner, probe] = await openAll([openTimed(run, run.program, 'learner'), openProbe(run)]);
    return new RoofPair(learner!, probe!);
  };
  try {
    const { decision, details } = await sample(bound, { open, measure }, run);
    if (Number(details.median) > IMPOSSIBLE[options.of]) throw impossible(Number(details.median));
    const of = {
      matmul: { en: "of this GPU's matmul FLOP/s", zh: '（本机 GPU 的矩阵乘法算力为 1）' },
      copy: { en: "of this GPU's copy bandwidth", zh: '（本机 GPU 的拷贝带宽为 1）' },
    };
    return { decision, details, bound, what: of[options.of] };
  } finally {
    await judge.close();
  }
}

function impossible(part: number): LearnerError {
  const times = part.toPrecision(2);
  return new LearnerError(
    'impossible',
    say({
      en: `expected a time that this GPU can reach, got ${times} times its own best rate: the work was not done in the time measured`,
      zh: `应为本机 GPU 能达到的时间，实际是其最高速率的 ${times} 倍：计时期间并没有完成这些计算`,
    }),
  );
}
