/** Brings `exercises/` and `solutions/` up to date without ever losing what somebody typed there: design.md 3. */
import { readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import type { Catalog } from '../catalog/types.ts';
import { inWords } from '../format/words.ts';
import { asWriteError, backUp, hashOf, readIfThere, withLock, writeAtomic } from '../system/files.ts';
import { generateTree, type TreeName } from './tree.ts';

/** One file that `sync` would change. Paths start at the catalog's root, with `/`. */
interface Drift {
  readonly path: string;
  readonly why: 'missing' | 'outdated' | 'gone';
}

export interface SyncReport {
  readonly written: readonly string[];
  /** Edited by a learner and kept; `newText` is where the new text went, when there is one. */
  readonly kept: readonly { readonly path: string; readonly newText?: string }[];
  /** Edited files that followed their exercise to another folder. */
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  readonly removed: readonly string[];
  readonly backups: readonly string[];
  readonly unchanged: number;
  /** With `check`: what would change; nothing was written. */
  readonly drift: readonly Drift[];
}

export interface SyncOptions {
  readonly check?: boolean | undefined;
  /** Default: both where modules are written, `exercises` alone in a learner's folder. */
  readonly trees?: readonly TreeName[] | undefined;
}

const listName = '.generated.json';
type Hashes = Record<string, string>;

/** Writes what the modules say, or with `check` only lists the drift. An edited exercise is kept and is not drift. */
export async function syncWorkspace(catalog: Catalog, { check = false, trees }: SyncOptions = {}): Promise<SyncReport> {
  const report = emptyReport();
  const names = trees ?? (catalog.workspace ? (['exercises', 'solutions'] as const) : (['exercises'] as const));
  // Everything is generated before anything is written: a module with a fault changes no file.
  const generated = await Promise.all(names.map(async (tree) => ({ tree, files: await generateTree(catalog, tree) })));
  const work = async (): Promise<void> => {
    for (const { tree, files } of generated) {
      if (check) await listDrift(catalog.root, tree, files, report);
      else await writeTree(catalog.root, tree, files, report);
    }
  };
  await (check ? work() : withLock(catalog.root, work));
  return report;
}

/** The hashes of what was generated last, path inside the tree -> SHA-256. UsageError for a list that does not hold. */
export async function readHashes(root: string, tree: TreeName): Promise<Hashes> {
  const text = await readIfThere(join(root, tree, listName));
  if (text === undefined) return {};
  try {
    const { files } = JSON.parse(text) as { files: Hashes };
    if (typeof files !== 'object' || files === null) throw new Error('no "files"');
    return files;
  } catch (error) {
    const file = `${tree}/${listName}`;
    const said = (error as Error).message;
    const hint = `take it from git (git checkout ${file}), or delete it: every file that differs then counts as edited`;
    throw inWords(new UsageError(file, 'the list that ladder sync wrote', said, { hint }), {
      message: `${file}：应为 ladder sync 写出的清单，实为：${said}`,
      hint: `从 git 取回（git checkout ${file}），或删除它：此后凡有不同的文件都按改过处理`,
    });
  }
}

type Growing = { -readonly [K in keyof SyncReport]: SyncReport[K] extends readonly (infer T)[] ? T[] : SyncReport[K] };

function emptyReport(): Growing {
  return { written: [], kept: [], moved: [], removed: [], backups: [], unchanged: 0, drift: [] };
}

async function listDrift(root: string, tree: TreeName, files: ReadonlyMap<string, string>, report: Growing): Promise<void> {
  const recorded = await readHashes(root, tree);
  for (const [path, text] of files) {
    const onDisk = await readIfThere(join(root, tree, path));
    const differs = tree === 'solutions' ? onDisk !== undefined && hashOf(onDisk) !== hashOf(text) : false; // nobody works in solutions/
    if (onDisk === undefined) report.drift.push({ path: `${tree}/${path}`, why: 'missing' });
    else if (recorded[path] !== hashOf(text) || differs) report.drift.push({ path: `${tree}/${path}`, why: 'outdated' });
    else report.unchanged++;
  }
  for (const path of Object.keys(recorded)) if (!files.has(path)) report.drift.push({ path: `${tree}/${path}`, why: 'gone' });
}

async function writeTree(root: string, tree: TreeName, files: ReadonlyMap<string, string>, report: Growing): Promise<void> {
  const recorded = await readHashes(root, tree);
  const folder = join(root, tree);
  await followMoves(root, tree, files, recorded, report);

  for (const [path, text] of files) {
    const file = join(folder, path);
    const hash = hashOf(text);
    const onDisk = await readIfThere(file);
    const diskHash = onDisk === undefined ? undefined : hashOf(onDisk);
    if (diskHash === hash) report.unchanged++;
    else if (diskHash === undefined || diskHash === recorded[path]) {
      await writeAtomic(file, text);
      report.written.push(`${tree}/${path}`);
    } else if (tree === 'solutions') {
      report.backups.push(await backUp(root, file));
      await writeAtomic(file, text);
      report.written.push(`${tree}/${path}`);
    } else if (recorded[path] === hash) report.kept.push({ path: `${tree}/${path}` });
    else {
      const beside = `${file}.new`;
      const old = await readIfThere(beside);
      if (old !== undefined && old !== text) report.backups.push(await backUp(root, beside));
      if (old !== text) await writeAtomic(beside, text);
      report.kept.push({ path: `${tree}/${path}`, newText: `${tree}/${path}.new` });
    }
    recorded[path] = hash;
  }

  for (const path of Object.keys(recorded).filter((one) => !files.has(one))) {
    const file = join(folder, path);
    const onDisk = await readIfThere(file);
    if (onDisk !== undefined && hashOf(onDisk) !== recorded[path]) report.kept.push({ path: `${tree}/${path}` });
    else if (onDisk !== undefined) {
      await removeFile(file, folder);
      report.removed.push(`${tree}/${path}`);
    }
    delete recorded[path];
  }

  const sorted = Object.fromEntries(Object.entries(recorded).sort(([a], [b]) => (a < b ? -1 : 1)));
  const list = `${JSON.stringify({ version: 1, files: sorted }, null, 2)}\n`;
  if ((await readIfThere(join(folder, listName))) !== list) await writeAtomic(join(folder, listName), list);
}

/** An exercise that got another number keeps its slug: what a learner typed goes along. */
async function followMoves(
  root: string,
  tree: TreeName,
  files: ReadonlyMap<string, string>,
  recorded: Hashes,
  report: Growing,
): Promise<void> {
  if (tree === 'solutions') return;
  const bySlug = new Map([...files.keys()].map((path) => [withoutNumber(path), path]));
  for (const path of Object.keys(recorded)) {
    const target = files.has(path) ? undefined : bySlug.get(withoutNumber(path));
    if (target === undefined) continue;
    const from = join(root, tree, path);
    const to = join(root, tree, target);
    const onDisk = await readIfThere(from);
    const edited = onDisk !== undefined && hashOf(onDisk) !== recorded[path];
    if (!edited || (await readIfThere(to)) !== undefined) continue;
    await writeAtomic(to, onDisk);
    await removeFile(from, join(root, tree));
    recorded[target] = recorded[path]!; // still compared with the text it was made from
    delete recorded[path];
    report.moved.push({ from: `${tree}/${path}`, to: `${tree}/${target}` });
  }
}

function withoutNumber(path: string): string {
  return path.replace(/^([^/]+)\/\d+-/, '$1/');
}

async function removeFile(file: string, upTo: string): Promise<void> {
  try {
    await rm(file, { force: true });
    for (let folder = dirname(file); folder !== upTo && (await readdir(folder)).length === 0; folder = dirname(folder)) await rmdir(folder);
  } catch (error) {
    throw asWriteError(file, error);
  }
}
