import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { initProject, updateProject } from '../../src/author/init.ts';
import { demoWorkspace, scale, tempFolder, write } from './demo.ts';

/** Stands for npm: puts the demo module into node_modules and into package.json. */
function installDemo(workspace: string): (folder: string) => Promise<void> {
  return async (folder) => {
    mkdirSync(join(folder, 'node_modules', '@demo'), { recursive: true });
    symlinkSync(join(workspace, 'packages', 'demo'), join(folder, 'node_modules', '@demo', 'demo'), 'junction');
  };
}

describe('initProject', () => {
  test('makes a whole folder in an empty one, and a second run changes nothing', async () => {
    const workspace = demoWorkspace();
    const root = join(tempFolder(), 'My Course');
    const report = await initProject(root, ['@demo/demo'], { install: installDemo(workspace) });
    expect(report).toMatchObject({ folder: root, modules: ['demo'], installed: true });
    expect(report).not.toHaveProperty('backup');
    for (const path of [
      'package.json',
      'tsconfig.json',
      'vitest.config.ts',
      '.gitignore',
      '.github/workflows/ladder.yml',
      '.vscode/settings.json',
      'exercises/demo/01-scale/scale.ts',
    ]) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'my-course', type: 'module', scripts: { start: 'ladder' } });
    expect(Object.keys(manifest.devDependencies)).toEqual(expect.arrayContaining(['@llm-ladder/grader', 'typescript', 'vitest']));
    const again = await initProject(root, ['@demo/demo'], { install: async () => {} });
    expect(again).toMatchObject({ written: [], sync: { written: [], kept: [] } });
  });

  test('completes a package.json that is there, after a backup, and touches no file of the learner', async () => {
    const root = tempFolder();
    const old = '{ "name": "mine", "scripts": { "start": "echo hi" }, "dependencies": { "@demo/demo": "file:x.tgz" } }';
    write(join(root, 'package.json'), old);
    write(join(root, '.gitignore'), 'secret\n');
    const report = await initProject(root, [], { install: installDemo(demoWorkspace()) });
    expect(readFileSync(report.backup!, 'utf8')).toBe(old);
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toBe('secret\n');
    expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({
      name: 'mine',
      scripts: { start: 'echo hi' },
      dependencies: { '@demo/demo': 'file:x.tgz' },
    });
  });

  test.each([
    [['./nothing.tgz'], 'expected a tarball or a folder, got ./nothing.tgz, which is not there'],
    [['not a name'], 'expected module names, tarballs or folders, got "not a name"'],
  ])('refuses %j before it writes anything', async (modules, message) => {
    const root = join(tempFolder(), 'new');
    await expect(initProject(root, modules, { install: async () => {} })).rejects.toThrow(message);
    expect(existsSync(root)).toBe(false);
  });

  test('refuses a workspace and a broken package.json', async () => {
    await expect(initProject(demoWorkspace())).rejects.toThrow('got a folder where modules are written');
    const root = tempFolder();
    write(join(root, 'package.json'), '{');
    await expect(initProject(root)).rejects.toThrow(/package\.json: expected JSON/);
  });
});

describe('updateProject', () => {
  test('takes the new text of a file that nobody edited, and puts it beside one that somebody did', async () => {
    const workspace = demoWorkspace();
    const root = tempFolder();
    await initProject(root, ['@demo/demo'], { install: installDemo(workspace) });
    write(join(root, 'exercises/demo/02-shift/shift.ts'), '// solved\n');
    write(join(workspace, 'packages/demo/src/scale.ts'), scale.replace('Scales', 'Multiplies'));
    write(
      join(workspace, 'packages/demo/src/shift.ts'),
      readFileSync(join(workspace, 'packages/demo/src/shift.ts'), 'utf8').replace('then add', 'and then add'),
    );
    const report = await updateProject(root);
    expect(report.written).toEqual(['exercises/demo/01-scale/scale.ts']);
    expect(report.kept).toEqual([{ path: 'exercises/demo/02-shift/shift.ts', newText: 'exercises/demo/02-shift/shift.ts.new' }]);
    expect(readFileSync(join(root, 'exercises/demo/02-shift/shift.ts'), 'utf8')).toBe('// solved\n');
    await expect(updateProject(workspace)).rejects.toMatchObject({ hint: 'ladder sync' });
  });
});
