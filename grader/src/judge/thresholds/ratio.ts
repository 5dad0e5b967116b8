/** `kind: 'ratio'`: the learner's throughput as a part of the reference's, in twin boxes. */
import type { RatioOptions } from '../../suite/types.ts';
import { planFor, sample } from './sampling.ts';
import type { Measured, ThresholdRun } from './threshold-run.ts';
import { type Order, randomPerCall, referenceMs, TooSlow, Twins } from './twins.ts';
import { HOPELESS, median } from './verdict.ts';

export async function judgeRatio(name: string, options: RatioOptions, run: ThresholdRun): Promise<Measured> {
  const reference = await run.referenceProgram();
  const { scale } = run;
  const calmMs = await referenceMs(run, reference, options, (random) => options.inputs(random, scale));
  const plan = planFor(calmMs, options.atLeast);

  const measure = async (twins: Twins, index: number): Promise<number> => {
    const fresh = randomPerCall(run, name, index);
    const call = (order: Order): Promise<{ a: number; b: number }> => {
      const random = fresh();
      return twins.call(options, options.inputs(random, scale), random, { order, limitMs: plan.limitMs });
    };
    try {
      for (let i = 0; i < plan.warmUps; i++) await call(i % 2 ? 'ba' : 'ab');
      if (plan.blocks === 0) {
        const once = await call(index % 2 ? 'ba' : 'ab');
        return once.b / once.a;
      }
      const ratios: number[] = [];
      for (let block = 0; block < plan.blocks; block++) {
        const [first, second] = [await call('ab'), await call('ba')];
        ratios.push((first.b + second.b) / (first.a + second.a));
        // Far beyond hope, more calls would only take time; a learner who is slow on purpose gains nothing by it.
        if (ratios.at(-1)! * 2 * HOPELESS.factor < options.atLeast) break;
      }
      return median(ratios);
    } catch (error) {
      if (error instanceof TooSlow) return calmMs / plan.limitMs; // at most this
      throw error;
    }
  };

  const bound = { side: 'atLeast', value: options.atLeast } as const;
  const open = (index: number): Promise<Twins> => Twins.open(run, { program: reference, who: 'reference' }, index);
  const { decision, details } = await sample(bound, { open, measure }, run);
  return { decision, details, bound, what: { en: "of the reference's throughput", zh: '（参考实现的吞吐为 1）' } };
}
