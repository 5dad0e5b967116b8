import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { tempFolder } from '../author/demo.ts';
import { ladder, learnerFolder } from './learner.ts';

// A disk that refuses costs no file and no verdict; what could not be written is one line.
let root: string;
let softmax: string;
beforeAll(async () => {
  root = await learnerFolder();
  softmax = path.join(root, 'exercises/toy/01-softmax/softmax.ts');
  writeFileSync(softmax, `${readFileSync(softmax, 'utf8')}// mine\n`);
});

const isRoot = process.getuid?.() === 0;

/** The learner's folder, made so that nobody can write to it, while `use` runs. Root may write anything, so for it the folder is mounted read-only. */
async function readOnly(use: (folder: string) => Promise<void>): Promise<void> {
  if (!isRoot) {
    rmSync(path.join(root, '.ladder'), { recursive: true, force: true });
    chmodSync(root, 0o555);
    await use(root).finally(() => chmodSync(root, 0o755));
    return;
  }
  const at = path.join(tempFolder(), 'read only');
  mkdirSync(at);
  execFileSync('mount', ['--bind', root, at], { stdio: 'ignore' });
  try {
    execFileSync('mount', ['-o', 'remount,ro,bind', at], { stdio: 'ignore' });
    await use(at);
  } finally {
    execFileSync('umount', ['-l', at]);
  }
}

/** Mounts a file system of `size`; false where this process may not. */
function mountSmall(at: string, size: string): boolean {
  if (process.platform !== 'linux' || !isRoot) return false;
  mkdirSync(at, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const probe = path.join(import.meta.dirname, '..', '..', 'node_modules', '.cli-mount-probe');
const canMount = mountSmall(probe, '4k');
if (canMount) execFileSync('umount', ['-l', probe]);
const skip = process.platform === 'win32' || (isRoot && !canMount);

describe.skipIf(skip)('a folder that is read-only', () => {
  test('reset, update and solution --apply stop before they change anything; check and hint do their work', async () => {
    const before = readFileSync(softmax, 'utf8');
    await readOnly(async (folder) => {
      for (const words of [['reset', 'toy/softmax'], ['update'], ['solution', 'toy/softmax', '--apply']]) {
        const { code, stdout, stderr } = await ladder(words, folder);
        expect({ words, code, stdout }).toEqual({ words, code: 3, stdout: '' });
        expect(stderr).toMatch(
          /^.*\.ladder.*: expected to write it, got (a read-only file system|no permission)\n {2}.*nothing was changed\n$/,
        );
      }
      const zh = await ladder(['reset', 'toy/softmax'], folder, 'zh');
      expect(zh.stderr).toMatch(/：无法写入，(文件系统只读|没有权限)\n {2}.*什么都没有改动\n$/);

      const checked = await ladder(['check', 'toy/softmax'], folder);
      expect(checked).toMatchObject({ code: 1, stderr: '' });
      expect(checked.stdout).toContain('Not written yet');

      const hinted = await ladder(['hint', 'toy/softmax'], folder);
      expect(hinted).toMatchObject({ code: 0, stdout: 'Hint 1 of 3  Look at what happens to a score of 1000.\n' });
      expect(hinted.stderr).toMatch(/expected to write it.*\n {2}The next hint: ladder hint toy\/softmax --level 2\n$/);
      expect((await ladder(['hint', 'toy/softmax', '--level', '2'], folder)).stdout).toMatch(/^Hint 2 of 3/);

      const graded = await ladder(['grade', 'toy/softmax', '--json', '--junit', path.join(folder, 'report.xml')], folder);
      expect(graded.code).toBe(3);
      expect(graded.stdout).toBe(''); // told before any work goes into a file that cannot be written
      expect(graded.stderr).toMatch(/report\.xml: expected to write it, got /);
    });
    expect(readFileSync(softmax, 'utf8')).toBe(before);
    expect(existsSync(path.join(root, '.ladder', 'backups'))).toBe(false);
  });
});

describe.skipIf(!canMount)('a disk that is full', () => {
  test('update keeps what is there, and check still gives its verdict', async () => {
    const disk = path.join(tempFolder(), 'disk');
    mountSmall(disk, '256k');
    try {
      execFileSync('cp', ['-a', path.join(root, 'package.json'), path.join(root, 'exercises'), path.join(root, 'node_modules'), disk]);
      const mine = path.join(disk, 'exercises/toy/01-softmax/softmax.ts');
      writeFileSync(mine, `export const softmax = 1;\n// ${'x'.repeat(5000)}\n`);
      const before = readFileSync(mine, 'utf8');
      for (let size = 65536; size >= 1; size /= 2) {
        try {
          writeFileSync(path.join(disk, `filler-${size}`), 'x'.repeat(size));
        } catch {
          // full for this size; smaller ones may still fit
        }
      }
      const reset = await ladder(['reset', 'toy/softmax'], disk);
      expect(reset).toMatchObject({ code: 3, stdout: '' });
      expect(reset.stderr).toMatch(/: expected to write it, got a full disk\n {2}free some space/);
      const checked = await ladder(['check', 'toy/softmax'], disk);
      expect(checked).toMatchObject({ code: 1, stderr: '' });
      expect(checked.stdout).toContain('0 of 1 exercises passing');
      expect(readFileSync(mine, 'utf8')).toBe(before);
      expect(readdirSync(path.dirname(mine)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });
});
