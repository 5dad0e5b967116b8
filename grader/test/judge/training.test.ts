/** Tests that train: after all others, never for a hint. */
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Exercise } from '../../src/catalog/catalog.ts';
import { type JudgeOptions, judge } from '../../src/judge/judge.ts';
import type { ExerciseReport } from '../../src/report/report.ts';
import { fakeBoxes } from '../fixtures/fake-box.ts';
import { named, programs, toyExercise } from '../fixtures/toy.ts';

let exercise: Exercise;
beforeAll(async () => {
  exercise = { ...(await toyExercise()), suiteFile: path.join(import.meta.dirname, '..', 'fixtures', 'training-suite.ts') };
});

/** Grades a program, and what was told in which order. */
async function grade(program: string, options: Partial<JudgeOptions> = {}, boxes = 1): Promise<{ told: string[]; report: ExerciseReport }> {
  const told: string[] = [];
  const { open } = fakeBoxes(programs);
  const limits = { timeMs: 1000, memoryMb: 100, outputBytes: 100 };
  const box = (): Promise<Awaited<ReturnType<typeof open>>> => open({ driver: 'plain', backend: 'wasm', limits });
  const report = await judge(exercise, named(program), {
    driver: 'plain',
    backend: 'wasm',
    thresholds: false,
    open,
    onTest: ({ name, status }) => told.push(`${name}: ${status}`),
    onTraining: ({ name }) => told.push(`${name} begins`),
    ...(boxes > 1 ? { box: await box(), secondBox: await box() } : {}),
    ...options,
  });
  return { told, report };
}

test('it begins when all others have their verdict', async () => {
  const { told, report } = await grade('reference');
  expect(told).toEqual(['two equal scores share: passed', 'no scores are refused: passed', 'learns begins', 'learns: passed']);
  expect(report).toMatchObject({ state: 'passing', score: 5 });
  expect(report.tests.map(({ name }) => name)).toEqual(['learns', 'two equal scores share', 'no scores are refused']); // a report keeps the suite's order
});

test('in two boxes it may begin beside the last of the others, never before the gate has passed', async () => {
  const { told } = await grade('reference', {}, 2);
  expect(told[0]).toBe('two equal scores share: passed');
  expect(told.slice(1).sort()).toEqual(['learns begins', 'learns: passed', 'no scores are refused: passed']);
});

test.each([1, 2])('behind a gate that fails it does not run, in %i boxes', async (boxes) => {
  const { told } = await grade('copy', {}, boxes);
  expect(told).toEqual(['two equal scores share: failed', 'learns: waiting', 'no scores are refused: waiting']);
});

test('ungated it runs, last', async () => {
  const { told } = await grade('copy', { gated: false });
  expect(told).toEqual(['two equal scores share: failed', 'no scores are refused: failed', 'learns begins', 'learns: failed']);
});
