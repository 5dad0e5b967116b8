import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { environment, programs, submit } from '../cli/toy-course.ts';
import * as consumers from '../report/consumers.ts';
import { commit, githubEnvironment, junitOf, ladderCi, noCommit, outputsOf, repository, summaryOf } from './runner.ts';

const commands = (out: string): string[] => out.split('\n').filter((line) => line.startsWith('::'));

test('one exercise was edited and is wrong: it alone is graded, with summary, annotation at its function, JUnit and outputs', async () => {
  const { course, first } = repository();
  submit(path.join(course, 'exercises'), programs.right, programs.overflows);
  commit(course);
  const { code, out, err } = await ladderCi(course, githubEnvironment(course, 'push', { before: first }));
  expect([code, err]).toEqual([1, '']);
  expect(out).toContain(`Changed since ${first.slice(0, 10)}: toy/again (1 of 2 exercises)`);

  const line =
    readFileSync(path.join(course, 'exercises/toy/02-again/again.ts'), 'utf8')
      .split('\n')
      .findIndex((one) => one.includes('export function')) + 1;
  expect(commands(out)).toEqual([
    expect.stringMatching(`^::error file=exercises/toy/02-again/again\\.ts,line=${line},title=toy/again%3A [^:]+::`),
  ]);

  const junit = consumers.readJUnit(junitOf(course)!);
  const summary = consumers.readMarkdown(summaryOf(course));
  const outputs = outputsOf(course);
  const classroom = consumers.readClassroom(outputs.classroom!)!;
  expect(outputs).toMatchObject({ graded: '1', passing: '0', 'points-not-run': '2' });
  expect(Number(outputs['max-score'])).toBe(6);
  for (const shown of [junit, summary, classroom])
    expect([shown.score, shown.maxScore]).toEqual([Number(outputs.score), Number(outputs['max-score'])]);
  expect(classroom.status).toBe('fail');
});

test('the first push grades everything; what is not written yet turns nothing red', async () => {
  const { course } = repository();
  const stub =
    "import { NotImplemented } from '@llm-ladder/backend/errors';\nexport function softmax(): never {\n  throw new NotImplemented('toy/again');\n}\n";
  submit(path.join(course, 'exercises'), programs.right, stub);
  commit(course);
  const { code, out } = await ladderCi(course, githubEnvironment(course, 'push', { before: noCommit, created: true }));
  expect(code).toBe(0);
  expect(out).toContain('All 2 exercises are graded: this is the first push of the branch.');
  expect(commands(out)).toEqual([]);
  expect(outputsOf(course)).toMatchObject({ score: '6', 'max-score': '12', graded: '2', passing: '1' });
});

test('a deleted file is a failure of the learner, nothing changed is none, and a summary that was begun is kept', async () => {
  const { course, first } = repository();
  rmSync(path.join(course, 'exercises/toy/01-softmax/softmax.ts'));
  const second = commit(course);
  const deleted = await ladderCi(course, githubEnvironment(course, 'push', { before: first }));
  expect(deleted.code).toBe(1);
  expect(commands(deleted.out)).toEqual([
    expect.stringMatching(/^::error file=exercises\/toy\/01-softmax\/softmax\.ts,line=1,title=toy\/softmax%3A the program loads::/),
  ]);
  expect(outputsOf(course)).toMatchObject({ score: '0', 'max-score': '6' });

  const env = { ...githubEnvironment(course, 'push', { before: second }), LADDER_LANG: 'zh' };
  const none = await ladderCi(course, env);
  expect(none).toMatchObject({ code: 0, out: expect.stringContaining('没有练习改动') });
  expect(outputsOf(course)).toMatchObject({ score: '0', 'max-score': '0', graded: '0', classroom: expect.stringMatching(/^\S+$/) });
  expect(consumers.readClassroom(outputsOf(course).classroom!)).toBeUndefined(); // it reports nothing: no grade is overwritten

  const again = await ladderCi(course, { ...env, GITHUB_EVENT_NAME: 'workflow_dispatch' }, 'toy/again');
  expect(again.code).toBe(0);
  expect(summaryOf(course).match(/^## /gm)).toHaveLength(2); // appended, as the runner asks
});

test('outside any service: --base and --all, no workflow command and no output file; a base that is not there is a mistake', async () => {
  const { course, first } = repository();
  submit(path.join(course, 'exercises'), programs.overflows, programs.right);
  commit(course);
  const { GITHUB_ACTIONS: _a, GITHUB_EVENT_PATH: _e, ...env } = environment as NodeJS.ProcessEnv;
  const based = await ladderCi(course, env, '--base', first, '--junit', 'junit.xml');
  expect(based).toMatchObject({ code: 1, out: expect.stringContaining('toy/softmax (1 of 2 exercises)') });
  expect(commands(based.out)).toEqual([]);
  consumers.readJUnit(readFileSync(path.join(course, 'junit.xml'), 'utf8'));
  expect(await ladderCi(course, env, '--all')).toMatchObject({ code: 1, out: expect.stringContaining('1 of 2') });
  expect(await ladderCi(course, env, '--base', 'nowhere')).toMatchObject({
    code: 2,
    err: expect.stringContaining('ci --base: expected a commit'),
  });
});

test('a submission whose exercises/ is a link to solutions beside it is refused', async () => {
  const { course } = repository();
  const handedIn = path.join(course, 'submission');
  mkdirSync(handedIn);
  symlinkSync(path.join(course, 'exercises'), path.join(handedIn, 'exercises'));
  const refused = await ladderCi(course, environment, '--all', '--from', 'submission/exercises/');
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('ci --from: expected a folder, got a link to') });
});
