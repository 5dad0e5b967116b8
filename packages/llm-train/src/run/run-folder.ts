/**
 * The folder of a run, and how files get into it: under another name first, flushed to the disk, then renamed. Whatever happens, the file of before or the new one is
 * there, whole.
 *
 *   run.json  data.bin  checkpoints/step-<n>.ckpt  loss.csv  loss.svg  events.out.tfevents.*  model/
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { expired, last, load, type Saved, save } from '../checkpoint.ts';

const KEPT = 2; // checkpoints
const BEGUN = ['checkpoints', 'data.bin', 'data.bin.tmp', 'run.json.tmp']; // what is there when a run was killed before its first step

/** Makes the folder of a new run. Throws UsageError for one that holds anything already, and for a place where none can be made. */
export function createRunFolder(folder: string): RunFolder {
  try {
    mkdirSync(join(folder, 'checkpoints'), { recursive: true });
    const found = readdirSync(folder).filter((name) => !BEGUN.includes(name));
    const isRun = found.includes('run.json');
    if (found.length > 0) {
      throw new UsageError('train: --out', 'a new or an empty folder', `${folder}, which holds ${isRun ? 'another run' : found[0]}`, {
        hint: isRun ? `ladder train --resume ${folder}` : 'choose another folder',
      });
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError('train: --out', 'a folder that can be written', `${folder} (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
  return new RunFolder(folder);
}

/** The folder of a run that has begun: the one named, else the newest. Throws UsageError where there is none. */
export function openRunFolder(folder: string | undefined, root: string): RunFolder {
  const hint = 'ladder train';
  if (folder === undefined) {
    try {
      folder = readFileSync(newestFile(root), 'utf8').trim();
    } catch (cause) {
      throw new UsageError('train --resume', 'a run that has begun', 'none in .ladder/runs', { hint, cause });
    }
  }
  const run = new RunFolder(folder);
  try {
    run.readInfo();
  } catch (cause) {
    throw new UsageError('train --resume', 'the folder of a run (with run.json)', folder, { hint, cause });
  }
  return run;
}

/** The file that holds the path of the newest run. */
export function newestFile(root: string): string {
  return join(root, '.ladder', 'runs', 'last');
}

/** Remembers a run as the newest. */
export async function rememberNewest(root: string, folder: string): Promise<void> {
  await mkdir(dirname(newestFile(root)), { recursive: true });
  await writeWhole(newestFile(root), `${resolve(folder)}\n`);
}

export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  readInfo(): unknown {
    return JSON.parse(readFileSync(this.file('run.json'), 'utf8'));
  }

  async writeInfo(info: object): Promise<void> {
    await writeWhole(this.file('run.json'), `${JSON.stringify(info, null, 2)}\n`);
  }

  /** What the run learns from, so that going on does not need the texts again. */
  async writeData(data: Saved): Promise<void> {
    await writeWhole(this.file('data.bin'), save(data));
  }

  /** Throws UsageError when the file is gone or damaged. */
  async readData(): Promise<Saved> {
    try {
      return load(await bytesOf(this.file('data.bin')));
    } catch (cause) {
      throw new UsageError('train --resume', 'data.bin, whole', `${this.path} without it`, { hint: 'ladder train', cause });
    }
  }

  /** Writes the checkpoint of a step, then deletes all but the newest two. Throws UsageError when the disk is full; the checkpoints before it stay. */
  async writeCheckpoint(step: number, state: Saved): Promise<void> {
    const folder = this.file('checkpoints');
    await writeWhole(join(folder, `step-${step}.ckpt`), save(state));
    for (const name of expired(await readdir(folder), KEPT)) await rm(join(folder, name), { force: true });
  }

  checkpointNames(): Promise<string[]> {
    return readdir(this.file('checkpoints'));
  }

  /** The newest checkpoint that is whole; undefined where there is none. */
  async lastCheckpoint(): Promise<{ readonly name: string; readonly state: Saved } | undefined> {
    const folder = this.file('checkpoints');
    return last(await readdir(folder), (name) => bytesOf(join(folder, name)));
  }

  async writeText(name: string, text: string): Promise<void> {
    await writeFile(this.file(name), text);
  }
}

/** Writes a file so that it is never seen in part. Throws UsageError when the disk is full, and leaves nothing half done. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.tmp`;
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    const megabytes = (content.length / 1e6).toFixed(1);
    throw new UsageError(
      'train',
      `room on the disk for ${megabytes} MB`,
      `a full disk; ${file} was not written, what was there before is`,
      {
        hint: file.endsWith('.ckpt') ? 'make room, then: ladder train --resume' : 'make room, then once more',
        cause: error,
      },
    );
  }
}

/** A file as plain bytes: `slice` of a Buffer is no copy, and `load` may be anyone's. */
async function bytesOf(file: string): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await readFile(file);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A rename is safe once its folder is on the disk, too. Windows cannot do that, and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
