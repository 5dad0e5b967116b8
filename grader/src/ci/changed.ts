/** The exercises that differ from an earlier commit. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Catalog, Exercise } from '../catalog/types.ts';
import { git } from './base.ts';

/** Another version of the grader or of a module may judge every exercise differently. */
const judges = ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'];

/**
 * Those of `exercises` with a file in `tree` that was added, edited or deleted between `commit` and HEAD; all of them when the course's own package.json or lock
 * file was. Rejects when git fails.
 */
export async function changedExercises(
  catalog: Catalog,
  exercises: readonly Exercise[],
  { tree, commit }: { readonly tree: string; readonly commit: string },
): Promise<readonly Exercise[]> {
  const top = await realpath(await git(tree, 'rev-parse', '--show-toplevel'));
  const names = await git(tree, 'diff', '--name-only', '--no-renames', '-z', commit, 'HEAD', '--', ':/');
  const files = names.split('\0').map((name) => path.join(top, name));
  const root = await realpath(catalog.root);
  if (files.some((file) => path.dirname(file) === root && judges.includes(path.basename(file)))) return exercises;
  const place = await realpath(tree);
  return exercises.filter((exercise) => {
    const folder = path.join(place, exercise.module.id, exercise.folder) + path.sep;
    return files.some((file) => file.startsWith(folder));
  });
}
