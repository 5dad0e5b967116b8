/** Starts an exercise again: the learner's files are copied away first. */
import { join } from 'node:path';
import { exerciseFiles } from '../author/tree.ts';
import { folderOf } from '../catalog/folders.ts';
import type { Catalog, Exercise } from '../catalog/types.ts';
import { backUp, hashOf, readIfThere, withLock, writeAtomic } from '../system/files.ts';

export interface ResetReport {
  /** Absolute paths of the files that are as new now. */
  readonly restored: readonly string[];
  /** Where the texts that they replaced lie, in the same order where there was one. */
  readonly backups: readonly { readonly from: string; readonly to: string }[];
}

/** Puts back every generated file of the exercise that differs; other files in its folder stay. GraderError when a backup cannot be written, and then nothing is changed. */
export async function resetExercise(catalog: Catalog, exercise: Exercise): Promise<ResetReport> {
  const files = await exerciseFiles(exercise, 'exercises', catalog.root);
  return withLock(catalog.root, async () => {
    const folder = folderOf(catalog, exercise);
    const differing: { file: string; text: string; onDisk: string | undefined }[] = [];
    for (const [name, text] of files) {
      const file = join(folder, name);
      const onDisk = await readIfThere(file);
      if (onDisk === undefined || hashOf(onDisk) !== hashOf(text)) differing.push({ file, text, onDisk });
    }
    const backups: { from: string; to: string }[] = [];
    for (const { file, onDisk } of differing) if (onDisk !== undefined) backups.push({ from: file, to: await backUp(catalog.root, file) });
    for (const { file, text } of differing) await writeAtomic(file, text);
    return { restored: differing.map(({ file }) => file), backups };
  });
}
