/** The files of a course as the grader reads them: from the disk, or in memory from what is sealed. Nothing that was sealed is ever written to a disk. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { GraderError, UsageError } from '@llm-ladder/backend/errors';
import type { Exercise } from '../catalog/types.ts';
import { inWords } from '../format/words.ts';
import { type Archive, openArchive, readIndex, type SealedIndex } from './archive.ts';
import { givenKeys } from './key.ts';

const SEALED = 'sealed.age';

interface Opened {
  readonly archive: Archive;
  /** Changes with the sealed file. */
  readonly version: string;
}

const opened = new Map<string, Promise<Opened>>();

/** The sealed file of the module that a course folder `course/<nn-slug>` belongs to. */
export function sealedFile(courseDir: string): string {
  return path.join(path.dirname(courseDir), SEALED);
}

/** True where the suite is not on the disk and the module has a sealed file. */
export function isSealed({ courseDir, suiteFile }: Pick<Exercise, 'courseDir' | 'suiteFile'>): boolean {
  return !existsSync(suiteFile) && existsSync(sealedFile(courseDir));
}

/** What the module's sealed file holds; undefined when it has none, or this process has no key. UsageError for the wrong key, GraderError for a damaged file. */
export async function openedFor(courseDir: string): Promise<Opened | undefined> {
  const file = sealedFile(courseDir);
  if (!existsSync(file)) return undefined;
  const keys = await givenKeys();
  if (keys === undefined) return undefined;
  const text = await readFile(file, 'utf8');
  const version = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const key = `${file}?${version}`;
  let archive = opened.get(key);
  if (archive === undefined) {
    archive = openArchive(text, file, keys).then((one) => ({ archive: one, version }));
    opened.set(key, archive);
  }
  return archive;
}

/** True where the hidden tests can be run: the suite is not sealed, or the key is here. The errors of `openedFor`. */
export async function canBeJudged(exercise: Exercise): Promise<boolean> {
  return !isSealed(exercise) || (await openedFor(exercise.courseDir)) !== undefined;
}

/** UsageError for the first exercise that needs a key which is not here. */
export async function requireKey(exercises: readonly Exercise[], where: string): Promise<void> {
  for (const exercise of exercises) {
    if (await canBeJudged(exercise)) continue;
    const hint = 'set LADDER_SEAL_KEY_FILE to the file of the key, or LADDER_SEAL_KEY to the key itself (docs/sealing.md)';
    throw inWords(new UsageError(where, `the key of the sealed suite of ${exercise.id}`, 'none', { hint }), {
      message: `${where}：${exercise.id} 的测试已密封，需要密钥`,
      hint: '把 LADDER_SEAL_KEY_FILE 设为密钥文件，或把 LADDER_SEAL_KEY 设为密钥本身（docs/sealing.md）',
    });
  }
}

/** How many tests and thresholds of an exercise are sealed, and their points. GraderError when the file is damaged or does not know the exercise. */
export async function sealedPoints({ courseDir, folder, suiteFile }: Exercise): Promise<SealedIndex['exercises'][string]> {
  const file = sealedFile(courseDir);
  const { exercises } = await readIndex(await readFile(file, 'utf8'), file);
  const points = exercises[folder];
  if (points === undefined) throw new GraderError('suite', `${suiteFile}: expected a hidden suite, got none, nor one in ${file}`);
  return points;
}

/** The bytes of a file in a course folder, from the disk or from what is sealed; undefined when neither has it. */
export async function readCourseFile(courseDir: string, name: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(path.join(courseDir, name)).catch(() => undefined);
  if (bytes) return bytes;
  const sealed = await openedFor(courseDir);
  return sealed?.archive.files.get(`${path.basename(courseDir)}/${name}`);
}

/** The URL that imports a file of a course: of the disk, or of memory. Undefined when neither has it. UsageError where Node would keep what it compiles on the disk. */
export async function courseUrl(file: string): Promise<string | undefined> {
  if (existsSync(file)) return pathToFileURL(file).href;
  const courseDir = path.dirname(file);
  const sealed = await openedFor(courseDir);
  if (!sealed?.archive.files.has(`${path.basename(courseDir)}/${path.basename(file)}`)) return undefined;
  const cache = getCompileCacheDir();
  if (cache !== undefined) {
    const hint = 'unset NODE_COMPILE_CACHE: the texts of sealed suites would be written there';
    throw inWords(new UsageError('sealed suites', 'no compile cache', cache, { hint }), {
      message: `密封的测试不能与编译缓存同用：${cache}`,
      hint: '请取消 NODE_COMPILE_CACHE：否则密封的内容会写进缓存',
    });
  }
  const { serve } = await import('./loader.ts');
  return serve(path.dirname(courseDir), sealed.archive.files, sealed.version, file);
}
