import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Program } from '../../src/box/types.ts';
import { type Exercise, programFor } from '../../src/catalog/catalog.ts';
import { applyChange } from '../../src/format/mutants.ts';
import { setLang } from '../../src/format/words.ts';
import type { JudgeOptions } from '../../src/judge/options.ts';
import { ProgramHost } from '../../src/judge/program-host.ts';
import { ReferenceHost } from '../../src/judge/reference-host.ts';
import { judgeThreshold } from '../../src/judge/thresholds/threshold.ts';
import type { TestReport } from '../../src/report/report.ts';
import type { PerformanceOptions } from '../../src/suite/types.ts';
import { tempFolder } from '../author/demo.ts';
import { toyExercise } from '../fixtures/toy.ts';

// Real processes, whose peaks are read from outside. A table of N x N numbers stands for attention that materialises its scores.
const N = 4000; // 128 MB
const name = 'softmax needs no table';
const total = 'const total = powers.reduce((sum, x) => sum + x, 0);';
const naive = {
  name: 'a table of all pairs',
  replace: [
    [total, 'const table = powers.map(() => Float64Array.from(powers));\n  const total = table.at(-1)!.reduce((sum, x) => sum + x, 0);'],
  ],
  fails: name,
} as const;
const memory: PerformanceOptions = {
  points: 2,
  zh: '内存',
  kind: 'memory',
  atMost: 0.7,
  of: 'naive',
  call: 'softmax',
  inputs: (random) => [Array.from(random.normal([N]).values)],
};

let exercise: Exercise;
let reference: string;
beforeAll(async () => {
  setLang('en');
  exercise = await toyExercise();
  reference = await readFile(exercise.referenceFile, 'utf8');
});
afterAll(() => setLang(undefined));

async function threshold(referenceText: string): Promise<TestReport> {
  const mutantsFile = path.join(tempFolder(), 'mutants.ts');
  await writeFile(mutantsFile, `export default ${JSON.stringify({ mutants: [], naive: [naive] })};\n`);
  const own: Exercise = { ...exercise, mutantsFile };
  const program: Program = await programFor(own, { referenceText });
  const options: JudgeOptions = { driver: 'plain', backend: 'cpu' };
  const hosts = { learner: new ProgramHost(own, program, options), reference: new ReferenceHost(own, options) };
  const entry = { kind: 'performance', name, options: memory } as const;
  return judgeThreshold(entry, { exercise: own, program, hosts, seed: 'abc', options });
}

// Only Linux keeps a process's highest memory, so that no peak between two looks is missed.
describe.skipIf(process.platform !== 'linux')('a memory threshold on real processes', () => {
  test('a program without the table passes', async () => {
    const report = await threshold(reference);
    expect(report).toMatchObject({ status: 'passed', points: 2, details: { pairs: 12 } });
    expect(report.details!.median).toBeLessThan(0.3);
  });

  test('one that makes the table fails, and is told how much it took', async () => {
    const report = await threshold(applyChange(reference, naive, 'naive'));
    expect(report).toMatchObject({ status: 'failed', points: 0, details: { pairs: 12 } });
    expect(report.message).toMatch(/^(0\.9|1)\d* of the naive form's memory, at most 0\.7 is allowed/);
  });

  test('one that takes more than the exercise has is stopped by that limit', async () => {
    const tooMuch = applyChange(
      reference,
      {
        replace: [
          [
            total,
            `const table = Array.from({ length: 8 * ${N} }, () => Float64Array.from(powers));\n  ${total.replace('powers', 'table[0]!')}`,
          ],
        ],
      },
      'much',
    );
    const report = await threshold(tooMuch);
    expect(report.status).toBe('failed');
    expect(report.message).toMatch(/more than 512 MiB \(the limit on memory\)/);
  });
});
