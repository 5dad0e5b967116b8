import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { buildModule } from '../../src/author/build.ts';
import { newExercise, newModule } from '../../src/author/new.ts';
import { syncWorkspace } from '../../src/author/sync.ts';
import { loadCatalog, loadModule, missingFiles } from '../../src/catalog/load.ts';
import type { Mutants } from '../../src/format/mutants.ts';
import { applyChange } from '../../src/format/mutants.ts';
import { tempFolder, write } from './demo.ts';

const repository = join(import.meta.dirname, '..', '..', '..');

/** Makes the workspace's packages and TypeScript importable from a temporary folder, as an install would. */
function installInto(folder: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@llm-ladder'), { recursive: true });
  mkdirSync(join(modules, '@types'), { recursive: true });
  symlinkSync(join(repository, 'grader'), join(modules, '@llm-ladder', 'grader'), 'junction');
  symlinkSync(join(repository, 'packages', 'backend'), join(modules, '@llm-ladder', 'backend'), 'junction');
  for (const name of ['typescript', 'vitest', '@types/node'])
    symlinkSync(join(repository, 'node_modules', name), join(modules, name), 'junction');
}

async function freshModule(): Promise<string> {
  const root = tempFolder();
  installInto(root);
  return (await newModule('@me/my-module', { from: root })).folder;
}

describe('newModule', () => {
  test('outside the workspace makes a package that loads, syncs and lacks no file', async () => {
    const folder = await freshModule();
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({
      name: '@me/my-module',
      scripts: { prepack: 'ladder build' },
    });
    const catalog = await loadCatalog(folder);
    expect(catalog).toMatchObject({ kind: 'author', modules: [{ id: 'my-module', packed: false }] });
    expect(catalog.modules.flatMap(({ exercises }) => exercises.flatMap(missingFiles))).toEqual([]);
    await syncWorkspace(catalog);
    expect(readFileSync(join(folder, 'exercises/my-module/01-row-shares/row-shares.ts'), 'utf8')).toContain(
      "throw new NotImplemented('my-module/row-shares');",
    );
  });

  test('makes mutants whose edits all apply to its reference', async () => {
    const folder = await freshModule();
    const { mutants } = ((await import(pathToFileURL(join(folder, 'course/01-row-shares/mutants.ts')).href)) as { default: Mutants })
      .default;
    const reference = readFileSync(join(folder, 'src/row-shares.ts'), 'utf8');
    expect(mutants.length).toBeGreaterThanOrEqual(10);
    for (const mutant of mutants) expect(applyChange(reference, mutant, mutant.name)).not.toBe(reference);
    expect(() => applyChange(reference, { replace: [['tf.', 'x.']] }, 'too vague')).toThrow(
      /too vague: expected "tf\." exactly once in the reference, got \d+ times/,
    );
  });

  test('inside a workspace goes to packages/ and takes its versions', async () => {
    const root = tempFolder();
    write(join(root, 'pnpm-workspace.yaml'), '');
    mkdirSync(join(root, 'packages'));
    const { folder } = await newModule('my-module', { from: root });
    expect(folder).toBe(join(root, 'packages', 'my-module'));
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({
      name: '@llm-ladder/my-module',
      dependencies: { '@llm-ladder/backend': 'workspace:^' },
    });
  });

  test.each(['My Module', '../evil', '@me/', 'a b', ''])('refuses the name %j', async (name) => {
    await expect(newModule(name, { from: tempFolder() })).rejects.toThrow('expected a name like my-module');
  });

  test('refuses a folder that has files', async () => {
    const root = tempFolder();
    write(join(root, 'my-module', 'notes.txt'), 'mine');
    await expect(newModule('my-module', { from: root })).rejects.toThrow('expected an empty folder or none, got files in it');
  });
});

describe('newExercise', () => {
  test('adds a numbered folder and an export', async () => {
    const folder = await freshModule();
    const report = await newExercise('my-module/second-thing', folder);
    expect(report).toMatchObject({ exercise: 'my-module/second-thing' });
    expect(existsSync(join(folder, 'course/02-second-thing/hidden.test.ts'))).toBe(true);
    const [module] = (await loadCatalog(folder)).modules;
    expect(module!.exercises.map(({ id, order }) => [id, order])).toEqual([
      ['my-module/row-shares', 1],
      ['my-module/second-thing', 2],
    ]);
    expect(readFileSync(join(folder, 'src/index.ts'), 'utf8')).toContain("export { secondThing } from './second-thing.ts';");
  });

  test('refuses a slug that is taken, one that is no slug, and a module that is not here', async () => {
    const folder = await freshModule();
    await expect(newExercise('my-module/row-shares', folder)).rejects.toThrow('expected a slug that is not taken');
    await expect(newExercise('my-module/Row', folder)).rejects.toThrow('expected a slug like my-slug');
    await expect(newExercise('my-modul/x', folder)).rejects.toMatchObject({ hint: 'near it: my-module' });
  });
});

describe('buildModule', () => {
  test('gives JavaScript with types, the course as data, and imports that Node finds', { timeout: 60_000 }, async () => {
    const folder = await freshModule();
    write(join(folder, 'course/01-row-shares/fixtures/golden.json'), '{"a":1}');
    const { courseFiles } = await buildModule(folder);
    expect(courseFiles).toEqual(
      expect.arrayContaining([
        'module.js',
        'module.d.ts',
        '01-row-shares/hidden.test.js',
        '01-row-shares/mutants.js',
        '01-row-shares/exercise.js',
        '01-row-shares/derived.json',
        '01-row-shares/row-shares.test.ts',
        '01-row-shares/README.zh.md',
        '01-row-shares/fixtures/golden.json',
      ]),
    );
    const built = await loadModule(folder, join(folder, 'dist/course/module.js'), folder, []);
    expect(built.exercises.map(({ id, manifest }) => [id, manifest.file])).toEqual([['my-module/row-shares', 'row-shares.ts']]);
    expect(existsSync(join(folder, 'dist/row-shares.js'))).toBe(true);
    expect(readFileSync(join(folder, 'dist/row-shares.d.ts'), 'utf8')).toContain('export declare function rowShares');
  });

  test('names a type error and a file that an exercise lacks', { timeout: 60_000 }, async () => {
    const folder = await freshModule();
    write(join(folder, 'src/extra.ts'), 'export const wrong: number = "text";\n');
    await expect(buildModule(folder)).rejects.toThrow(/expected sources that type-check, got [\s\S]*extra\.ts/);
    rmSync(join(folder, 'course/01-row-shares/README.zh.md'));
    await expect(buildModule(folder)).rejects.toThrow(
      'expected every file that its exercises need, got none at course/01-row-shares/README.zh.md',
    );
  });
});
