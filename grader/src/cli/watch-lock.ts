/** One watcher a folder: two would grade the same save twice and fight over the terminal's verdicts. */
import fs from 'node:fs';
import path from 'node:path';

const FILE = path.join('.ladder', 'watch.lock');

/** Takes the lock, or returns the process id of the watcher that has it. A lock whose process is gone is taken over. */
export function takeWatchLock(root: string): { readonly release: () => void } | { readonly heldBy: number } {
  const file = path.join(root, FILE);
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const holder = Number.parseInt(readIfThere(file), 10);
    if (holder !== process.pid && isAlive(holder)) return { heldBy: holder };
    fs.rmSync(file, { force: true });
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    // Somebody else was quicker; a folder that cannot be written has no lock, and needs none.
    const holder = Number.parseInt(readIfThere(file), 10);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isAlive(holder)) return { heldBy: holder };
  }
  return {
    release: () => {
      if (readIfThere(file) === String(process.pid)) fs.rmSync(file, { force: true });
    },
  };
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
