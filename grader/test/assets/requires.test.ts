import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { drivers } from '../box/helpers.ts';
import { edit, ladderIn, programs, readJson, submit } from '../cli/toy-course.ts';
import { OF_TEST, putBoth, putModel, requiringCourse, WHOLE } from './requiring-course.ts';

const grade = ['grade', '--no-thresholds', '--json'];

test('without the models: an exercise and a test are not run, by name, with the command; their points leave the total', async () => {
  const { course, cache } = requiringCourse();
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  const graded = await ladderIn(course, { LADDER_CACHE: cache }, ...grade);
  expect(graded).toMatchObject({ code: 0, err: '' });
  const report = JSON.parse(graded.out);
  expect(report).toMatchObject({ score: 6, maxScore: 6, pointsNotRun: 6 + 2 + 3 + 2 });
  const [whole, some] = report.exercises;
  expect(whole).toMatchObject({ id: 'toy/softmax', state: 'not-run', score: 0, maxScore: 0, rejected: null });
  for (const one of whole.tests)
    expect(one).toMatchObject({
      status: 'not-run',
      points: 0,
      missing: [`model:${WHOLE}`],
      message: `not run: model:${WHOLE} is not on this machine: ladder model add ${WHOLE}`,
    });
  expect(some).toMatchObject({ id: 'toy/again', state: 'passing', score: 6, maxScore: 6 });
  const notRun = some.tests.filter(({ status, kind }: { status: string; kind: string }) => status === 'not-run' && kind === 'test');
  expect(notRun).toMatchObject([{ name: 'the scores of a model', maxPoints: 3, missing: [`model:${OF_TEST}`] }]);
});

test('wrong answers beside what is not run still fail, and a program that nobody can load is no zero either', async () => {
  const { course, cache } = requiringCourse();
  submit(path.join(course, 'exercises'), programs.broken, programs.overflows);
  const graded = await ladderIn(course, { LADDER_CACHE: cache }, ...grade);
  expect(graded.code).toBe(1);
  expect(JSON.parse(graded.out).exercises).toMatchObject([
    { state: 'not-run', maxScore: 0 },
    { state: 'failing', maxScore: 6 },
  ]);
});

test('check, list and climb say what is missing, in both languages, and go on; exit code 3 where nothing could be judged', async () => {
  const { course, cache } = requiringCourse();
  submit(path.join(course, 'exercises'), programs.right, programs.overflows);
  const ladder = (...words: string[]) => ladderIn(course, { LADDER_CACHE: cache }, ...words);
  const checked = await ladder('check', 'softmax');
  expect(checked.code).toBe(3);
  expect(checked.out.split(`ladder model add ${WHOLE}`)).toHaveLength(2); // once, though five entries need it
  expect(checked.out).toContain('- matches NumPy');
  expect(checked.out).toMatch(/0 of 1 exercises passing, 0 of 0 points[\s\S]*5 did not run \(8 points left out of the total\)/);
  const chinese = await ladder('check', 'softmax', '--lang', 'zh');
  expect(chinese.out).toContain(`未运行：本机没有 model:${WHOLE}：ladder model add ${WHOLE}`);

  const states = async () =>
    JSON.parse((await ladder('list', '--json')).out).modules[0].exercises.map(({ state }: { state: string }) => state);
  expect(await states()).toEqual(['not-run', 'failing']);
  const climbed = await ladder('climb', '--once');
  expect(climbed.out).toMatch(/- 01 softmax[\s\S]*✗ 02 again/); // past the one that cannot be judged

  putBoth(cache);
  expect(await states()).toEqual(['passing', 'failing']); // the verdict of before is old
});

test('climb ends where all that can run passes', async () => {
  const { course, cache } = requiringCourse();
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  const { code, out } = await ladderIn(course, { LADDER_CACHE: cache }, 'climb', '--once');
  expect(code).toBe(0);
  expect(out).toContain('The tests of 1 exercises did not run: ladder check <exercise> says what they need.');
});

test('with the models everything runs, and a wrong answer about them costs its points', async () => {
  const { course, cache } = requiringCourse();
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  putBoth(cache);
  const good = JSON.parse((await ladderIn(course, { LADDER_CACHE: cache }, ...grade)).out);
  expect(good).toMatchObject({ score: 15, maxScore: 15, pointsNotRun: 4 });
  putBoth(cache, { answers: [0.042, 0.1143, 0.8437] });
  const bad = await ladderIn(course, { LADDER_CACHE: cache }, ...grade);
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.out)).toMatchObject({ score: 12, maxScore: 15 });
});

test('a model that is cut off, or from another package, is as good as absent', async () => {
  const { course, cache } = requiringCourse();
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  putBoth(cache);
  const state = async () => JSON.parse((await ladderIn(course, { LADDER_CACHE: cache }, ...grade, 'softmax')).out).exercises[0].state;
  expect(await state()).toBe('passing');
  edit(path.join(cache, 'models', WHOLE, 'lid.176.ftz'), 'any bytes', 'any');
  expect(await state()).toBe('not-run');
  putModel(cache, WHOLE, { 'lid.176.ftz': 'any bytes' });
  const record = path.join(cache, 'models', WHOLE, '.ladder-model.json');
  edit(record, readJson(record).sha256, 'f'.repeat(64));
  expect(await state()).toBe('not-run');
});

test('an asset that the test does not require, or a file that the model has not, is the fault of the suite: no zero', async () => {
  const { course, cache } = requiringCourse();
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  putBoth(cache);
  const suite = path.join(course, 'course/02-again/hidden.test.ts');
  const reasonAfter = async (find: string, put: string): Promise<{ code: number; reason: string }> => {
    const before = readFileSync(suite, 'utf8');
    edit(suite, find, put);
    const { code, out } = await ladderIn(course, { LADDER_CACHE: cache }, ...grade, 'again');
    edit(suite, readFileSync(suite, 'utf8'), before);
    return { code, reason: JSON.parse(out).notGraded[0].reason };
  };
  expect(await reasonAfter(`, requires: ['model:${OF_TEST}']`, '')).toEqual({
    code: 3,
    reason: `asset: expected a model that the test requires (none), got ${OF_TEST}`,
  });
  expect((await reasonAfter("'answers.json'", "'nothing.json'")).reason).toBe(
    `asset ${OF_TEST}: expected one of model.safetensors, answers.json, got nothing.json`,
  );
  expect((await reasonAfter("names: ['scores']", "names: ['none']")).reason).toMatch(/model\.safetensors: expected a tensor "none"/);
  expect((await reasonAfter(`requires: ['model:${OF_TEST}']`, "requires: ['model:nobody']")).reason).toBe(
    'model: expected the name of a model, got "nobody"',
  );
});

test.skipIf(!drivers.includes('bubblewrap'))('under --strict what lacked a model is no success', async () => {
  const { course, cache } = requiringCourse();
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  const strict = async () => (await ladderIn(course, { LADDER_CACHE: cache }, ...grade, '--strict', 'again')).code;
  expect(await strict()).toBe(1);
  putBoth(cache);
  expect(await strict()).toBe(0);
});

test('a requirement of another form is a fault of the manifest', async () => {
  const { course, cache } = requiringCourse();
  edit(path.join(course, 'course/01-softmax/exercise.ts'), `'model:${WHOLE}'`, `'${WHOLE}'`);
  const { code, err } = await ladderIn(course, { LADDER_CACHE: cache }, 'list');
  expect(code).toBe(2);
  expect(err).toContain(`requires[0]: expected 'model:<name>', such as 'model:minilm', got "${WHOLE}"`);
});
