/** What goes into a box for one exercise: the files to judge, and the parts of the course that it may import. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Program } from '../box/types.ts';
import { cutSolution, cutStub, siblingsAsSubpaths } from '../format/regions.ts';
import { readCourseFile } from '../seal/course-files.ts';
import { readSubmission } from '../stage/stage.ts';
import { needsOf, shownFile } from './needs.ts';
import type { Exercise } from './types.ts';

/** A learner's folder `<tree>/<module>/<nn-slug>`, files as text, the reference, the stub, or a changed text of the reference (a mutant). */
export type ProgramSource =
  | { readonly folder: string }
  | { readonly files: Readonly<Record<string, string>> }
  | 'reference'
  | 'stub'
  | { readonly referenceText: string };

/** The program to judge, with the sources that its reference imports, itself or through others. The errors of `needsOf`. */
export async function programFor(exercise: Exercise, source: ProgramSource): Promise<Program> {
  const [files, { modules }, boxed] = await Promise.all([filesOf(exercise, source), needsOf(exercise), boxedSource(exercise)]);
  return { exercise: exercise.id, entry: exercise.manifest.file, files, modules, ...(boxed === undefined ? {} : { boxed }) };
}

async function filesOf(exercise: Exercise, source: ProgramSource): Promise<Readonly<Record<string, string>>> {
  if (typeof source === 'object' && 'files' in source) return source.files;
  // A folder that is a link must stay in its tree: next to the tree there may be the solutions.
  if (typeof source === 'object' && 'folder' in source) return readSubmission(source.folder, { within: dirname(dirname(source.folder)) });
  const options = { where: shownFile(exercise.referenceFile, exercise), packageName: exercise.module.packageName, exercise: exercise.id };
  const text = typeof source === 'object' ? source.referenceText : await readFile(exercise.referenceFile, 'utf8');
  if (source === 'stub') return { [exercise.manifest.file]: cutStub(text, options) };
  if (source === 'reference') return { [exercise.manifest.file]: cutSolution(text, options) };
  return { [exercise.manifest.file]: siblingsAsSubpaths(text, exercise.module.packageName) };
}

async function boxedSource(exercise: Exercise): Promise<string | undefined> {
  const bytes = await readCourseFile(exercise.courseDir, 'boxed.ts');
  return bytes && new TextDecoder().decode(bytes);
}
