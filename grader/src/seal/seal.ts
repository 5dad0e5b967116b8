/** Sealing and unsealing a module: files of the course become one sealed file, and come back byte for byte. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { GraderError, UsageError } from '@llm-ladder/backend/errors';
import { scanImports } from '../catalog/imports.ts';
import { visibleTestName } from '../catalog/load.ts';
import type { Exercise, ModuleInfo } from '../catalog/types.ts';
import { inWords } from '../format/words.ts';
import { collectSuite } from '../suite/collect.ts';
import { backUp, withLock, writeAtomic } from '../system/files.ts';
import { type Archive, openArchive, type SealedIndex, sealArchive } from './archive.ts';
import { sealedFile } from './course-files.ts';
import type { SealKey } from './key.ts';

export interface SealReport {
  readonly module: string;
  /** Absolute path of the sealed file. */
  readonly file: string;
  /** Ids of the exercises that were sealed, or came back. */
  readonly exercises: readonly string[];
  /** Absolute paths of the files that went into it, or came out of it. */
  readonly files: readonly string[];
  /** Copies of edited files that stood where a sealed one came back. */
  readonly backups: readonly string[];
}

/**
 * Puts the hidden files of exercises into the module's sealed file, beside what is in it, and takes them off the disk once they can be read back from there.
 * UsageError for a packed module, for another key than that of the sealed file, and for an exercise that is there twice. Exercises that are sealed stay so.
 */
export async function sealExercises(root: string, exercises: readonly Exercise[], keys: readonly SealKey[]): Promise<SealReport> {
  const { module, course, file } = placeOf(exercises);
  const open = exercises.filter(({ sealed }) => !sealed);
  return withLock(root, async () => {
    const before = await readArchive(file, keys);
    const [names, points] = [new Set<string>(), { ...before?.index.exercises }];
    for (const exercise of open) {
      points[exercise.folder] = await pointsOf(exercise);
      for (const name of await hiddenFiles(exercise)) names.add(`${exercise.folder}/${name}`);
    }
    for (const name of await sharedFiles(module, course, [...names])) names.add(name);
    const fresh = await Promise.all(
      [...names].map(async (name) => [name, new Uint8Array(await readFile(path.join(course, name)))] as const),
    );
    const report = {
      module: module.id,
      file,
      exercises: open.map(({ id }) => id),
      files: [...names].map((name) => path.join(course, name)),
    };
    if (fresh.length === 0) return { ...report, backups: [] };

    const kept = [...(before?.files ?? [])].filter(([name]) => !open.some(({ folder }) => name.startsWith(`${folder}/`)));
    const files = new Map([...kept, ...fresh]);
    const key = keys.find(({ id }) => id === before?.index.key) ?? keys[0]!;
    await writeAtomic(file, await sealArchive(points, files, key));
    const back = await openArchive(await readFile(file, 'utf8'), file, [key]);
    for (const [name, bytes] of files)
      if (!back.files.has(name) || Buffer.compare(back.files.get(name)!, bytes) !== 0)
        throw new GraderError('sealed', `${file}: expected ${name} as it was, got something else; nothing was removed`);
    for (const one of report.files) await removeUpTo(one, course);
    return { ...report, backups: [] };
  });
}

/** Writes the sealed files of exercises back, and takes them out of the sealed file. An edited file in their place is copied to `.ladder/backups/` first. */
export async function unsealExercises(root: string, exercises: readonly Exercise[], keys: readonly SealKey[]): Promise<SealReport> {
  const { module, course, file } = placeOf(exercises);
  return withLock(root, async () => {
    const archive = await readArchive(file, keys);
    const folders = exercises.map(({ folder }) => folder).filter((folder) => archive && folder in archive.index.exercises);
    const report = { module: module.id, file, exercises: folders.map((folder) => exercises.find((one) => one.folder === folder)!.id) };
    if (archive === undefined || folders.length === 0) return { ...report, files: [], backups: [] };

    // What several suites import comes out with the first of them; those that stay sealed find it on the disk.
    const stays = Object.keys(archive.index.exercises).filter((folder) => !folders.includes(folder));
    const isOut = (name: string): boolean => !stays.some((folder) => name.startsWith(`${folder}/`));
    const [files, backups]: [string[], string[]] = [[], []];
    for (const [name, bytes] of archive.files) {
      if (!isOut(name)) continue;
      const target = insideOf(course, name, file);
      const onDisk = await readFile(target).catch(() => undefined);
      files.push(target);
      if (onDisk && Buffer.compare(onDisk, bytes) === 0) continue;
      if (onDisk) backups.push(await backUp(root, target));
      await writeAtomic(target, bytes);
    }
    if (stays.length === 0) await rm(file);
    else {
      const points = Object.fromEntries(stays.map((folder) => [folder, archive.index.exercises[folder]!]));
      const rest = new Map([...archive.files].filter(([name]) => !isOut(name)));
      await writeAtomic(file, await sealArchive(points, rest, keys.find(({ id }) => id === archive.index.key)!));
    }
    return { ...report, files, backups };
  });
}

