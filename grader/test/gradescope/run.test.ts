import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { outputsOf } from '../ci/runner.ts';
import { ladder } from '../cli/learner.ts';
import { programs } from '../cli/toy-course.ts';
import * as consumers from '../report/consumers.ts';
import { autograder, hand, pathWithoutBubblewrap, resultsIn, runAutograder, solution } from './autograder.ts';

const root = process.platform === 'linux' && process.getuid?.() === 0;
const three = ['transformer/sdpa', 'transformer/masks', 'transformer/layernorm'];

/** One exercise right, one partly wrong, one that throws. */
const submitted = {
  '01-sdpa/attention.ts': solution('01-sdpa', 'attention.ts'),
  '02-masks/masks.ts': solution('02-masks', 'masks.ts').replace('tf.range(past, past + Tq)', 'tf.range(0, Tq)'),
  '04-layernorm/layernorm.ts': solution('04-layernorm', 'layernorm.ts').replace(
    'const centred',
    "throw new Error('later');\n    const centred",
  ),
};

test("the same score by run_autograder, by the Action's entry point and by the plain command", { timeout: 240_000 }, async () => {
  const place = autograder(three);
  for (const [file, text] of Object.entries(submitted)) hand(place, `exercises/transformer/${file}`, text);
  const { code, stdout, results } = await runAutograder(place);
  expect([code, stdout]).toEqual([0, expect.stringContaining('Every exercise was submitted.')]);
  const gradescope = consumers.readGradescope(results!)!;

  // The same project by the other two ways: a package.json, node_modules and exercises/.
  const project = path.join(place, 'source');
  cpSync(path.join(place, 'submission', 'exercises'), path.join(project, 'exercises'), { recursive: true });
  const plain = await ladder(['grade', ...three, '--no-thresholds', '--json'], project);
  const report = JSON.parse(plain.stdout);
  writeFileSync(path.join(project, 'outputs'), '');
  const environment = { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: path.join(project, 'outputs'), GITHUB_WORKSPACE: project };
  Object.assign(process.env, environment);
  const action = await ladder(['ci', ...three, '--all', '--no-thresholds'], project);
  for (const name of Object.keys(environment)) delete process.env[name];
  const outputs = outputsOf(project);

  expect([plain.code, action.code]).toEqual([1, 1]);
  expect(gradescope).toEqual({ score: report.score, maxScore: report.maxScore });
  expect([Number(outputs.score), Number(outputs['max-score'])]).toEqual([report.score, report.maxScore]);
  expect((report as Report).exercises.map(({ state, score, maxScore }) => [state, score > 0, score === maxScore])).toEqual([
    ['passing', true, true],
    ['failing', true, false],
    ['failing', false, false],
  ]);
});

describe('what a student uploads', () => {
  const softmax = '01-softmax/softmax.ts';
  test.each([
    ['the folder exercises/', `exercises/toy/${softmax}`],
    ['what is in it', `toy/${softmax}`],
    ['a repository in a folder of its own', `my course-main/exercises/toy/${softmax}`],
    ['a loose file', 'softmax.ts'],
    ['a loose file in a folder', 'homework 1/softmax.ts'],
  ])('%s', async (_, file) => {
    const place = autograder(['toy/softmax']);
    hand(place, file, programs.right);
    hand(place, '.git/config', 'nothing to see');
    const { results } = await runAutograder(place);
    expect(consumers.readGradescope(results!)).toEqual({ score: 6, maxScore: 6 });
  });

  test('nothing of use: 0 points, and the test says which file is missing', async () => {
    const place = autograder(['toy/softmax']);
    hand(place, 'notes.txt', 'sorry');
    const { stdout, results } = await runAutograder(place);
    expect(stdout).toContain('Not submitted: toy/softmax (softmax.ts)');
    expect(consumers.readGradescope(results!)).toEqual({ score: 0, maxScore: 6 });
    expect(JSON.parse(results!).tests[0].output).toContain('toy/softmax: expected a file softmax.ts, got none');
  });

  test('a link is no file: it cannot bring the solution, or another file of the machine', async () => {
    const place = autograder(['toy/softmax']);
    const target = path.join(place, 'source', 'node_modules', '@llm-ladder-test', 'toy', 'src', 'softmax.ts');
    symlinkSync(target, path.join(place, 'submission', 'softmax.ts'));
    mkdirSync(path.join(place, 'submission', 'toy', '01-softmax'), { recursive: true });
    symlinkSync(target, path.join(place, 'submission', 'toy', '01-softmax', 'softmax.ts'));
    expect(readFileSync(path.join(place, 'submission', 'softmax.ts'), 'utf8')).toContain('Math.exp');
    expect(consumers.readGradescope((await runAutograder(place)).results!)).toEqual({ score: 0, maxScore: 6 });
  });
});

