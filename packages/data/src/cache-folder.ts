/** Changes in a folder of the cache: one process at a time, in folders of their own that take their place by one rename, and nothing half done stays. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { refused, type Words } from '@llm-ladder/backend/errors';
import { killRunning, onInterrupt, takeLock } from '@llm-ladder/backend/machine';
import { askingFor } from './asking.ts';
import { diskFull } from './fetch-package.ts';

const SCRATCH = '.new-';

/** Runs `work` while no other process changes `home`, and deletes what it leaves on the way, also at a Ctrl-C. UsageError for a full disk and a folder that cannot be written. */
export async function changing<T>(
  home: string,
  work: () => Promise<T>,
  { where = askingFor().where, onStep }: { readonly where?: string; readonly onStep?: ((words: Words) => void) | undefined } = {},
): Promise<T> {
  const unlock = await writing(where, home, async () => {
    mkdirSync(home, { recursive: true });
    return takeLock(join(home, '.lock'), {
      what: where,
      onWait: (pid) => onStep?.({ en: `waiting for another process (${pid})`, zh: `等待另一个进程（${pid}）` }),
    });
  });
  const cleanUp = (): void => {
    killRunning();
    for (const name of readdirSync(home)) if (name.startsWith(SCRATCH)) rmSync(join(home, name), { recursive: true, force: true });
    unlock();
  };
  const stop = onInterrupt(cleanUp);
  try {
    return await writing(where, home, work);
  } finally {
    stop();
    cleanUp();
  }
}

/** The path of a folder for what is on the way. */
export function scratchIn(home: string): string {
  return join(home, `${SCRATCH}${randomBytes(4).toString('hex')}`);
}

/** Puts what was made in place of what is there. */
export function putInPlace(made: string, target: string): void {
  rmSync(target, { recursive: true, force: true });
  renameSync(made, target);
}

/** What the disk refuses, in one line. */
async function writing<T>(where: string, folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') throw diskFull(where, folder);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
      const hint = { en: 'set LADDER_CACHE to a folder of your own', zh: '请用 LADDER_CACHE 指向你自己的目录' };
      throw refused(where, { en: `a cache that can be written at ${folder}`, zh: `可写的缓存目录 ${folder}` }, code, {
        hint,
        cause: error,
      });
    }
    throw error;
  }
}
