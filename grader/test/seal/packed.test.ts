/** A module outside the workspace, made by `ladder new`, sealed, built, and installed in a learner's folder as a package. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { newModule } from '../../src/author/new.ts';
import { tempFolder } from '../author/demo.ts';
import { filesWith, runIn } from './sealed-toy.ts';

const repository = path.resolve(import.meta.dirname, '../../..');
const SUITE = 'every row sums to one'; // the name of a hidden test

function install(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const link = path.join(folder, 'node_modules', name);
    const target = name.startsWith('@llm-ladder/')
      ? name.replace('@llm-ladder/grader', 'grader').replace('@llm-ladder/', 'packages/')
      : `node_modules/${name}`;
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(repository, target), link, 'junction');
  }
}

test('a sealed module is verified, built, installed and graded; the package shows nothing', { timeout: 600_000 }, async () => {
  const base = tempFolder();
  for (const folder of ['home', 'tmp']) mkdirSync(path.join(base, folder));
  install(base, ['@llm-ladder/grader', '@llm-ladder/backend', 'typescript', 'vitest', '@types/node']);
  const { folder } = await newModule('@me/my-module', { from: base });
  // The suite uses a shared file that stays open (the manifest needs it), and one of the library's.
  writeFileSync(path.join(folder, 'course/open.ts'), 'export const minutes: number = 10;\n');
  const manifest = path.join(folder, 'course/module.ts');
  writeFileSync(
    manifest,
    `import { minutes } from './open.ts';\n${readFileSync(manifest, 'utf8').replace('chapter: 0', 'chapter: minutes - 10')}`,
  );
  writeFileSync(path.join(folder, 'src/sums.ts'), 'export const one: number = 1;\n');
  const suite = path.join(folder, 'course/01-row-shares/hidden.test.ts');
  writeFileSync(
    suite,
    `import { one } from '../../src/sums.ts';\nimport { minutes } from '../open.ts';\n${readFileSync(suite, 'utf8').replaceAll('toBeAllClose(1)', 'toBeAllClose(one * minutes / 10)')}`,
  );

  const author = (env: Record<string, string>, ...words: string[]) => runIn(base, folder, env, words);
  expect((await author({}, 'seal')).code).toBe(0);
  const key = path.join(base, 'home/.config/llm-ladder/seal.key');
  const open = { LADDER_SEAL_KEY_FILE: key };
  expect(existsSync(path.join(folder, 'course/open.ts'))).toBe(true);

  const verified = await author(open, 'verify', '--json');
  expect(verified.out).toContain('"problems":[]');
  expect(verified).toMatchObject({ code: 0, err: '' });
  expect(await author({}, 'sync')).toMatchObject({ code: 0, err: '' });
  expect(await author({}, 'build')).toMatchObject({ code: 0, err: '' });
  writeFileSync(suite, '');
  expect(await author({}, 'build')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/expected my-module\/row-shares sealed or on the disk, got both/),
  });
  rmSync(suite);

  const mine = path.join(base, 'mine');
  const packed = path.join(mine, 'node_modules/@me/my-module');
  for (const part of ['package.json', 'dist', 'src']) cpSync(path.join(folder, part), path.join(packed, part), { recursive: true });
  writeFileSync(path.join(mine, 'package.json'), JSON.stringify({ name: 'mine', type: 'module', dependencies: { '@me/my-module': '*' } }));
  const learner = (env: Record<string, string>, ...words: string[]) => runIn(base, mine, env, words);
  expect(await learner({}, 'update')).toMatchObject({ code: 0, err: '' });
  expect(filesWith(packed, SUITE)).toEqual([]);
  expect(await learner(open, 'seal')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/expected a module that is written here, got an installed package/),
  });

  const exercise = path.join(mine, 'exercises/my-module/01-row-shares/row-shares.ts');
  const todo = JSON.parse((await learner({}, 'grade', '--json')).out);
  expect(todo).toMatchObject({ pointsNotRun: 11, exercises: [{ state: 'todo', score: 0, maxScore: 0 }] });
  const solution = readFileSync(path.join(packed, 'src/row-shares.ts'), 'utf8');
  writeFileSync(exercise, solution);
  expect((await learner({}, 'check', 'row-shares')).out).toMatch(/9 sealed tests \(11 points\) did not run/);
  expect(JSON.parse((await learner(open, 'grade', '--json')).out)).toMatchObject({
    score: 11,
    maxScore: 11,
    exercises: [{ state: 'passing' }],
  });
  writeFileSync(exercise, solution.replace('x.sum(1, true)', 'x.sum(0, true)'));
  const wrong = await learner(open, 'grade', '--json');
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.out).exercises[0].tests[0].message).toContain('Looks like: the sum runs over the columns'); // sealed mutants and patterns
});