test('a link in place of exercises/ leads nowhere', async () => {
  const place = autograder(['toy/softmax']);
  hand(place, '../elsewhere/toy/01-softmax/softmax.ts', programs.right);
  symlinkSync(path.join(place, 'elsewhere'), path.join(place, 'submission', 'exercises'));
  expect(consumers.readGradescope((await runAutograder(place)).results!)).toEqual({ score: 0, maxScore: 6 });
});

test('a run that is stopped keeps what it had judged, and says so', async () => {
  const place = autograder(['toy/softmax', 'transformer/masks']);
  hand(place, 'softmax.ts', programs.right);
  hand(place, 'masks.ts', solution('02-masks', 'masks.ts').replace('return tf.tidy', 'for (;;);\n  return tf.tidy'));
  const child = spawn(path.join(place, 'run_autograder'), [], {
    cwd: place,
    env: { ...process.env, AUTOGRADER_ROOT: place },
    detached: true,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let turn = 0; turn < 1200 && !(resultsIn(place) ?? '').includes('"score":'); turn++) await sleep(50);
  process.kill(-child.pid!, 'SIGKILL'); // the whole container ends
  await ended;
  const results = resultsIn(place)!;
  expect(consumers.readGradescope(results)).toEqual({ score: 6, maxScore: 6 });
  expect(JSON.parse(results).output).toMatch(/^Partial: 1 of 2 exercises were not graded \(transformer\/masks\)/);
});

test('it stops by itself in time, says so to the instructor, and ends well for Gradescope', async () => {
  const place = autograder(['toy/softmax']);
  hand(place, 'softmax.ts', programs.right);
  const { code, stdout, results } = await runAutograder(place, { AUTOGRADER_LIMIT: '0.05' });
  expect({ code, stdout, results }).toEqual({
    code: 0,
    stdout: expect.stringContaining('run_autograder: stopped after 0.05'),
    results: undefined,
  });
});

test.skipIf(!root)('as root in a container without bubblewrap: the uid box, and nothing of the autograder is open to others', async () => {
  const place = autograder(['toy/softmax'], { lang: 'zh' });
  hand(place, 'softmax.ts', programs.right);
  const { stdout, results } = await runAutograder(place, { PATH: pathWithoutBubblewrap(place) });
  expect(stdout).toMatch(/wasm · uid/);
  expect(stdout).toContain('所有练习都已提交。');
  expect(consumers.readGradescope(results!)).toEqual({ score: 6, maxScore: 6 });
  for (const name of ['submission', 'results', 'submission_metadata.json'])
    expect(statSync(path.join(place, name)).mode & 0o077, name).toBe(0);
  expect(existsSync(path.join(place, 'results', 'results.json'))).toBe(true);
});

test.skipIf(root)('without root and bubblewrap it refuses to grade, rather than in a weak box', async () => {
  const place = autograder(['toy/softmax']);
  hand(place, 'softmax.ts', programs.right);
  const { stdout, results } = await runAutograder(place, { PATH: pathWithoutBubblewrap(place) });
  expect([stdout, results]).toEqual([expect.stringContaining('expected the box bubblewrap or uid'), undefined]);
});
