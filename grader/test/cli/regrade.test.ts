import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import * as consumers from '../report/consumers.ts';
import { edit, ladder, programs, readJson, submit, toyCourse } from './toy-course.ts';

/** A class of graded submissions: `ada` is right, `bob` overflows in one exercise. */
async function gradedClass(course: string): Promise<string> {
  const folder = path.join(course, 'class');
  for (const [student, again] of [
    ['ada', programs.right],
    ['bob', programs.overflows],
  ] as const) {
    const from = submit(path.join(folder, student, 'exercises'), programs.right, again);
    await ladder(course, 'grade', '--no-thresholds', '--from', from, '--report', `json=${path.join(folder, student, 'report.json')}`);
  }
  return folder;
}

const text = (...parts: string[]): string => readFileSync(path.join(...parts), 'utf8');

test('regrades a class, keeps the old reports, survives what is broken, and can be undone', { timeout: 300_000 }, async () => {
  const course = toyCourse();
  const folder = await gradedClass(course);
  const student = (name: string): string => path.join(folder, name);
  for (const name of ['no-report', 'no-json', 'no-version', 'unknown', 'no-files', 'syntax', 'thief'])
    cpSync(student('ada'), student(name), { recursive: true });
  rmSync(path.join(student('no-report'), 'report.json'));
  writeFileSync(path.join(student('no-json'), 'report.json'), '{"version": 1,');
  edit(path.join(student('no-version'), 'report.json'), '"version":1', '"version":7');
  edit(path.join(student('unknown'), 'report.json'), '"id":"toy/softmax"', '"id":"toy/softmin"');
  rmSync(path.join(student('no-files'), 'exercises/toy/02-again'), { recursive: true });
  writeFileSync(path.join(student('syntax'), 'exercises/toy/01-softmax/softmax.ts'), programs.broken);
  rmSync(path.join(student('thief'), 'exercises/toy/02-again'), { recursive: true });
  symlinkSync(path.join(student('ada'), 'exercises/toy/02-again'), path.join(student('thief'), 'exercises/toy/02-again'), 'dir');
  const before = Object.fromEntries(['ada', 'bob', 'unknown'].map((name) => [name, text(student(name), 'report.json')]));

  // The new version of the course: overflowing costs 5 points instead of 2.
  edit(
    path.join(course, 'course/02-again/hidden.test.ts'),
    "'large scores stay finite', { points: 2",
    "'large scores stay finite', { points: 5",
  );
  const ended = await ladder(course, 'regrade', folder, '--no-thresholds', '--json');
  expect(ended.code).toBe(3);
  const report = JSON.parse(ended.out);
  const of = (name: string) => report.students.find((one: { student: string }) => one.student === name);
  expect(report).toMatchObject({ version: 1, ok: false });
  expect(of('ada')).toMatchObject({
    before: { score: 12, maxScore: 12 },
    after: { score: 15, maxScore: 15 },
    problem: null,
    kept: 'report.1.json',
  });
  expect(of('bob').exercises).toEqual([
    { id: 'toy/softmax', before: { score: 6, maxScore: 6 }, after: { score: 6, maxScore: 6 }, filesChanged: false, problem: null },
    { id: 'toy/again', before: { score: 4, maxScore: 6 }, after: { score: 4, maxScore: 9 }, filesChanged: false, problem: null },
  ]);
  expect(of('no-report')).toMatchObject({
    problem: expect.stringMatching(/report\.json: expected the report of an earlier grade, got none/),
    kept: null,
  });
  expect(of('no-json')).toMatchObject({ problem: expect.stringMatching(/report\.json: expected a report as JSON/), kept: null });
  expect(of('no-version')).toMatchObject({ problem: expect.stringMatching(/expected a report of ladder grade, got version/), kept: null });
  expect(of('unknown').exercises[0]).toMatchObject({
    id: 'toy/softmin',
    before: { score: 6 },
    after: { score: 6 },
    problem: expect.stringMatching(/^no module/),
  });
  expect(of('unknown').exercises[1]).toMatchObject({ id: 'toy/again', after: { score: 9 }, problem: null });
  expect(of('no-files').exercises[1]).toMatchObject({
    before: { score: 6 },
    after: { score: 6 },
    problem: expect.stringMatching(/expected the folder exercises\/toy\/02-again/),
  });
  expect(of('syntax').exercises[0]).toMatchObject({ after: { score: 0, maxScore: 6 }, problem: null });
  expect(of('thief').exercises[1]).toMatchObject({ after: { score: 0, maxScore: 9 }, problem: null });
  expect(readJson(path.join(student('thief'), 'report.json')).exercises[1].rejected.reason).toMatch(
    /expected a folder inside .*, got a link to/,
  );

  expect(readJson(path.join(student('ada'), 'report.json'))).toMatchObject({
    score: 15,
    submission: 'ada',
    seed: JSON.parse(before.ada!).seed,
  });
  expect(text(student('ada'), 'report.1.json')).toBe(before.ada);

  // A second regrade that reaches one exercise only keeps the other results and gets the next number.
  writeFileSync(path.join(student('bob'), 'exercises/toy/02-again/again.ts'), programs.right);
  const again = await ladder(course, 'regrade', folder, 'toy/again', '--no-thresholds');
  expect(again.out).toMatch(
    /bob +toy\/softmax +6\/6 +6\/6\n +toy\/again +4\/9 +9\/9 +\+5\n +the files are not those that were graded before\n +total +10\/15 +15\/15 +\+5\n/,
  );
  expect(again.out).toMatch(/9 students regraded with grader .*: 1 totals changed, 5 with problems/);
  expect(existsSync(path.join(student('bob'), 'report.2.json'))).toBe(true);

  const csv = await ladder(course, 'report', '--format', 'nbgrader', '--class', folder);
  expect(csv).toMatchObject({ code: 2, err: expect.stringMatching(/no-json.report\.json: expected a report as JSON/) });
  for (const name of ['no-report', 'no-json', 'no-version']) rmSync(student(name), { recursive: true });
  const rows = consumers.readNbgrader((await ladder(course, 'report', '--format', 'nbgrader', '--class', folder)).out).rows;
  expect(rows.filter(({ student_id }) => student_id === 'bob').map(({ raw_score }) => Number(raw_score))).toEqual([6, 9]);

  expect(JSON.parse((await ladder(course, 'regrade', folder, '--undo', '--json')).out).restored).toContain('bob');
  expect(readJson(path.join(student('bob'), 'report.json')).score).toBe(10);
  expect((await ladder(course, 'regrade', folder, '--undo')).out).toMatch(/The last regrade is undone: 6 reports/);
  for (const name of ['ada', 'bob', 'unknown']) expect(text(student(name), 'report.json')).toBe(before[name]);
  expect(existsSync(path.join(student('ada'), 'report.1.json'))).toBe(false);
  expect(await ladder(course, 'regrade', folder, '--undo')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/expected an earlier regrade to undo, got none/),
  });
});

test('a fault of the grader leaves the old report as it is', async () => {
  const course = toyCourse();
  const folder = await gradedClass(course);
  const before = text(folder, 'ada/report.json');
  for (const name of ['01-softmax', '02-again'])
    edit(path.join(course, `course/${name}/hidden.test.ts`), 'import { expect', "import './nothing.ts';\nimport { expect");
  const { code, out } = await ladder(course, 'regrade', folder, '--json', '--no-thresholds');
  expect(code).toBe(3);
  expect(JSON.parse(out).students[0]).toMatchObject({
    before: { score: 12 },
    after: { score: 12 },
    kept: null,
    exercises: [{ problem: expect.stringContaining('nothing.ts') }, {}],
  });
  expect(text(folder, 'ada/report.json')).toBe(before);
});

test('a folder that is empty or not there is refused with the layout', async () => {
  const course = toyCourse();
  mkdirSync(path.join(course, 'empty'));
  for (const folder of ['empty', 'nowhere']) {
    expect(await ladder(course, 'regrade', folder)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/expected a folder (for each student|of submissions), got none\n {2}<folder>\/<student>\/exercises/),
    });
  }
});
