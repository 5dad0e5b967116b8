import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { expect, test } from 'vitest';
import { programs, submit } from '../cli/toy-course.ts';
import { filesWith, SECRET, secretToy, snapshot } from './sealed-toy.ts';

const ONE_MINUTE = { timeout: 60_000 };
const LONG = { timeout: 300_000 };

test('seals a module, grades it with the key and from memory, and says without it what did not run', LONG, async () => {
  const { course, base, key, run } = secretToy();
  submit(path.join(course, 'exercises'), programs.right, programs.overflows);
  for (const [folder, name] of [
    ['01-softmax', 'softmax'],
    ['02-again', 'again'],
  ] as const)
    cpSync(path.join(course, 'course', folder, `${name}.test.ts`), path.join(course, 'exercises/toy', folder, `${name}.test.ts`));
  const plain = JSON.parse((await run({}, 'grade', '--no-thresholds', '--json', '--seed', 's')).out);
  // The control of the search below: of an open suite V8's cache does keep the words.
  expect(filesWith(path.join(base, 'tmp'), SECRET)).not.toEqual([]);
  for (const file of filesWith(path.join(base, 'tmp'), SECRET)) writeFileSync(file, '');

  const before = snapshot(path.join(course, 'course'));
  const sealed = await run({}, 'seal');
  expect(sealed).toMatchObject({ code: 0, err: '' });
  expect(sealed.out).toContain(key);
  expect(sealed.out).toContain('toy: sealed into course/sealed.age (exercises: 2, files: 10)');
  const identity = readFileSync(key, 'utf8').match(/AGE-SECRET-KEY-\S+/)![0];
  expect(sealed.out).not.toContain(identity);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  for (const file of filesWith(path.join(base, 'tmp'), SECRET)) writeFileSync(file, ''); // sealing itself read the open suite
  expect(filesWith(base, SECRET)).toEqual([]);
  expect(filesWith(course, 'shift of all scores')).toEqual([path.join(course, '.ladder/last-report.json')]); // the grade before
  const shown = ['01-softmax/softmax.test.ts', '02-again/again.test.ts', 'module.ts', 'sealed.age'];
  for (const folder of ['01-softmax', '02-again'])
    shown.push(...['README.md', 'README.zh.md', 'exercise.ts'].map((name) => `${folder}/${name}`));
  expect(Object.keys(snapshot(path.join(course, 'course'))).sort()).toEqual(shown.sort());

  const closed = await run({}, 'grade', '--json');
  expect(closed.code).toBe(1);
  const report = JSON.parse(closed.out);
  expect(report).toMatchObject({ score: 0, maxScore: 0, pointsNotRun: 16 });
  for (const exercise of report.exercises) {
    expect(exercise).toMatchObject({ state: 'failing', rejected: null, maxScore: 0 });
    expect(exercise.tests.map(({ name, status, maxPoints }: never) => [name, status, maxPoints])).toEqual([
      [expect.stringMatching(/^visible: /), 'passed', 0],
      ['sealed test 1', 'not-run', 2],
      ['sealed test 2', 'not-run', 1],
      ['sealed test 3', 'not-run', 2],
      ['sealed test 4', 'not-run', 1],
      ['sealed threshold 1', 'not-run', 2],
    ]);
  }
  const checked = await run({ LADDER_SEAL_KEY: '' }, 'check', 'toy/softmax'); // as CI gives a secret to a pull request that may not have it
  expect(checked.out).toMatch(/✓ visible: [\s\S]*5 sealed tests \(8 points\) did not run[\s\S]*8 points left out/);
  expect(checked.out).not.toMatch(/all passed|hint/i);

  for (const env of [{ LADDER_SEAL_KEY_FILE: key }, { LADDER_SEAL_KEY: `\n# two keys\n${identity}\n` }]) {
    const open = await run(env, 'grade', '--no-thresholds', '--json', '--seed', 's');
    const withoutTimes = ({ exercises }: typeof plain) =>
      exercises.map((one: { tests: object[] }) => ({ ...one, tests: one.tests.map((each) => ({ ...each, durationMs: 0 })) }));
    expect(withoutTimes(JSON.parse(open.out))).toEqual(withoutTimes(plain)); // also the likely cause, out of sealed mutants
  }
  expect(filesWith(base, SECRET)).toEqual([]);

  const back = await run({ LADDER_SEAL_KEY: identity }, 'unseal');
  expect(back.code).toBe(0);
  expect(snapshot(path.join(course, 'course'))).toEqual(before);
});

test('without the key a file that does not load, is not written or fails a visible test is told so', LONG, async () => {
  const { course, run } = secretToy();
  await run({}, 'seal');
  const exercises = path.join(course, 'exercises');
  await run({}, 'sync');
  const state = async () => JSON.parse((await run({}, 'grade', 'toy/softmax', '--json')).out).exercises[0];
  submit(exercises, programs.broken, programs.right);
  expect(await state()).toMatchObject({ state: 'failing', rejected: { code: 'syntax' } });
  submit(
    exercises,
    "import { NotImplemented } from '@llm-ladder/backend/errors';\nexport function softmax() { throw new NotImplemented('toy/softmax'); }",
    programs.right,
  );
  expect(await state()).toMatchObject({ state: 'todo', rejected: null });
  submit(exercises, 'export const softmax = () => [1];', programs.right);
  expect((await state()).tests[0]).toMatchObject({ status: 'failed', points: 0, maxPoints: 0 });
  submit(exercises, programs.right, programs.right);
  const climbed = await run({}, 'climb');
  expect(climbed.out).toContain('The sealed tests of 2 exercises did not run');
  const listed = JSON.parse((await run({}, 'list', '--json')).out).modules[0].exercises;
  const points = { tests: 6, performance: 2 }; // out of the sealed file's index: derived.json is sealed
  expect(listed).toEqual([expect.objectContaining({ state: 'failing', points }), expect.objectContaining({ state: 'failing', points })]);
});

