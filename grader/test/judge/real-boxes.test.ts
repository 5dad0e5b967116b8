import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoxPool, type Driver, strongestDriver } from '../../src/box/index.ts';
import { type Exercise, programFor } from '../../src/catalog/catalog.ts';
import { setLang } from '../../src/format/words.ts';
import { judge } from '../../src/judge/judge.ts';
import type { ExerciseReport } from '../../src/report/report.ts';
import { toyExercise } from '../fixtures/toy.ts';

// Deliberately wrong programs in real processes: each is told what it did, and keeps the points that it had earned.
let exercise: Exercise;
let reference = '';
let pool: BoxPool;
let driver: Driver;
beforeAll(async () => {
  setLang('en');
  exercise = await toyExercise();
  reference = await readFile(exercise.referenceFile, 'utf8');
  driver = await strongestDriver();
  pool = new BoxPool({ driver, size: 1 });
});
afterAll(async () => {
  setLang(undefined);
  await pool.close();
});

/** The verdict on the reference with one text replaced. */
async function grade(find: string, put: string, testTimeoutMs = 1000): Promise<ExerciseReport> {
  expect(reference).toContain(find);
  const program = await programFor(exercise, { referenceText: reference.replace(find, put) });
  return judge(exercise, program, {
    driver,
    backend: 'wasm',
    thresholds: false,
    testTimeoutMs,
    open: ({ limits }) => pool.take(limits),
  });
}

const line = (report: ExerciseReport, name = 'large scores stay finite'): string =>
  report.tests.find((one) => one.name === name)?.message ?? '';
// Only the third test has a score of 1000: what goes wrong there must leave the other three alone.
const atThousand = (what: string): [string, string] => ['const top =', `if (scores[0] === 1000) { ${what} }\n  const top =`];

test.each([
  ['an endless loop', 'for (;;);', /took longer than 1 s: is there an endless loop\?/],
  ['process.exit', 'process.exit(0);', /exit/],
  ['a gigabyte of text', "for (let i = 0; i < 1024; i++) process.stdout.write('x'.repeat(1 << 20));", /the limit on (output|memory)/],
  ['ten gigabytes', 'const all: unknown[] = []; for (let i = 0; i < 10000; i++) all.push(new Uint8Array(1 << 20).fill(1));', /memory/],
])('%s costs its own test only', async (_, what, message) => {
  const report = await grade(...atThousand(what), what === 'for (;;);' ? 1000 : 20_000);
  expect(report.tests.filter(({ kind }) => kind === 'test').map(({ status }) => status)).toEqual(['passed', 'passed', 'failed', 'passed']);
  expect(report).toMatchObject({ state: 'failing', score: 4, rejected: null });
  expect(line(report)).toMatch(message);
});

test('a throw tells the line of the learner', async () => {
  expect(line(await grade(...atThousand("throw new TypeError('oh');")))).toMatch(/^threw TypeError: oh \(softmax\.ts:\d+\)/);
});

test('a Promise where a value is asked for is told so', async () => {
  expect(
    line(
      await grade(
        'export function softmax(scores: readonly number[]): number[]',
        'export async function softmax(scores: readonly number[])',
      ),
      'matches NumPy',
    ),
  ).toMatch(/softmax returned a Promise: expected a plain value/);
});

test.each([
  ['syntax', 'export function softmax(', 'export function softmax((', /softmax\.ts/],
  ['import', "from '@llm-ladder/backend/errors'", "from 'node:fs'", /node:fs/],
  ['exited', 'export function softmax(', 'process.exit(0);\nexport function softmax(', /exit/],
])('a program that cannot be loaded is rejected: %s', async (code, find, put, reason) => {
  const report = await grade(find, put);
  expect(report).toMatchObject({ state: 'failing', score: 0, maxScore: 6, rejected: { code } });
  expect(report.rejected?.reason).toMatch(reason);
});
