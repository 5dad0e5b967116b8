import { copyFileSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Exercise, loadCatalog } from '../../src/catalog/catalog.ts';
import { type Watcher, watchExercises } from '../../src/cli/watcher.ts';
import { gradingSetup } from '../../src/grading/setup.ts';
import type { ExerciseReport } from '../../src/report/report.ts';
import { learnerFolder } from './learner.ts';

// The real watcher with real boxes. What must not happen is waited for: far longer than a save takes to be seen.
const QUIET_MS = 600;

let watcher: Watcher;
let softmax: string;
let exercise: Exercise;
let given = '';
const started: string[] = [];
const tested: string[][] = [];
const done: ExerciseReport[] = [];
const errors: unknown[] = [];

beforeAll(async () => {
  const root = await learnerFolder();
  softmax = path.join(root, 'exercises/toy/01-softmax/softmax.ts');
  given = readFileSync(softmax, 'utf8');
  const catalog = await loadCatalog(root);
  exercise = catalog.find('toy/softmax');
  watcher = watchExercises(catalog, await gradingSetup({ thresholds: false }), {
    onStart: ({ id }) => started.push(id),
    onTests: (_, tests) => tested.push(tests.map(({ status }) => status)),
    onTraining: () => {},
    onDone: (_, report) => done.push(report),
    onError: (error) => errors.push(error),
  });
  await watcher.ready;
  watcher.grade(exercise);
  await verdicts(1);
});
afterAll(() => watcher?.close());

beforeEach(() => {
  for (const list of [started, tested, done, errors]) list.length = 0;
});

async function verdicts(count: number): Promise<void> {
  for (let waited = 0; done.length < count && waited < 20_000; waited += 20) await sleep(20);
  expect({ verdicts: done.length, errors }).toEqual({ verdicts: count, errors: [] });
}

/** Nothing more happens. */
async function quiet(runs: number): Promise<void> {
  await sleep(QUIET_MS);
  expect({ runs: started.length, verdicts: done.length, errors }).toEqual({ runs, verdicts: runs, errors: [] });
}

const wrong = (answer: string): string => `export function softmax(scores: readonly number[]): number[] {\n  return ${answer};\n}\n`;

test('a save with a change is one run, whose tests are told when the gate has failed', async () => {
  writeFileSync(softmax, wrong('[...scores]'));
  await verdicts(1);
  expect(done[0]).toMatchObject({ id: 'toy/softmax', state: 'failing' });
  expect(tested).toEqual([['failed', 'waiting', 'waiting', 'waiting']]);
  await quiet(1);
});

test('a save without a change, and a new time stamp, start nothing', async () => {
  writeFileSync(softmax, readFileSync(softmax));
  utimesSync(softmax, new Date(), new Date());
  await quiet(0);
});

test('a copy of the file elsewhere starts nothing and passes nothing', async () => {
  const exercises = path.join(softmax, '..', '..', '..');
  const copies = [
    path.join(exercises, 'softmax.ts'),
    path.join(exercises, 'toy', 'softmax copy.ts'),
    path.join(exercises, '..', 'softmax.ts'),
  ];
  for (const copy of copies) copyFileSync(softmax, copy);
  await quiet(0);
  for (const copy of copies) rmSync(copy);
  await quiet(0);
});

test('an editor that writes beside the file and renames is one run', async () => {
  const beside = path.join(path.dirname(softmax), '.softmax.ts.swp');
  writeFileSync(beside, wrong('scores.map(() => 0)'));
  renameSync(beside, softmax);
  await verdicts(1);
  await quiet(1);
});

test('an editor that keeps the old text as a backup, then writes a new file, is one run', async () => {
  const backup = `${softmax}~`;
  renameSync(softmax, backup);
  writeFileSync(softmax, wrong('scores.map(() => 1)'));
  await verdicts(1);
  rmSync(backup);
  await quiet(1);
});

test('a deleted file is told, and one that comes back is graded again', async () => {
  rmSync(softmax);
  await verdicts(1);
  expect(done[0]?.rejected).toMatchObject({ code: 'unreadable', reason: expect.stringContaining('softmax.ts') });
  writeFileSync(softmax, given);
  await verdicts(2);
  expect(done[1]).toMatchObject({ state: 'todo', rejected: null });
  await quiet(2);
});

test('three saves at once are one run, of the last', async () => {
  for (const answer of ['[]', '[1]', 'scores.map(() => 1 / scores.length)']) writeFileSync(softmax, wrong(answer));
  await verdicts(1);
  await quiet(1);
});

test('a save starts from nothing: no global of the save before is left', async () => {
  const counts = `const world = globalThis as { saves?: number };
world.saves = (world.saves ?? 0) + 1;
if (world.saves > 1) throw new Error('an old process');\n`;
  for (const save of [1, 2, 3]) {
    writeFileSync(softmax, `${counts}${wrong(`[${save}]`)}`);
    await verdicts(save);
    expect(done.at(-1)?.rejected).toBeNull();
  }
});

test('a newer save takes the place of an older one', async () => {
  writeFileSync(softmax, 'export function softmax(): number[] {\n  for (;;);\n}\n');
  await expect.poll(() => started.length, { timeout: 10_000 }).toBe(1);
  writeFileSync(softmax, wrong('[0.5]'));
  await verdicts(1);
  await sleep(QUIET_MS);
  expect({ runs: started.length, verdicts: done.length, errors }).toEqual({ runs: 2, verdicts: 1, errors: [] }); // the older one says nothing any more
});
