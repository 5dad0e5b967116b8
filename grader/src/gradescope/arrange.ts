/** Finds a student's files among what was uploaded: a repository, a zip of `exercises/`, or loose files. */
import { existsSync, lstatSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exercise } from '../catalog/types.ts';
import { stageCaps } from '../stage/stage.ts';

export interface Arranged {
  /** A folder with the layout of `exercises/`. */
  readonly tree: string;
  /** The exercises that it has. */
  readonly found: readonly Exercise[];
  /** True for a temporary tree, made of loose files. */
  readonly copied: boolean;
}

/** The submission as a tree; only loose files are copied into one. */
export async function arranged(submission: string, exercises: readonly Exercise[]): Promise<Arranged> {
  const folders = [submission, ...(await foldersIn(submission))];
  const trees = folders.flatMap((folder) => [folder, join(folder, 'exercises')]).filter(isRealFolder);
  const best = mostOf(trees, (tree) => exercises.filter((one) => existsSync(join(tree, one.module.id, one.folder, one.manifest.file))));
  if (best.found.length > 0) return { tree: best.folder, found: best.found, copied: false };

  const names = exercises.map(({ manifest }) => manifest.file);
  const unique = exercises.filter(({ manifest }) => names.filter((name) => name === manifest.file).length === 1);
  const loose = mostOf(folders, (folder) => unique.filter(({ manifest }) => isSmallFile(join(folder, manifest.file))));
  if (loose.found.length === 0) return { tree: submission, found: [], copied: false };
  const tree = await mkdtemp(join(tmpdir(), 'ladder-submission-'));
  const files = (await readdir(loose.folder)).filter((name) => isSmallFile(join(loose.folder, name))).slice(0, stageCaps.files + 1);
  for (const { module, folder, manifest } of loose.found) {
    const to = join(tree, module.id, folder);
    await mkdir(to, { recursive: true });
    for (const name of new Set([manifest.file, ...files])) await copyFile(join(loose.folder, name), join(to, name));
  }
  return { tree, found: loose.found, copied: true };
}

function mostOf(folders: readonly string[], find: (folder: string) => readonly Exercise[]): { folder: string; found: readonly Exercise[] } {
  return folders
    .map((folder) => ({ folder, found: find(folder) }))
    .reduce((best, one) => (one.found.length > best.found.length ? one : best));
}

async function foldersIn(submission: string): Promise<string[]> {
  const entries = await readdir(submission, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => join(submission, name));
}

function isRealFolder(path: string): boolean {
  return existsSync(path) && lstatSync(path).isDirectory();
}

/** A link is none: it could lead to another's files. */
function isSmallFile(file: string): boolean {
  if (!existsSync(file)) return false;
  const info = lstatSync(file);
  return info.isFile() && info.size <= stageCaps.fileBytes;
}