test('each mistake with a key or a sealed file has one clear error and an exit code', LONG, async () => {
  const { course, base, key, run } = secretToy();
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  await run({}, 'seal');
  const file = path.join(course, 'course/sealed.age');
  const text = readFileSync(file, 'utf8');
  const grade = (env: Record<string, string>) => run(env, 'grade', '--no-thresholds');
  const other = path.join(base, 'other.key');
  writeFileSync(other, await generateX25519Identity());
  const open = { LADDER_SEAL_KEY_FILE: key };

  expect(await grade({ LADDER_SEAL_KEY_FILE: other })).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/sealed\.age: expected the key [0-9a-f]{12}, which sealed it, got the key [0-9a-f]{12}\n/),
  });
  expect(await grade({ LADDER_SEAL_KEY_FILE: `${key}.gone` })).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/^LADDER_SEAL_KEY_FILE: expected a file that can be read, got .*seal\.key\.gone \(ENOENT\)/),
  });
  const badKey = await grade({ LADDER_SEAL_KEY: 'AGE-SECRET-KEY-1QQQQQQWRONG' });
  expect(badKey).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/^LADDER_SEAL_KEY: expected a key \(AGE-SECRET-KEY-1\.\.\.\), got something else/),
  });
  expect(badKey.err).not.toContain('QQQ');
  expect(await run({}, 'verify')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^verify: expected the key of the sealed suite of toy\/softmax, got none/),
  });
  expect(await run({}, 'regrade', 'class')).toMatchObject({ code: 2, err: expect.stringMatching(/^regrade: expected the key/) });
  expect(await run({ ...open, NODE_COMPILE_CACHE: path.join(base, 'cache') }, 'grade', '--no-thresholds')).toMatchObject({
    code: 3,
    out: expect.stringMatching(/expected no compile cache/),
  });

  // The key of what is sealed is lost: another one would help nobody.
  expect(await run({ LADDER_SEAL_KEY_FILE: `${key}.gone` }, 'seal')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^seal: expected the key/),
  });
  expect(await run({ LADDER_SEAL_KEY_FILE: `${key}.gone` }, 'unseal')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^unseal: expected the key/),
  });

  const lines = text.split('\n');
  const flip = (line: number): string =>
    lines
      .with(
        line,
        lines[line]!.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A')),
      )
      .join('\n');
  for (const damage of [flip(2), flip(lines.length - 6), text.slice(0, 400), '', text.replaceAll('AGE', 'EGA')]) {
    writeFileSync(file, damage);
    expect(await grade(open)).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringMatching(/sealed\.age: expected a sealed file as ladder seal wrote it, got one that is damaged/),
    });
  }
  writeFileSync(file, text.replaceAll('\n', '\r\n')); // a checkout on Windows is no damage
  expect(await grade(open)).toMatchObject({ code: 0 });
});

test('exercises come and go one by one; an edited file is kept; what both suites share stays with the open one', LONG, async () => {
  const { course, key, run } = secretToy();
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  const before = snapshot(path.join(course, 'course'));
  expect((await run({}, 'seal', 'toy/softmax')).out).toContain('(exercises: 1, files: 5)');
  const env = { LADDER_SEAL_KEY_FILE: key };
  expect(snapshot(path.join(course, 'course'))).toHaveProperty(['shared.ts']);
  expect((await run(env, 'grade', '--no-thresholds')).code).toBe(0);
  expect((await run(env, 'seal')).out).toContain('(exercises: 1, files: 5)'); // the other one, and what they share
  expect((await run(env, 'grade', '--no-thresholds')).code).toBe(0);
  expect((await run(env, 'seal')).out).toContain('nothing to seal');

  const suite = path.join(course, 'course/02-again/hidden.test.ts');
  writeFileSync(suite, '// edited\n');
  const back = await run(env, 'unseal', 'toy/again');
  expect(back.out).toMatch(/An edited file stood there; it is kept in \.ladder\/backups\/\S+hidden\.test\.ts/);
  expect(readFileSync(path.join(course, back.out.match(/\.ladder\/\S+/)![0]), 'utf8')).toBe('// edited\n');
  expect((await run(env, 'grade', '--no-thresholds')).code).toBe(0); // one sealed, one open
  await run(env, 'unseal');
  expect(snapshot(path.join(course, 'course'))).toEqual(before);
});

test('a key inside the repository is refused, and earlier commits are warned of', ONE_MINUTE, async () => {
  const { course, run } = secretToy();
  expect(await run({ LADDER_SEAL_KEY_FILE: path.join(course, 'seal.key') }, 'seal')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/expected a place outside the repository/),
  });
  const { execFileSync } = await import('node:child_process');
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], { cwd: course, stdio: 'ignore' });
  git('init');
  git('add', 'course');
  git('commit', '-m', 'open');
  expect((await run({}, 'seal')).out).toContain('Earlier commits still show these files.');
});