/** UsageError where a hidden file of a sealed exercise lies on the disk as well: a package would show it, and which one counts nobody can say. */
export async function checkNotTwice({ exercises }: ModuleInfo, known: SealedIndex, file: string): Promise<void> {
  for (const exercise of exercises) {
    const [open] = exercise.folder in known.exercises ? await hiddenFiles(exercise) : [];
    if (open === undefined) continue;
    const name = `${exercise.folder}/${open}`;
    const hint = `remove it, or bring the others back with ladder unseal ${exercise.id} and seal again`;
    throw inWords(new UsageError(file, `${exercise.id} sealed or on the disk`, `both: ${name}`, { hint }), {
      message: `${file}：${exercise.id} 已密封，磁盘上却还有 ${name}`,
      hint: `请删除它，或用 ladder unseal ${exercise.id} 恢复其余文件后重新密封`,
    });
  }
}

// --- helpers ---

function placeOf(exercises: readonly Exercise[]): { module: ModuleInfo; course: string; file: string } {
  const { module, courseDir } = exercises[0]!;
  if (module.packed) {
    throw inWords(new UsageError(module.packageName, 'a module that is written here', 'an installed package'), {
      message: `${module.packageName}：这是安装的包，只能在编写它的地方密封`,
    });
  }
  return { module, course: path.dirname(courseDir), file: sealedFile(courseDir) };
}

async function readArchive(file: string, keys: readonly SealKey[]): Promise<Archive | undefined> {
  return existsSync(file) ? openArchive(await readFile(file, 'utf8'), file, keys) : undefined;
}

async function pointsOf({ suiteFile }: Exercise): Promise<SealedIndex['exercises'][string]> {
  const { entries } = await collectSuite(suiteFile);
  const of = (kind: 'test' | 'performance'): number[] => entries.filter((one) => one.kind === kind).map(({ options }) => options.points);
  return { tests: of('test'), performance: of('performance') };
}

/** All of an exercise's folder but what learners get and what the manifest is made of. */
async function hiddenFiles(exercise: Exercise): Promise<string[]> {
  const shown = ['README.md', 'README.zh.md', 'exercise.ts', visibleTestName(exercise)];
  const entries = await readdir(exercise.courseDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(exercise.courseDir, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((name) => !shown.includes(name));
}

/** Files of `course/` beside the exercises' folders that hidden files import, and that neither the manifest nor an exercise that stays open does. */
async function sharedFiles(module: ModuleInfo, course: string, hidden: readonly string[]): Promise<string[]> {
  const open = module.exercises
    .filter(({ folder, sealed }) => !sealed && !hidden.some((name) => name.startsWith(`${folder}/`)))
    .flatMap(({ folder }) => ['hidden.test.ts', 'mutants.ts', 'boxed.ts'].map((name) => `${folder}/${name}`));
  const manifests = module.exercises.map(({ folder }) => `${folder}/exercise.ts`);
  const [wanted, needed] = [await importedFrom(course, hidden), await importedFrom(course, ['module.ts', ...manifests, ...open])];
  return [...wanted].filter((name) => !needed.has(name) && !module.exercises.some(({ folder }) => name.startsWith(`${folder}/`)));
}

/** The files of `course/` that these files lead to by relative imports, themselves included. */
async function importedFrom(course: string, names: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const visit = async (name: string): Promise<void> => {
    if (found.has(name) || name.startsWith('..') || !name.endsWith('.ts') || !existsSync(path.join(course, name))) return;
    found.add(name);
    for (const { specifier } of scanImports(await readFile(path.join(course, name), 'utf8')))
      if (specifier.startsWith('.')) await visit(path.posix.join(path.posix.dirname(name), specifier));
  };
  for (const name of names) await visit(name);
  return found;
}

/** A name in a sealed file is a path below `course/`. GraderError for any other: whoever has the key may have made it by hand. */
function insideOf(course: string, name: string, file: string): string {
  const target = path.resolve(course, name);
  if (!path.relative(course, target).startsWith('..') && !path.isAbsolute(name)) return target;
  throw new GraderError('sealed', `${file}: expected paths below course/, got ${JSON.stringify(name)}`);
}

async function removeUpTo(file: string, upTo: string): Promise<void> {
  await rm(file);
  for (let folder = path.dirname(file); folder !== upTo && (await readdir(folder)).length === 0; folder = path.dirname(folder))
    await rmdir(folder);
}
