/** One process at a time: a lock file that names its owner, taken over when that process is dead. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendError } from '../errors.ts';

const POLL_MS = 300;

/** Waits for the lock and returns the function that gives it back. `onWait` is told once which process is waited for; `what` names the work in errors. */
export async function takeLock(
  file: string,
  {
    onWait,
    timeoutMs = 45 * 60_000,
    what = 'tensorflow install',
  }: { onWait?: (pid: number) => void; timeoutMs?: number; what?: string } = {},
) {
  const giveUpAt = Date.now() + timeoutMs;
  for (let told = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    if (owner !== undefined && !isAlive(owner)) {
      breakLock(file, owner);
      continue;
    }
    if (Date.now() > giveUpAt) {
      throw new BackendError(`${what}: expected the lock ${file} to be free, got one held by process ${owner ?? '?'}`, {
        hint: 'wait for the other process, or delete the file if there is none',
      });
    }
    if (!told && owner !== undefined) {
      onWait?.(owner);
      told = true;
    }
    await sleep(POLL_MS);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// --- helpers ---

function readOwner(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined; // given back in between
  }
}

/** Moves a dead owner's lock away. Two waiters may race: whoever moved a living owner's lock by mistake puts it back. */
function breakLock(file: string, deadOwner: number): void {
  const aside = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readOwner(aside) === deadOwner) rmSync(aside, { force: true });
  else renameSync(aside, file);
}
