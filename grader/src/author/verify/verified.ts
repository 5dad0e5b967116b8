/** Which content of an exercise a full verification has seen: its hash, kept beside the exercise. Where it differs from today's, what stands there is not proven. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { programFor } from '../../catalog/catalog.ts';
import { readDerived } from '../../catalog/derived.ts';
import { scanImports } from '../../catalog/imports.ts';
import type { Exercise } from '../../catalog/types.ts';
import { openedFor } from '../../seal/course-files.ts';
import { writeDerived } from './derived-check.ts';

/** Written by `verify --write` itself. */
const GENERATED = 'derived.json';
const TEXT = /\.(ts|js|json|md)$/;

/** The hash that the last full verification wrote down; undefined when there was none. */
export async function readVerified(exercise: Exercise): Promise<string | undefined> {
  return (await readDerived(exercise).catch(() => undefined))?.verified; // a broken file is said elsewhere
}

/** Writes down what was verified in full. The rest of `derived.json` is there by then. */
export async function writeVerified(exercise: Exercise, verified: string): Promise<void> {
  const derived = await readDerived(exercise);
  if (derived) await writeDerived(exercise, { ...derived, verified });
}

/**
 * SHA-256 of all that a full verification of an exercise rests on and that is the author's: what goes into a box (the reference, its needs, `boxed.ts`), the
 * course folder (texts, suite, mutants, fixtures), and the files that these import. The grader and the backend are not in it.
 */
export async function hashOf(exercise: Exercise): Promise<string> {
  const { files, modules } = await programFor(exercise, { referenceText: await readFile(exercise.referenceFile, 'utf8') });
  const parts = new Map<string, Uint8Array>();
  for (const [name, text] of Object.entries({ ...files, ...modules })) parts.set(`program ${name}`, Buffer.from(text));
  for (const [name, bytes] of await courseFiles(exercise)) parts.set(name, bytes);
  const hash = createHash('sha256');
  for (const name of [...parts.keys()].sort()) {
    const bytes = parts.get(name)!;
    const content = TEXT.test(name) || name.startsWith('program ') ? Buffer.from(bytes).toString().replaceAll('\r\n', '\n') : bytes;
    hash.update(`${JSON.stringify(name)} ${createHash('sha256').update(content).digest('hex')}\n`);
  }
  return hash.digest('hex');
}

/** Path from `course/`, with `/` -> bytes: the folder's own files, sealed ones too, and what they import from elsewhere in the module. */
async function courseFiles({ courseDir, folder }: Exercise): Promise<Map<string, Uint8Array>> {
  const course = path.dirname(courseDir);
  const sealed = (await openedFor(courseDir))?.archive.files ?? new Map<string, Uint8Array>();
  const read = async (name: string): Promise<Uint8Array | undefined> =>
    (await readFile(path.join(course, name)).catch(() => undefined)) ?? sealed.get(name);
  const entries = await readdir(courseDir, { recursive: true, withFileTypes: true });
  const onDisk = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const names = onDisk.map((file) => path.relative(course, file).replaceAll('\\', '/'));
  const queue = [...names, ...[...sealed.keys()].filter((name) => name.startsWith(`${folder}/`))];

  const found = new Map<string, Uint8Array>();
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name) || path.posix.relative(folder, name) === GENERATED) continue;
    const bytes = await read(name);
    if (bytes === undefined) continue; // an import of a package's part, or of nothing: whoever runs it says so
    found.set(name, bytes);
    if (!/\.[jt]s$/.test(name)) continue;
    for (const { specifier } of scanImports(Buffer.from(bytes).toString()))
      if (specifier.startsWith('.')) queue.push(path.posix.join(path.posix.dirname(name), specifier));
  }
  return found;
}
