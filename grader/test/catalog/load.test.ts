import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/catalog/find.ts';
import { loadCatalog, missingFiles } from '../../src/catalog/load.ts';
import { checkManifest } from '../../src/catalog/manifests.ts';
import { exerciseSchema, moduleSchema } from '../../src/format/manifest.ts';
import { demoProject, demoWorkspace, entry, exerciseText, manifestText, tempFolder, write, writeModule } from '../author/demo.ts';

const where = 'packages/x/course/01-scale/exercise.ts';
const { slug: _, ...manifest } = entry({ slug: 'scale', file: 'scale.ts' });
const module = { format: 1, id: 'demo', title: { en: 'Demo', zh: '示例' }, chapter: 1 };

describe('checkManifest', () => {
  test('accepts a whole manifest, and fills in the limits that it does not name', () => {
    const { limits: __, ...short } = manifest;
    expect(checkManifest(exerciseSchema, manifest, where).limits).toEqual({ timeMs: 5000, memoryMb: 256 });
    expect(checkManifest(exerciseSchema, short, where).limits).toEqual({ timeMs: 20_000, memoryMb: 1024 });
    expect(checkManifest(exerciseSchema, { ...short, limits: { timeMs: 1 } }, where).limits).toEqual({ timeMs: 1, memoryMb: 1024 });
    expect(checkManifest(moduleSchema, module, where)).toEqual(module);
  });

  test.each([
    [{ minutes: '3' }, `${where}: minutes: expected number, got "3"`],
    [{ limits: { timeMs: 1.5 } }, `${where}: limits.timeMs: expected int, got 1.5`],
    [{ limits: { memoryMb: 0 } }, `${where}: limits.memoryMb: expected more than 0, got 0`],
    [{ title: { en: 'Scale' } }, `${where}: title.zh: expected string, got nothing`],
    [{ hints: [] }, `${where}: hints: expected a list of at least 3, got []`],
    [{ minuets: 3 }, `${where}: minuets: expected no such field (a typo?), got 3`],
    [{ points: { tests: 3, performance: 0 } }, `${where}: points: expected no such field (a typo?), got {"tests":3`],
    [{ file: '../evil.ts' }, `${where}: file: expected a kebab-case file name that ends in .ts, got "../evil.ts"`],
    [{ async: 'train' }, `${where}: async: expected array, got "train"`],
  ])('names the first fault, what it should be and what it is (%#)', (fields, message) => {
    expect(() => checkManifest(exerciseSchema, { ...manifest, ...fields }, where)).toThrow(message);
  });

  test('says how many faults follow, and refuses another format', () => {
    expect(() => checkManifest(moduleSchema, { ...module, format: 2, id: 'Not an id' }, where)).toThrow(
      /format: expected 1, got 2 \(and 1 more/,
    );
  });
});

describe('loadCatalog', () => {
  test('finds the modules of a workspace from any folder inside it', async () => {
    const root = demoWorkspace();
    const catalog = await loadCatalog(join(root, 'packages', 'demo', 'src'));
    expect(catalog).toMatchObject({ root, workspace: true, kind: 'workspace' });
    expect(catalog.modules[0]?.exercises.map(({ id, folder }) => [id, folder])).toEqual([
      ['demo/scale', '01-scale'],
      ['demo/shift', '02-shift'],
    ]);
    expect(missingFiles(catalog.find('scale'))).toEqual([]);
  });

  test('the numbers of the folders are the order, and may leave gaps', async () => {
    const root = demoWorkspace([entry({ slug: 'shift', file: 'shift.ts', order: 9 }), entry({ slug: 'scale', file: 'scale.ts' })]);
    const catalog = await loadCatalog(root);
    expect(catalog.modules[0]?.exercises.map(({ folder, order }) => [folder, order])).toEqual([
      ['09-shift', 9],
      ['10-scale', 10],
    ]);
    expect(catalog.find('demo/10').id).toBe('demo/scale');
  });

  test('what is no exercise is passed over: shared files, and what git leaves of a folder that was renamed', async () => {
    const root = demoWorkspace();
    write(join(root, 'packages/demo/course/shared/weights.ts'), '');
    mkdirSync(join(root, 'packages/demo/course/03-gone/fixtures'), { recursive: true });
    expect((await loadCatalog(root)).select([]).map(({ folder }) => folder)).toEqual(['01-scale', '02-shift']);
  });

  const text = exerciseText(entry({ slug: '', file: 'third.ts' }));
  test.each([
    [
      'a folder without a manifest',
      '03-third/README.md',
      /^packages\/demo\/course\/03-third\/exercise\.ts: expected the manifest of an exercise, got no file$/,
    ],
    [
      'a name without a number',
      'third/exercise.ts',
      /^packages\/demo\/course\/third: expected a folder of an exercise named like 01-my-slug, got "third"$/,
    ],
    ['a number of one digit', '3-third/exercise.ts', /course\/3-third: expected a folder of an exercise named like 01-my-slug/],
    ['a name that is no slug', '03-Third_one/exercise.ts', /course\/03-Third_one: expected a folder of an exercise named like/],
    ['a number twice', '02-third/exercise.ts', /course\/02-third: expected a number of its own, got 02, the number of 02-shift$/],
    ['a slug twice', '03-scale/exercise.ts', /course\/03-scale: expected a slug of its own, got scale, the slug of 01-scale$/],
  ])('gives one clear error for %s', async (_, file, message) => {
    const root = demoWorkspace();
    write(join(root, 'packages/demo/course', file), text);
    await expect(loadCatalog(root)).rejects.toThrow(message);
  });

  test('gives one clear error for a file that two exercises write, and for a module without exercises', async () => {
    const root = demoWorkspace([entry({ slug: 'scale', file: 'scale.ts' }), entry({ slug: 'again', file: 'scale.ts' })]);
    await expect(loadCatalog(root)).rejects.toThrow(
      /course\/02-again\/exercise\.ts: file: expected a file of its own, got "scale\.ts", the file of 01-scale/,
    );
    await expect(loadCatalog(demoWorkspace([]))).rejects.toThrow(/packages\/demo\/course: expected at least one exercise, .*, got none/);
  });

  test('finds the modules that a learner has installed, and no other dependency', async () => {
    const project = demoProject(demoWorkspace());
    mkdirSync(join(project, 'node_modules', 'other'), { recursive: true });
    writeFileSync(join(project, 'node_modules', 'other', 'package.json'), '{"name":"other","exports":{".":"./index.js"}}');
    const catalog = await loadCatalog(project);
    expect(catalog).toMatchObject({ root: project, workspace: false, kind: 'project' });
    expect(catalog.modules.map(({ id }) => id)).toEqual(['demo']);
  });

  test("takes a module author's own folder for a catalog", async () => {
    const root = tempFolder();
    writeModule(root);
    expect(await loadCatalog(root)).toMatchObject({ root, workspace: true, kind: 'author' });
  });

  test.each([
    [
      'a syntax error',
      'module.ts',
      'export default {',
      /packages\/demo\/course\/module\.ts: expected the manifest of a module, as a file that loads, got /,
    ],
    ['no default export', 'module.ts', 'export const a = 1;\n', /module\.ts: expected export default defineModule/],
    [
      'a syntax error in an exercise',
      '02-shift/exercise.ts',
      'export default {',
      /02-shift\/exercise\.ts: expected the manifest of an exercise, as a file that loads, got /,
    ],
    [
      'an exercise without default export',
      '02-shift/exercise.ts',
      'export const a = 1;\n',
      /02-shift\/exercise\.ts: expected export default defineExercise/,
    ],
    [
      'a fault in an exercise',
      '02-shift/exercise.ts',
      'export default {};\n',
      /^packages\/demo\/course\/02-shift\/exercise\.ts: file: expected string, got nothing \(and 3 more/,
    ],
  ])('gives one clear error for a manifest with %s', async (_, file, text, message) => {
    const root = demoWorkspace();
    write(join(root, 'packages', 'demo', 'course', file), text);
    await expect(loadCatalog(root)).rejects.toThrow(message);
  });

  test('refuses two modules of one id, and a folder without modules', async () => {
    const root = demoWorkspace();
    writeModule(join(root, 'packages', 'twin'));
    await expect(loadCatalog(root)).rejects.toThrow(/packages\/twin: expected a module id of its own, got demo/);
    await expect(loadCatalog(tempFolder())).rejects.toThrow(/expected a folder with course modules/);
  });
});

describe('find and select', () => {
  test.each([
    'demo/shift',
    'shift',
    '02-shift',
    'demo/02',
    '02',
    '2',
    'shift.ts',
    'exercises/demo/02-shift',
    'exercises/demo/02-shift/shift.ts',
    'solutions/demo/02-shift/',
  ])('understands %s', async (words) => {
    const catalog = await loadCatalog(demoWorkspace());
    expect(catalog.find(words).id).toBe('demo/shift');
  });

  test('names the nearest exercises for a name that is not there', async () => {
    const catalog = await loadCatalog(demoWorkspace());
    expect(() => catalog.find('demo/shfit')).toThrow(
      /^demo\/shfit: expected an exercise, got a name that is not there; near it: demo\/shift$/,
    );
    expect(nearest('sinusiod', ['transformer/sinusoid-pe', 'transformer/sdpa'])).toEqual(['transformer/sinusoid-pe']);
    expect(nearest('pa', ['transformer/sinusoid-pe'])).toEqual([]); // too short to be near a part of a name
    expect(() => catalog.find('quantum-annealing')).toThrow(/got a name that is not there$/);
    expect(() => catalog.find('')).toThrow(/expected an exercise/);
  });

  test('selects exercises, whole modules, or everything, in the order of the ladder', async () => {
    const catalog = await loadCatalog(demoWorkspace());
    expect(catalog.select([]).map(({ slug }) => slug)).toEqual(['scale', 'shift']);
    expect(catalog.select(['shift', 'demo/scale']).map(({ slug }) => slug)).toEqual(['scale', 'shift']);
    expect(catalog.select(['demo']).map(({ slug }) => slug)).toEqual(['scale', 'shift']);
    expect(catalog.select(['exercises/demo']).map(({ slug }) => slug)).toEqual(['scale', 'shift']);
    expect(catalog.select(['shift']).map(({ slug }) => slug)).toEqual(['shift']);
    expect(() => catalog.select(['nothing-here'])).toThrow(/expected an exercise/);
  });
});

describe("an author's module that builds on another one", () => {
  test('sees it for its needs, and lists only its own exercises', async () => {
    const root = demoProject(demoWorkspace());
    write(join(root, 'course/module.ts'), manifestText({ id: 'after', chapter: 3 }));
    write(join(root, 'course/01-last/exercise.ts'), exerciseText(entry({ slug: 'last', file: 'last.ts' })));
    const catalog = await loadCatalog(root);
    expect(catalog.kind).toBe('author');
    expect(catalog.modules.map(({ id }) => id)).toEqual(['after']);
    expect(catalog.modules[0]?.siblings.map(({ id }) => id)).toEqual(['demo', 'after']);
  });
});
