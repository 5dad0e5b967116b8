import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import * as consumers from '../report/consumers.ts';
import { command, edit, environment, ladder, programs, readJson, submit, toyCourse } from './toy-course.ts';

test('a grade that is killed in its second exercise keeps the first, and says that it is partial', async () => {
  const course = toyCourse();
  submit(path.join(course, 'exercises'), programs.right, programs.loops);
  const last = path.join(course, '.ladder/last-report.json');
  const gradescope = path.join(course, 'results.json');
  const child = spawn(process.execPath, [command, 'grade', '--no-thresholds', '--report', `gradescope=${gradescope}`], {
    cwd: course,
    env: environment,
    stdio: 'ignore',
  });
  const soFar = () => (existsSync(last) ? readJson(last) : undefined);
  const passedInSecond = () => soFar()?.notGraded[0]?.tests.filter((one: { status: string }) => one.status === 'passed').length ?? 0;
  for (let turn = 0; turn < 600 && !(soFar()?.exercises.length === 1 && passedInSecond() === 2); turn++) await sleep(50);
  child.kill('SIGKILL'); // it hangs in the third test of the second exercise

  expect(soFar()).toMatchObject({ score: 6, exercises: [{ id: 'toy/softmax' }], notGraded: [{ id: 'toy/again', reason: null }] });
  expect(passedInSecond()).toBe(2);
  expect(consumers.readGradescope(readFileSync(gradescope, 'utf8'))).toMatchObject({ score: 6, maxScore: 6 });
  expect(readJson(gradescope).output).toMatch(/^Partial: 1 of 2 exercises were not graded \(toy\/again\)/);
  expect(readdirSync(course).filter((name) => name.endsWith('.tmp'))).toEqual([]);

  const text = await ladder(course, 'report');
  expect(text).toMatchObject({ code: 0, out: expect.stringMatching(/6 of 6 points[\s\S]*Partial: 1 of 2 exercises were not graded/) });
  const junit = await ladder(course, 'report', '--format', 'junit');
  expect(junit.err).toMatch(/^Partial: /);
  consumers.readJUnit(junit.out);
});

test('a fault of the grader is no zero: the others are graded, nothing takes a score from it, exit code 3', async () => {
  const course = toyCourse();
  submit(path.join(course, 'exercises'), programs.overflows, programs.right);
  edit(path.join(course, 'course/01-softmax/hidden.test.ts'), 'import { expect', "import './nothing.ts';\nimport { expect");
  const files = ['gradescope', 'prairielearn', 'classroom', 'nbgrader'].map(
    (format) => [format, path.join(course, `${format}.out`)] as const,
  );
  const words = files.flatMap(([format, file]) => ['--report', `${format}=${file}`]);
  const graded = await ladder(course, 'grade', '--no-thresholds', '--json', ...words);
  expect(graded.code).toBe(3);
  const report = JSON.parse(graded.out);
  expect(report).toMatchObject({ score: 6, maxScore: 6, exercises: [{ id: 'toy/again', state: 'passing' }] });
  expect(report.notGraded).toEqual([{ id: 'toy/softmax', reason: expect.stringContaining('nothing.ts'), tests: [] }]);

  const text = (format: string): string => readFileSync(path.join(course, `${format}.out`), 'utf8');
  expect(consumers.readGradescope(text('gradescope'))).toBeUndefined();
  expect(consumers.readPrairieLearn(text('prairielearn'))).toBeUndefined();
  expect(consumers.readClassroom(text('classroom'))).toBeUndefined();
  expect(consumers.readNbgrader(text('nbgrader')).rows.map(({ assignment }) => assignment)).toEqual(['toy/again']);

  const shown = await ladder(course, 'grade', '--no-thresholds');
  expect(shown).toMatchObject({
    code: 3,
    out: expect.stringMatching(/! 01 softmax[\s\S]*Not gradable: [\s\S]*That is no zero: run it again/),
  });
});

test('a submission that cannot be read is the learner’s: rejected, with its points in the total', async () => {
  const course = toyCourse();
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  writeFileSync(path.join(course, 'exercises/toy/02-again/again.ts'), Buffer.from([0xff, 0xfe, 0x00]));
  const graded = await ladder(course, 'grade', '--no-thresholds', '--json');
  expect(graded.code).toBe(1);
  expect(JSON.parse(graded.out)).toMatchObject({
    score: 6,
    maxScore: 12,
    notGraded: [],
    exercises: [{}, { rejected: { code: 'unreadable' } }],
  });
});

test.each([
  [['--report', 'junit'], 2, /--report: expected <format>=<file>, got "junit"\n {2}formats: json, text, junit, markdown, ctrf/],
  [['--report', 'xunit=a.xml'], 2, /--report: expected <format>=<file>, got "xunit=a.xml"/],
  [['--report', 'constructor=a.xml'], 2, /expected <format>=<file>/],
  [['--report', 'json=package.json/a.json'], 3, /a\.json: expected to write it, got a file where a folder should be/],
  [['--junit', 'package.json/a.xml'], 3, /a\.xml: expected to write it/],
])('%j is refused before anything is graded', async (words, code, message) => {
  const course = toyCourse();
  const ended = await ladder(course, 'grade', ...words);
  expect(ended).toMatchObject({ code, out: '', err: expect.stringMatching(message) });
});
