import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { syncWorkspace } from '../../src/author/sync.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { LiveReport } from '../../src/cli/live-report.ts';
import { nextHint } from '../../src/learner/hint.ts';
import { resetExercise } from '../../src/learner/reset.ts';
import { makeExerciseReport, makeReport } from '../../src/report/report.ts';
import { backUp, writeAtomic } from '../../src/system/files.ts';
import { demoWorkspace, tempFolder } from '../author/demo.ts';
import { line, provenance } from '../report/random-reports.ts';

/** Mounts a file system of 64 KB; undefined where this process may not. */
function mountSmall(at: string): (() => void) | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  mkdirSync(at, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return () => execFileSync('umount', ['-l', at]);
}

const probe = join(import.meta.dirname, '..', '..', 'node_modules', '.mount-probe');
const unmountProbe = mountSmall(probe);
unmountProbe?.();

describe.skipIf(unmountProbe === undefined)('on a disk that is full, or read-only', () => {
  let disk: string;
  const fill = (): void => {
    for (let size = 65536; size >= 1; size /= 2) {
      try {
        writeFileSync(join(disk, `filler-${size}`), 'x'.repeat(size));
      } catch {
        // full for this size; smaller ones may still fit
      }
    }
  };

  beforeEach(() => {
    disk = join(tempFolder(), 'disk');
    const unmount = mountSmall(disk)!;
    onTestFinished(unmount);
  });

  test('a write fails with one clear error, keeps the old text and leaves no temporary file', async () => {
    const file = join(disk, 'mine.ts');
    writeFileSync(file, 'old');
    fill();
    await expect(writeAtomic(file, 'x'.repeat(9000))).rejects.toMatchObject({
      message: `${file}: expected to write it, got a full disk`,
      hint: expect.stringContaining('free some space'),
    });
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(disk).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a backup that does not fit stops a reset before anything changes', async () => {
    const root = demoWorkspace();
    const catalog = { ...(await loadCatalog(root)), root: disk };
    await syncWorkspace(catalog, { trees: ['exercises'] });
    const file = join(disk, 'exercises/demo/01-scale/scale.ts');
    writeFileSync(file, `// mine ${'x'.repeat(6000)}\n`);
    fill();
    await expect(resetExercise(catalog, catalog.find('scale'))).rejects.toThrow(/got a full disk/);
    expect(readFileSync(file, 'utf8')).toMatch(/^\/\/ mine/);
    // A hint is told all the same, and that it could not be noted.
    const hint = await nextHint(catalog, catalog.find('scale'));
    expect(hint).toMatchObject({ level: 1, words: { en: 'hint 1' } });
    expect(hint.notKept?.message).toMatch(/got a full disk/);
  });

  test('a report that no longer fits leaves the last one that did, and says so', async () => {
    const file = join(disk, 'report.json');
    const live = new LiveReport(tempFolder(), [{ format: 'json', file }], {});
    const reportOf = (tests: number) => {
      const lines = Array.from({ length: tests }, (_, i) => line(`test ${i}`, 'passed'));
      return makeReport([makeExerciseReport('demo/scale', lines)], provenance);
    };
    await live.write(reportOf(1));
    fill();
    await expect(live.write(reportOf(900))).rejects.toMatchObject({
      name: 'GraderError',
      message: `${file}: expected to write it, got a full disk`,
    });
    expect(JSON.parse(readFileSync(file, 'utf8')).exercises[0].tests).toHaveLength(1);
  });

  test('a read-only one is named, and a backup there too', async () => {
    const file = join(disk, 'mine.ts');
    writeFileSync(file, 'old');
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await expect(writeAtomic(file, 'new')).rejects.toThrow('got a read-only file system');
    await expect(backUp(disk, file)).rejects.toThrow('got a read-only file system');
    expect(readFileSync(file, 'utf8')).toBe('old');
  });
});
