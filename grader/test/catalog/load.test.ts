import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/catalog/find.ts';
import { checkManifest, loadCatalog, missingFiles } from '../../src/catalog/load.ts';
import { demoProject, demoWorkspace, entries, entry, manifestText, tempFolder, write, writeModule } from '../author/demo.ts';

const where = 'packages/x/course/module.ts';
const module = (exercises: unknown): object => ({ format: 1, id: 'demo', title: { en: 'Demo', zh: '示例' }, chapter: 1, exercises });
const change = (index: number, fields: object): unknown[] => entries().map((one, at) => (at === index ? { ...one, ...fields } : one));

describe('checkManifest', () => {
  test('accepts a whole manifest', () => {
    expect(checkManifest(module(entries()), where).exercises).toHaveLength(2);
  });

  test.each([
    [change(1, { points: { tests: '3', performance: 0 } }), `${where}: exercises[1].points.tests: expected number, got "3"`],
    [change(0, { points: { tests: 1.5, performance: 0 } }), `${where}: exercises[0].points.tests: expected int, got 1.5`],
    [change(0, { title: { en: 'Scale' } }), `${where}: exercises[0].title.zh: expected string, got nothing`],
    [change(0, { hints: [] }), `${where}: exercises[0].hints: expected a list of at least 3, got []`],
    [change(0, { poinst: 3 }), `${where}: exercises[0].poinst: expected no such field (a typo?), got 3`],
    [change(0, { needs: ['demo/shift'] }), `${where}: exercises[0].needs[0]: expected an earlier exercise of demo, got "demo/shift"`],
    [change(1, { order: 1 }), `${where}: exercises[1].order: expected more than 1, the number of the exercise before it, got 1`],
    [change(1, { slug: 'scale' }), `${where}: exercises[1].slug: expected a slug of its own`],
    [change(1, { file: '../evil.ts' }), `${where}: exercises[1].file: expected a kebab-case file name that ends in .ts, got "../evil.ts"`],
    [change(1, { async: ['train'] }), `${where}: exercises[1].async[0]: expected one of the exports (shift), got "train"`],
    [[], `${where}: exercises: expected a list of at least 1, got []`],
    [undefined, `${where}: exercises: expected array, got nothing`],
  ])('names the first fault, what it should be and what it is (%#)', (exercises, message) => {
    expect(() => checkManifest(module(exercises), where)).toThrow(message as string);
  });

  test('says how many faults follow, and refuses another format', () => {
    expect(() => checkManifest({ ...module(entries()), format: 2, id: 'Not an id' }, where)).toThrow(
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

  test('a number of an exercise leaves a gap before it, and the next one counts on', async () => {
    const root = demoWorkspace();
    const gapped = [entry({ slug: 'scale', file: 'scale.ts', order: 9 }), entry({ slug: 'shift', file: 'shift.ts' })];
    write(join(root, 'packages', 'demo', 'course', 'module.ts'), manifestText(gapped));
    const catalog = await loadCatalog(root);
    expect(catalog.modules[0]?.exercises.map(({ folder }) => folder)).toEqual(['09-scale', '10-shift']);
    expect(catalog.find('demo/10').id).toBe('demo/shift');
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
    ['a syntax error', 'export default {', /packages\/demo\/course\/module\.ts: expected a module manifest that loads, got /],
    ['no default export', 'export const a = 1;\n', /module\.ts: expected export default defineModule/],
    [
      'a need that no module has',
      manifestText([entry({ slug: 'scale', file: 'scale.ts', needs: ['gone/away'] })]),
      /demo\/scale: needs: expected exercises of modules that are here, got gone\/away/,
    ],
  ])('gives one clear error for a manifest with %s', async (_, text, message) => {
    const root = demoWorkspace();
    write(join(root, 'packages', 'demo', 'course', 'module.ts'), text);
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
    const own = {
      format: 1,
      id: 'after',
      title: { en: 'After', zh: '之后' },
      chapter: 3,
      exercises: [entry({ slug: 'last', file: 'last.ts', needs: ['demo/shift'] })],
    };
    write(join(root, 'course/module.ts'), `export default ${JSON.stringify(own)};\n`);
    const catalog = await loadCatalog(root);
    expect(catalog.kind).toBe('author');
    expect(catalog.modules.map(({ id }) => id)).toEqual(['after']);
    expect(catalog.modules[0]?.siblings.map(({ id }) => id)).toEqual(['demo', 'after']);
  });
});
