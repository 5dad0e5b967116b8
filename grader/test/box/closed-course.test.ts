/** The uid box where the course is closed to every other user, as Gradescope's setup.sh leaves it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drivers as byName } from '../../src/box/drivers/index.ts';
import { ProcessBox } from '../../src/box/process-box.ts';
import { ensureRuntime } from '../../src/box/runtime.ts';
import { drivers, limits, programOf } from './helpers.ts';

test.skipIf(!drivers.includes('uid'))('a box starts from a runtime whose every file is for root alone', async () => {
  const closed = mkdtempSync(join(tmpdir(), 'ladder closed-'));
  try {
    cpSync(await ensureRuntime(), closed, { recursive: true });
    execFileSync('chmod', ['-R', 'go-rwx', closed]);
    const box = new ProcessBox('uid', byName.uid.start({ runtime: closed, backend: 'cpu', memoryMb: limits.memoryMb }), limits);
    try {
      await box.whenReady(60_000);
      await box.load(programOf('export const one = (): number => 1;'));
      expect(await box.call({ export: 'one' }, [])).toMatchObject({ value: 1 });
    } finally {
      await box.close();
    }
  } finally {
    rmSync(closed, { recursive: true, force: true });
  }
});
