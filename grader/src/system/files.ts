/** Writing to a learner's folder: whole or not at all, never over something that has no copy, one writer at a time. */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraderError, LadderError } from '@llm-ladder/backend/errors';
import { inWords, type Words } from '../format/words.ts';

/** SHA-256 of a text with `\n` line ends, so that a checkout on Windows does not look edited. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');
}

/** The text of a file, or undefined when there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw asWriteError(file, error);
  }
}

/** Writes beside the file and renames: a reader sees the old text or the new one, and a full disk keeps the old one. GraderError when it cannot be written. */
export async function writeAtomic(file: string, text: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(file), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await makeFolder(dirname(file));
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync(); // some file systems report a full disk only here
    } finally {
      await handle.close();
    }
    await replace(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw asWriteError(file, error);
  }
}

/** Creates a file that is not there yet; false when it is, and then nothing is written. */
export async function writeIfAbsent(file: string, text: string): Promise<boolean> {
  if ((await readIfThere(file)) !== undefined) return false;
  await writeAtomic(file, text);
  return true;
}

/** Copies a file to `.ladder/backups/<time>/` under `root` and returns the copy's path. */
export async function backUp(root: string, file: string): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(':', '-');
  const inside = relative(root, file);
  for (let turn = 0; ; turn++) {
    const copy = join(root, '.ladder', 'backups', turn === 0 ? stamp : `${stamp}-${turn}`, inside);
    try {
      await makeFolder(dirname(copy));
      await copyFile(file, copy, constants.COPYFILE_EXCL);
      return copy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && turn < 100) continue;
      throw asWriteError(copy, error);
    }
  }
}

/** Runs `work` while no other process that asks for the same lock does. GraderError when another one holds it for more than `waitMs`. */
export async function withLock<T>(root: string, work: () => Promise<T>, waitMs = 10_000): Promise<T> {
  const lock = join(root, '.ladder', 'write.lock');
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      await makeFolder(dirname(lock));
      await createWith(lock, String(process.pid));
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw asWriteError(lock, error);
      if (await isStale(lock)) await rm(lock, { force: true });
      else if (Date.now() > deadline) {
        const message = `${root}: expected no other ladder command that writes here, got one that holds ${lock}`;
        throw inWords(new GraderError('busy', message, { hint: 'wait for it to end' }), {
          message: `${root}：另一个 ladder 命令正在写这个目录（占用 ${lock}）`,
          hint: '请等它结束',
        });
      } else await sleep(20);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** One clear error for what a disk can do to us; errors that are clear already pass. */
export function asWriteError(file: string, error: unknown): unknown {
  if (LadderError.isInstance(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const cause = code === undefined ? undefined : CAUSES[code];
  if (cause === undefined && code === undefined) return error;
  const { got, hint } = cause ?? { got: { en: message, zh: message }, hint: undefined };
  const failure = new GraderError('write', `${file}: expected to write it, got ${got.en}`, { hint: hint?.en, cause: error });
  return inWords(failure, { message: `${file}：无法写入，${got.zh}`, hint: hint?.zh });
}

interface Cause {
  readonly got: Words;
  readonly hint: Words;
}

const FREE_SPACE: Words = {
  en: 'free some space and run the command again; the old file is as it was',
  zh: '请腾出空间后重试；原来的文件没有变',
};
const OWN_FOLDER: Words = { en: 'work in a folder of your own; nothing was changed', zh: '请在自己的目录里操作；什么都没有改动' };
const NO_PERMISSION: Cause = { got: { en: 'no permission', zh: '没有权限' }, hint: OWN_FOLDER };
const FILE_IN_THE_WAY: Cause = {
  got: { en: 'a file where a folder should be', zh: '应为目录的地方有一个文件' },
  hint: { en: 'move that file away', zh: '请移走那个文件' },
};
const CAUSES: Readonly<Record<string, Cause>> = {
  ENOSPC: { got: { en: 'a full disk', zh: '磁盘已满' }, hint: FREE_SPACE },
  EDQUOT: { got: { en: 'a full disk quota', zh: '磁盘配额已用完' }, hint: FREE_SPACE },
  EROFS: {
    got: { en: 'a read-only file system', zh: '文件系统只读' },
    hint: { en: 'work in a folder that can be written; nothing was changed', zh: '请换一个可写的目录；什么都没有改动' },
  },
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  ENOTDIR: FILE_IN_THE_WAY,
  EEXIST: FILE_IN_THE_WAY,
  EISDIR: { got: { en: 'a folder of that name', zh: '有一个同名的目录' }, hint: { en: 'move that folder away', zh: '请移走那个目录' } },
};

/** `mkdir -p` with the true cause: on a read-only disk Node's own says that the folder does not exist. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    await makeFolder(parent);
    await mkdir(folder);
  }
}

/** A new file with its text; when the text does not fit, no file is left, since an empty lock would hold others up. */
async function createWith(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(text);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function replace(from: string, to: string): Promise<void> {
  for (let turn = 0; ; turn++) {
    try {
      return await rename(from, to);
    } catch (error) {
      // Windows refuses while an editor or a virus scanner has the file open for a moment.
      const { code } = error as NodeJS.ErrnoException;
      if (process.platform !== 'win32' || turn === 20 || (code !== 'EPERM' && code !== 'EBUSY' && code !== 'EACCES')) throw error;
      await sleep(25);
    }
  }
}

async function isStale(lock: string): Promise<boolean> {
  const owner = Number.parseInt((await readIfThere(lock)) ?? '', 10);
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (!Number.isInteger(owner)) return age > 2000; // its owner died between creating and writing it
  if (owner === process.pid) return false;
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}
