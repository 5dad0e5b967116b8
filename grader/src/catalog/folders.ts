/** Where an exercise lies in the tree that learners work in. */
import { join } from 'node:path';
import type { Catalog, Exercise } from './types.ts';

/** The folder of one exercise below `exercises/`, `solutions/` or another tree of that layout. */
export function folderOf(catalog: Catalog, exercise: Exercise, tree = 'exercises'): string {
  return join(catalog.root, tree, exercise.module.id, exercise.folder);
}

/** The file that a learner writes. */
export function sourceFileOf(catalog: Catalog, exercise: Exercise): string {
  return join(folderOf(catalog, exercise), exercise.manifest.file);
}
