/** One threshold: which way it is measured, and how its verdict reads. */
import { readFile } from 'node:fs/promises';
import { programFor } from '../../catalog/program.ts';
import { say } from '../../format/words.ts';
import type { TestReport } from '../../report/report.ts';
import type { SuiteThreshold } from '../../suite/types.ts';
import { failureMessage, seedLine } from '../messages.ts';
import { isOurs, testReport } from '../run-test.ts';
import { judgeCalls, judgeKernels } from './counts.ts';
import { findGpu, scaleFor } from './gpu.ts';
import { judgeGrowth } from './growth.ts';
import { judgeMemory } from './memory.ts';
import { judgeRatio } from './ratio.ts';
import { judgeRoofline } from './roofline.ts';
import type { Measured, ThresholdRun } from './threshold-run.ts';
import { isReference, runUntimed } from './untimed.ts';

// Two timings at once would disturb each other: one threshold at a time in this process.
let last: Promise<unknown> = Promise.resolve();

export function judgeThreshold(
  entry: SuiteThreshold,
  given: Pick<ThresholdRun, 'exercise' | 'program' | 'hosts' | 'seed' | 'options'>,
): Promise<TestReport> {
  if (given.options.thresholds === 'quick') return judgeNow(entry, given);
  const mine = last.then(() => judgeNow(entry, given));
  last = mine.catch(() => undefined);
  return mine;
}

async function judgeNow(
  entry: SuiteThreshold,
  given: Pick<ThresholdRun, 'exercise' | 'program' | 'hosts' | 'seed' | 'options'>,
): Promise<TestReport> {
  const { exercise } = given;
  const started = performance.now();
  given.options.signal?.throwIfAborted();
  const run: ThresholdRun = {
    ...given,
    scale: 1,
    quick: given.options.thresholds === 'quick',
    referenceProgram: () => programFor(exercise, 'reference'),
    referenceText: () => readFile(exercise.referenceFile, 'utf8'),
  };
  try {
    const gpu = entry.options.on === 'gpu' ? await findGpu(run) : undefined;
    if (entry.options.on === 'gpu' && !gpu)
      return testReport(entry, 'not-run', { message: say({ en: 'not run: no GPU', zh: '未运行：没有 GPU' }) });
    const { options } = entry;
    if (run.quick && options.kind === 'ratio' && (await isReference(run))) {
      await runUntimed(entry.name, options, (random) => options.inputs(random, run.scale), run);
      const message = say({ en: 'run, not timed against itself', zh: '已运行，不与自身比速度' });
      return testReport(entry, 'passed', { message, durationMs: performance.now() - started });
    }
    const measured = await measure(entry, gpu ? { ...run, scale: scaleFor(gpu) } : run);
    const durationMs = performance.now() - started;
    return testReport(entry, measured.decision, { message: thresholdMessage(measured), details: measured.details, durationMs });
  } catch (error) {
    if (isOurs(error)) throw error;
    const message = `${failureMessage(error)}\n${seedLine(exercise.id, given.seed)}`;
    return testReport(entry, 'failed', { message, durationMs: performance.now() - started });
  }
}

function measure({ name, options }: SuiteThreshold, run: ThresholdRun): Promise<Measured> {
  switch (options.kind) {
    case 'ratio':
      return judgeRatio(name, options, run);
    case 'growth':
      return judgeGrowth(name, options, run);
    case 'memory':
      return judgeMemory(name, options, run);
    case 'calls':
      return judgeCalls(name, options, run);
    case 'kernels':
      return judgeKernels(name, options, run);
    case 'roofline':
      return judgeRoofline(name, options, run);
  }
}

/** '0.93 of the reference's throughput, at least 0.7 is needed (12 pairs, 0.88 to 0.97)'. */
function thresholdMessage({ decision, details, bound, figure, what }: Measured): string {
  const number = (x: number): string => String(Number(x.toPrecision(3)));
  const shown = number(figure ?? Number(details.median));
  const needed =
    bound.side === 'atLeast'
      ? { en: `at least ${bound.value} is needed`, zh: `至少要 ${bound.value}` }
      : { en: `at most ${bound.value} is allowed`, zh: `最多 ${bound.value}` };
  const spread =
    details.pairs === undefined
      ? { en: '', zh: '' }
      : {
          en: ` (${number(Number(details.low))} to ${number(Number(details.high))} over ${details.pairs} fresh processes)`,
          zh: `（${details.pairs} 组全新进程，${number(Number(details.low))} 到 ${number(Number(details.high))}）`,
        };
  const unsure =
    decision === 'inconclusive' ? { en: 'inconclusive, this machine is too noisy: ', zh: '无法判定，机器噪声太大：' } : { en: '', zh: '' };
  return say({
    en: `${unsure.en}${shown} ${what.en}, ${needed.en}${spread.en}`,
    zh: `${unsure.zh}${shown} ${what.zh}，${needed.zh}${spread.zh}`,
  });
}
