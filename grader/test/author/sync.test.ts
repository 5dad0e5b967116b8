import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { syncWorkspace } from '../../src/author/sync.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import type { Catalog } from '../../src/catalog/types.ts';
import { nextHint } from '../../src/learner/hint.ts';
import { resetExercise } from '../../src/learner/reset.ts';
import { applySolution } from '../../src/learner/solution.ts';
import { withLock } from '../../src/system/files.ts';
import { type DemoEntry, demoProject, demoWorkspace, entries, entry, scale, write, writeModule } from './demo.ts';

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

async function synced(): Promise<{ root: string; catalog: Catalog; file: string }> {
  const root = demoWorkspace();
  const catalog = await loadCatalog(root);
  await syncWorkspace(catalog);
  return { root, catalog, file: join(root, 'exercises', 'demo', '01-scale', 'scale.ts') };
}

/** The same workspace with other exercises. */
async function withExercises({ root }: Catalog, exercises: readonly DemoEntry[]): Promise<Catalog> {
  const module = join(root, 'packages', 'demo');
  rmSync(join(module, 'course'), { recursive: true });
  writeModule(module, exercises);
  return loadCatalog(root);
}

describe('syncWorkspace', () => {
  test('writes stubs and solutions with READMEs, tests and an index, and a second run changes nothing', async () => {
    const { root, catalog, file } = await synced();
    expect(read(file)).toContain("throw new NotImplemented('demo/scale');");
    expect(read(root, 'solutions/demo/01-scale/scale.ts')).toContain('return x.mul(factor);');
    expect(readdirSync(join(root, 'exercises/demo/01-scale')).sort()).toEqual(['README.md', 'README.zh.md', 'scale.test.ts', 'scale.ts']);
    expect(read(root, 'exercises/demo/README.md')).toContain(
      '| 01 [Title of scale](01-scale/README.md) | [scale.ts](01-scale/scale.ts) | 10 | 5 |',
    );
    const list = read(root, 'exercises/.generated.json');
    const again = await syncWorkspace(catalog);
    expect(again).toMatchObject({ written: [], kept: [], removed: [], backups: [] });
    expect(read(root, 'exercises/.generated.json')).toBe(list);
    expect((await syncWorkspace(catalog, { check: true })).drift).toEqual([]);
  });

  test('keeps an edited file, puts a new text beside it, and does not call the edit drift', async () => {
    const { root, catalog, file } = await synced();
    write(file, '// mine\n');
    expect((await syncWorkspace(catalog, { check: true })).drift).toEqual([]);
    expect((await syncWorkspace(catalog)).kept).toEqual([{ path: 'exercises/demo/01-scale/scale.ts' }]);
    expect(existsSync(`${file}.new`)).toBe(false);

    write(join(root, 'packages/demo/src/scale.ts'), scale.replace('/** Scales. */', '/** Scales, better said. */'));
    expect((await syncWorkspace(catalog, { check: true })).drift.map(({ path }) => path)).toContain('exercises/demo/01-scale/scale.ts');
    const report = await syncWorkspace(catalog);
    expect(report.kept).toEqual([{ path: 'exercises/demo/01-scale/scale.ts', newText: 'exercises/demo/01-scale/scale.ts.new' }]);
    expect(read(file)).toBe('// mine\n');
    expect(read(`${file}.new`)).toContain('better said');
    expect((await syncWorkspace(catalog, { check: true })).drift).toEqual([]);
  });

  test('updates a file that nobody edited, also one with Windows line ends', async () => {
    const { root, catalog, file } = await synced();
    write(file, read(file).replaceAll('\n', '\r\n'));
    write(join(root, 'packages/demo/src/scale.ts'), scale.replace('Scales', 'Multiplies'));
    expect((await syncWorkspace(catalog)).written.toSorted()).toEqual([
      'exercises/demo/01-scale/scale.ts',
      'solutions/demo/01-scale/scale.ts',
    ]);
    expect(read(file)).toContain('Multiplies');
  });

  test('brings a deleted file back, and reports it as drift before', async () => {
    const { catalog, file } = await synced();
    rmSync(file);
    expect((await syncWorkspace(catalog, { check: true })).drift).toEqual([{ path: 'exercises/demo/01-scale/scale.ts', why: 'missing' }]);
    expect((await syncWorkspace(catalog)).written).toEqual(['exercises/demo/01-scale/scale.ts']);
  });

  test('removes what is gone when nobody edited it, and keeps it when somebody did', async () => {
    const { root, catalog } = await synced();
    write(join(root, 'exercises/demo/02-shift/shift.ts'), '// mine\n');
    const fewer = await withExercises(catalog, [entries()[0]!]);
    expect((await syncWorkspace(fewer, { check: true })).drift.filter(({ why }) => why === 'gone')).toHaveLength(8);
    const report = await syncWorkspace(fewer);
    expect(report.kept).toEqual([{ path: 'exercises/demo/02-shift/shift.ts' }]);
    expect(existsSync(join(root, 'exercises/demo/02-shift/README.md'))).toBe(false);
    expect(existsSync(join(root, 'solutions/demo/02-shift'))).toBe(false);
    expect(read(root, 'exercises/demo/02-shift/shift.ts')).toBe('// mine\n');
  });

  test("takes a learner's text along when an exercise gets another number", async () => {
    const { root, catalog } = await synced();
    write(join(root, 'exercises/demo/01-scale/scale.ts'), '// mine\n');
    const reordered = await withExercises(
      catalog,
      [entry({ slug: 'warm-up', file: 'warm-up.ts' }), ...entries()].map((one) =>
        one.slug === 'warm-up' ? { ...one, file: 'constants.ts' } : one,
      ),
    );
    write(
      join(root, 'packages/demo/src/constants.ts'),
      'export function factor(): number {\n  // #region exercise: give two\n  return 2;\n  // #endregion\n}\n',
    );
    const report = await syncWorkspace(reordered);
    expect(report.moved).toEqual([{ from: 'exercises/demo/01-scale/scale.ts', to: 'exercises/demo/02-scale/scale.ts' }]);
    expect(read(root, 'exercises/demo/02-scale/scale.ts')).toBe('// mine\n');
    expect(existsSync(join(root, 'exercises/demo/01-scale'))).toBe(false);
  });

  test('a solution that somebody changed is drift, and is replaced with a backup', async () => {
    const { root, catalog } = await synced();
    write(join(root, 'solutions/demo/01-scale/scale.ts'), '// oops\n');
    expect((await syncWorkspace(catalog, { check: true })).drift).toEqual([{ path: 'solutions/demo/01-scale/scale.ts', why: 'outdated' }]);
    const { backups } = await syncWorkspace(catalog);
    expect(backups.map((path) => read(path))).toEqual(['// oops\n']);
  });

  test('changes nothing when one module has a fault', async () => {
    const { root, catalog, file } = await synced();
    const before = read(file);
    write(join(root, 'packages/demo/src/scale.ts'), scale.replace('Scales', 'Changed'));
    write(join(root, 'packages/demo/src/shift.ts'), '// #region exercise: a\n');
    await expect(syncWorkspace(catalog)).rejects.toThrow('packages/demo/src/shift.ts:1: expected #endregion');
    expect(read(file)).toBe(before);
  });

  test('two processes at once leave a whole tree', async () => {
    const root = demoWorkspace();
    const catalog = await loadCatalog(root);
    await Promise.all([syncWorkspace(catalog), syncWorkspace(catalog), syncWorkspace(catalog)]);
    expect((await syncWorkspace(catalog, { check: true })).drift).toEqual([]);
    expect(readdirSync(join(root, 'exercises', 'demo', '01-scale')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('takes over the lock of a process that died, and of one that died before it wrote its number', async () => {
    const root = demoWorkspace();
    const catalog = await loadCatalog(root);
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    write(join(root, '.ladder/write.lock'), String(dead));
    expect((await syncWorkspace(catalog)).written.length).toBeGreaterThan(0);
    write(join(root, '.ladder/write.lock'), '');
    utimesSync(join(root, '.ladder/write.lock'), 1, 1);
    expect(await syncWorkspace(catalog)).toMatchObject({ written: [] });
    expect(existsSync(join(root, '.ladder/write.lock'))).toBe(false);
  });

  test('waits for a process that lives, and gives up with one clear error', async () => {
    const root = demoWorkspace();
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    onTestFinished(() => void other.kill());
    write(join(root, '.ladder/write.lock'), String(other.pid));
    await expect(withLock(root, async () => 'done', 50)).rejects.toThrow('expected no other ladder command that writes here');
    setTimeout(() => other.kill(), 100);
    expect(await withLock(root, async () => 'done')).toBe('done');
  });

  test('gives one clear error when a file is in the way of a folder, and keeps that file', async () => {
    const root = demoWorkspace();
    write(join(root, 'exercises'), 'a file\n');
    await expect(syncWorkspace(await loadCatalog(root))).rejects.toThrow(/expected to write it, got a file where a folder should be/);
    expect(read(root, 'exercises')).toBe('a file\n');
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('gives one clear error in a read-only folder', async () => {
    const root = demoWorkspace();
    chmodSync(root, 0o555);
    await expect(syncWorkspace(await loadCatalog(root))).rejects.toThrow(/expected to write it, got no permission/);
    chmodSync(root, 0o755);
  });

  test("gives a learner's project exercises and no solutions", async () => {
    const project = demoProject(demoWorkspace());
    await syncWorkspace(await loadCatalog(project));
    expect(read(project, 'exercises/demo/02-shift/shift.ts')).toContain("from '@demo/demo/scale'");
    expect(existsSync(join(project, 'solutions'))).toBe(false);
  });

  test('a broken list of hashes is named, with the way out', async () => {
    const { root, catalog } = await synced();
    write(join(root, 'exercises/.generated.json'), '{');
    await expect(syncWorkspace(catalog)).rejects.toMatchObject({
      message: expect.stringContaining('exercises/.generated.json: expected the list'),
      hint: expect.stringContaining('git checkout'),
    });
  });
});

describe('reset and solution', () => {
  test('reset puts the stub back and says where the old text is', async () => {
    const { catalog, file } = await synced();
    const stub = read(file);
    write(file, '// mine\n');
    const report = await resetExercise(catalog, catalog.find('scale'));
    expect(read(file)).toBe(stub);
    expect(report.backups.map(({ from, to }) => [from, read(to)])).toEqual([[file, '// mine\n']]);
    expect((await resetExercise(catalog, catalog.find('scale'))).restored).toEqual([]);
  });

  test('the solution replaces an edit only after a backup', async () => {
    const { catalog, file } = await synced();
    write(file, '// mine\n');
    const { backup } = await applySolution(catalog, catalog.find('scale'));
    expect(read(backup!)).toBe('// mine\n');
    expect(read(file)).toContain('return x.mul(factor);');
    expect(await applySolution(catalog, catalog.find('scale'))).toEqual({ file });
  });
});

describe('nextHint', () => {
  test('goes up a level each time, stays at the last one, and remembers across runs', async () => {
    const { catalog } = await synced();
    const scaleExercise = catalog.find('scale');
    const levels = [];
    for (let turn = 0; turn < 4; turn++) levels.push((await nextHint(catalog, scaleExercise)).level);
    expect(levels).toEqual([1, 2, 3, 3]);
    expect((await nextHint(catalog, scaleExercise, 1)).words.en).toBe('hint 1');
    expect((await nextHint(catalog, catalog.find('shift'))).level).toBe(1);
    await expect(nextHint(catalog, scaleExercise, 4)).rejects.toThrow('expected 1 to 3, got 4');
  });

  test('loses no level when two processes ask at once, and survives a broken file', async () => {
    const { root, catalog } = await synced();
    await Promise.all([nextHint(catalog, catalog.find('scale')), nextHint(catalog, catalog.find('shift'))]);
    expect(JSON.parse(read(root, '.ladder/progress.json')).hints).toEqual({ 'demo/scale': 1, 'demo/shift': 1 });
    write(join(root, '.ladder/progress.json'), '{{{');
    expect((await nextHint(catalog, catalog.find('scale'))).level).toBe(1);
  });
});
