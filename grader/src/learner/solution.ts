/** The solution of an exercise: to read, or to take over with a backup of what it replaces. */

import { exerciseFiles } from '../author/tree.ts';
import { sourceFileOf } from '../catalog/folders.ts';
import type { Catalog, Exercise } from '../catalog/types.ts';
import { backUp, hashOf, readIfThere, withLock, writeAtomic } from '../system/files.ts';

/** The solved file as text, as it would lie in `solutions/`. */
export async function solutionOf(catalog: Catalog, exercise: Exercise): Promise<string> {
  return (await exerciseFiles(exercise, 'solutions', catalog.root)).get(exercise.manifest.file)!;
}

/** Writes the solution to the learner's file; `backup` is where their own text went, if they had one that differs. */
export async function applySolution(catalog: Catalog, exercise: Exercise): Promise<{ readonly file: string; readonly backup?: string }> {
  const text = await solutionOf(catalog, exercise);
  const file = sourceFileOf(catalog, exercise);
  return withLock(catalog.root, async () => {
    const onDisk = await readIfThere(file);
    const differs = onDisk !== undefined && hashOf(onDisk) !== hashOf(text);
    const backup = differs ? await backUp(catalog.root, file) : undefined;
    await writeAtomic(file, text);
    return backup === undefined ? { file } : { file, backup };
  });
}
