import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { programFor } from '../../src/catalog/catalog.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { needsOf } from '../../src/catalog/needs.ts';
import { demoWorkspace, entry, exerciseText, manifestText, scale, shift, write } from '../author/demo.ts';

describe('programFor', () => {
  test('gives the parts that a reference imports and their helper files, never its own reference', async () => {
    const catalog = await loadCatalog(demoWorkspace());
    const program = await programFor(catalog.find('shift'), 'stub');
    expect(program).toMatchObject({ exercise: 'demo/shift', entry: 'shift.ts' });
    expect(program.modules).toEqual({ '@demo/demo/scale': scale, '@demo/demo/constants': 'export const factor = 2;\n' });
    expect(program.files['shift.ts']).toContain("throw new NotImplemented('demo/shift')");
    expect(program).not.toHaveProperty('boxed');
  });

  test('takes the reference, a changed reference, or given files; boxed.ts goes along', async () => {
    const root = demoWorkspace();
    write(join(root, 'packages/demo/course/02-shift/boxed.ts'), 'export const a = 1;\n');
    const exercise = (await loadCatalog(root)).find('shift');
    expect((await programFor(exercise, 'reference')).files['shift.ts']).toContain("import { scale } from '@demo/demo/scale';");
    const mutant = await programFor(exercise, { referenceText: shift.replace('.add(1)', '.add(2)') });
    expect(mutant.files['shift.ts']).toMatch(/'@demo\/demo\/scale'[\s\S]*scale\(x\)\.add\(2\)/);
    expect((await programFor(exercise, { files: { 'shift.ts': '// mine' } })).files).toEqual({ 'shift.ts': '// mine' });
    expect(mutant.boxed).toBe('export const a = 1;\n');
  });

  test("reads a learner's folder, and none of its tests", async () => {
    const root = demoWorkspace();
    const folder = join(root, 'exercises/demo/01-scale');
    write(join(folder, 'scale.ts'), '// mine\n');
    write(join(folder, 'helper.ts'), '// help\n');
    write(join(folder, 'scale.test.ts'), '// test\n');
    const { files } = await programFor((await loadCatalog(root)).find('scale'), { folder });
    expect(files).toEqual({ 'scale.ts': '// mine\n', 'helper.ts': '// help\n' });
  });

  test('refuses a reference that imports a later exercise', async () => {
    const root = demoWorkspace([entry({ slug: 'shift', file: 'shift.ts' }), entry({ slug: 'scale', file: 'scale.ts' })]);
    await expect(programFor((await loadCatalog(root)).find('shift'), 'reference')).rejects.toMatchObject({
      message: '@demo/demo/src/shift.ts:3: expected imports only of what comes before demo/shift, got demo/scale',
      hint: 'move the shared part to a file of its own',
    });
  });

  test('refuses a reference that imports a course module which is installed but not here', async () => {
    const root = demoWorkspace();
    const other = join(root, 'node_modules/other');
    write(join(other, 'package.json'), JSON.stringify({ name: 'other', exports: { './course': './course/module.js' } }));
    write(join(root, 'node_modules/plain/package.json'), JSON.stringify({ name: 'plain', exports: { './*': './*.js' } }));
    const importing = (name: string): void => write(join(root, 'packages/demo/src/scale.ts'), `import '${name}/part';\n${scale}`);
    const exercise = (await loadCatalog(root)).find('scale');
    importing('plain'); // a library: the box says whether it may be imported
    expect((await programFor(exercise, 'stub')).modules).toHaveProperty(['@demo/demo/constants']);
    importing('other');
    await expect(programFor(exercise, 'stub')).rejects.toMatchObject({
      message: '@demo/demo/src/scale.ts:1: expected imports of course modules that are here, got other/part',
      hint: 'npm install other',
    });
  });

  test('refuses a helper that leads back to the reference itself, and a file that is not there', async () => {
    const root = demoWorkspace();
    write(join(root, 'packages/demo/src/constants.ts'), "export { scale as factor } from './scale.ts';\n");
    const catalog = await loadCatalog(root);
    await expect(programFor(catalog.find('scale'), 'stub')).rejects.toThrow(
      '@demo/demo/src/constants.ts:1: expected imports only of what comes before demo/scale, got demo/scale',
    );
    write(join(root, 'packages/demo/src/constants.ts'), "export { factor } from './nowhere.ts';\n");
    await expect(programFor(catalog.find('scale'), 'stub')).rejects.toThrow(
      'constants.ts:1: expected imports of files that exist, got @demo/demo/nowhere',
    );
  });

  test('follows imports of imports, also into another module', async () => {
    const root = demoWorkspace();
    write(join(root, 'packages/after/package.json'), '{"name":"@demo/after","type":"module"}');
    write(join(root, 'packages/after/course/module.ts'), manifestText({ id: 'after', chapter: 3 }));
    write(join(root, 'packages/after/course/01-last/exercise.ts'), exerciseText(entry({ slug: 'last', file: 'last.ts' })));
    write(join(root, 'packages/after/src/last.ts'), "import { shift } from '@demo/demo/shift';\nexport const last = shift;\n");
    const exercise = (await loadCatalog(root)).find('last');
    const { modules } = await programFor(exercise, { referenceText: '' });
    expect((await needsOf(exercise)).exercises.map(({ id }) => id)).toEqual(['demo/scale', 'demo/shift']);
    expect(Object.keys(modules).sort()).toEqual(['@demo/demo/constants', '@demo/demo/scale', '@demo/demo/shift']);
  });
});
