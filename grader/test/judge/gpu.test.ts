/**
 * The path of GPU thresholds in real boxes, on devices that only compute on the CPU: SwiftShader behind WebGPU, and TensorFlow in its fall-back. What is shown is that
 * devices are found, inputs and outputs cross, spans end when the device has, and verdicts follow; no figure means anything. Minutes: only where LADDER_SOFTWARE_GPU=1.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBox, strongestDriver } from '../../src/box/index.ts';
import { type Exercise, loadCatalog, programFor } from '../../src/catalog/catalog.ts';
import { setLang } from '../../src/format/words.ts';
import type { JudgeOptions } from '../../src/judge/options.ts';
import { ProgramHost } from '../../src/judge/program-host.ts';
import { ReferenceHost } from '../../src/judge/reference-host.ts';
import { judgeThreshold } from '../../src/judge/thresholds/threshold.ts';
import type { TestReport } from '../../src/report/report.ts';
import type { Random } from '../../src/suite/random.ts';
import type { PerformanceOptions } from '../../src/suite/types.ts';

let exercise: Exercise;
beforeAll(async () => {
  setLang('en');
  exercise = (await loadCatalog(import.meta.dirname)).find('transformer/ffn-dropout');
});
afterAll(() => setLang(undefined));

const [N, D, F] = [64, 96, 160];
const inputs = (random: Random) => [[N, D], [D, F], [F], [F, D], [D]].map((shape) => random.normal(shape));
const base = { points: 2, zh: '性能', on: 'gpu', atLeast: 0.7, call: 'ffn', inputs } as const;
const ratio: PerformanceOptions = { ...base, kind: 'ratio', of: 'reference' };
/** `part` of what one call really computes. */
const roofline = (part: number, atLeast: number): PerformanceOptions => ({
  ...base,
  kind: 'roofline',
  of: 'matmul',
  atLeast,
  work: () => 4 * N * D * F * part,
});

async function judged(backend: string, options: PerformanceOptions, edit = (text: string) => text): Promise<TestReport> {
  const judge: JudgeOptions = { driver: await strongestDriver(), backend };
  const honest = await programFor(exercise, 'reference');
  const [[file, text]] = Object.entries(honest.files) as [[string, string]];
  const program = { ...honest, files: { [file]: edit(text) } };
  const hosts = { learner: new ProgramHost(exercise, program, judge), reference: new ReferenceHost(exercise, judge) };
  try {
    return await judgeThreshold(
      { kind: 'performance', name: 'ffn on the device', options },
      { exercise, program, hosts, seed: 'gpu', options: judge },
    );
  } finally {
    await Promise.all([hosts.learner.close(), hosts.reference.close()]);
  }
}

async function whyAbsent(backend: 'webgpu' | 'tensorflow'): Promise<string | undefined> {
  if (process.env.LADDER_SOFTWARE_GPU !== '1') return 'LADDER_SOFTWARE_GPU=1 asks for it';
  try {
    const limits = { timeMs: 60_000, memoryMb: 2048, outputBytes: 1 << 20 };
    await (await openBox({ driver: await strongestDriver(), backend, limits })).close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

for (const backend of ['webgpu', 'tensorflow'] as const)
  describe(backend, async () => {
    const absent = await whyAbsent(backend);
    if (absent !== undefined) console.warn(`GPU thresholds on ${backend}: not run (${absent})`);
    const run = test.skipIf(absent !== undefined);

    run('the reference is measured against itself', { timeout: 300_000 }, async () => {
      const report = await judged(backend, ratio);
      expect(report.message).toMatch(/of the reference's throughput/);
      expect(['passed', 'inconclusive']).toContain(report.status);
    });

    // The rest takes a minute on TensorFlow and several on SwiftShader: there the roof is met once.
    const onTensorflow = test.skipIf(absent !== undefined || backend !== 'tensorflow');

    run('a part of the roof that is too small fails', { timeout: 300_000 }, async () => {
      expect(await judged(backend, roofline(1e-9, 0.25))).toMatchObject({ status: 'failed', details: { pairs: 3 } });
    });

    onTensorflow('a part that is large enough passes, one that no device reaches is refused', { timeout: 300_000 }, async () => {
      expect(await judged(backend, roofline(1, 1e-6))).toMatchObject({ status: 'passed' });
      expect((await judged(backend, roofline(1e9, 0.25))).message).toMatch(/a time that this GPU can reach/);
    });

    onTensorflow('hundreds of products more fail', { timeout: 300_000 }, async () => {
      const slow = (text: string) =>
        text.replace('const wide = ', 'for (let i = 0; i < 400; i++) rows.matMul(W1).add(b1);\n    const wide = ');
      expect(await judged(backend, ratio, slow)).toMatchObject({ status: 'failed' });
    });

    run('a wrong output fails on the device too', { timeout: 300_000 }, async () => {
      const report = await judged(backend, roofline(1, 1e-6), (text) => text.replace('.add(b2)', ''));
      expect(report).toMatchObject({ status: 'failed', points: 0 });
    });
  });
