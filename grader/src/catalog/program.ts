/** What goes into a box for one exercise: the files to judge, and the parts of the course that it may import. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import type { Program } from '../box/types.ts';
import { cutSolution, cutStub, siblingsAsSubpaths } from '../format/regions.ts';
import { readCourseFile } from '../seal/course-files.ts';
import { readSubmission } from '../stage/stage.ts';
import { scanImports } from './imports.ts';
import type { Exercise } from './types.ts';

/** A learner's folder `<tree>/<module>/<nn-slug>`, files as text, the reference, the stub, or a changed text of the reference (a mutant). */
export type ProgramSource =
  | { readonly folder: string }
  | { readonly files: Readonly<Record<string, string>> }
  | 'reference'
  | 'stub'
  | { readonly referenceText: string };

/** The program to judge, with the sources of its transitive `needs` and of the helper files that these import. UsageError for a reference that imports a part it does not need. */
export async function programFor(exercise: Exercise, source: ProgramSource): Promise<Program> {
  const [files, modules, boxed] = await Promise.all([filesOf(exercise, source), neededModules(exercise), boxedSource(exercise)]);
  return { exercise: exercise.id, entry: exercise.manifest.file, files, modules, ...(boxed === undefined ? {} : { boxed }) };
}

async function filesOf(exercise: Exercise, source: ProgramSource): Promise<Readonly<Record<string, string>>> {
  if (typeof source === 'object' && 'files' in source) return source.files;
  // A folder that is a link must stay in its tree: next to the tree there may be the solutions.
  if (typeof source === 'object' && 'folder' in source) return readSubmission(source.folder, { within: dirname(dirname(source.folder)) });
  const options = { where: shownReference(exercise), packageName: exercise.module.packageName, exercise: exercise.id };
  const text = typeof source === 'object' ? source.referenceText : await readFile(exercise.referenceFile, 'utf8');
  if (source === 'stub') return { [exercise.manifest.file]: cutStub(text, options) };
  if (source === 'reference') return { [exercise.manifest.file]: cutSolution(text, options) };
  return { [exercise.manifest.file]: siblingsAsSubpaths(text, exercise.module.packageName) };
}

async function boxedSource(exercise: Exercise): Promise<string | undefined> {
  const bytes = await readCourseFile(exercise.courseDir, 'boxed.ts');
  return bytes && new TextDecoder().decode(bytes);
}

/** Every exercise that this one may build on, itself excluded. */
export function neededExercises(exercise: Exercise, everything: readonly Exercise[]): Exercise[] {
  const found = new Map<string, Exercise>();
  const visit = (id: string): void => {
    const need = everything.find((one) => one.id === id);
    if (need === undefined || found.has(id)) return;
    found.set(id, need);
    for (const next of need.manifest.needs) visit(next);
  };
  for (const id of exercise.manifest.needs) visit(id);
  return [...found.values()];
}

/** Package subpath -> TypeScript source: the needs, and the files of their packages that they and the reference import. */
async function neededModules(exercise: Exercise): Promise<Record<string, string>> {
  const everything = exercise.module.siblings.flatMap((module) => module.exercises);
  const allowed = neededExercises(exercise, everything);
  const exerciseFiles = new Map(everything.map((one) => [one.referenceFile, one]));
  const modules: Record<string, string> = {};

  const add = async (file: string, importer: string): Promise<void> => {
    const owner = exerciseFiles.get(file);
    if (owner !== undefined && !allowed.includes(owner)) {
      throw new UsageError(importer, `imports only of what ${exercise.id} needs`, owner.id, {
        hint: `add '${owner.id}' to the needs of ${exercise.id}, or move the shared part`,
      });
    }
    const name = subpath(file, exercise);
    if (name in modules) return;
    if (!existsSync(file)) throw new UsageError(importer, 'imports of files that exist', name);
    const text = await readFile(file, 'utf8');
    modules[name] = text;
    await follow(file, text);
  };

  const follow = async (file: string, text: string): Promise<void> => {
    for (const { specifier, line } of scanImports(text)) {
      const target = resolveSource(specifier, file, exercise);
      if (target !== undefined) await add(target, `${shownFile(file, exercise)}:${line}`);
    }
  };

  for (const need of allowed) await add(need.referenceFile, need.id);
  if (existsSync(exercise.referenceFile)) await follow(exercise.referenceFile, await readFile(exercise.referenceFile, 'utf8'));
  return modules;
}

/** The source file behind a specifier, when it is a part of a module of the course; undefined for the backend and everything else. */
function resolveSource(specifier: string, importer: string, exercise: Exercise): string | undefined {
  if (specifier.startsWith('./')) return join(importer, '..', specifier);
  const owner = exercise.module.siblings.find((module) => specifier.startsWith(`${module.packageName}/`));
  return owner === undefined ? undefined : join(owner.root, 'src', `${specifier.slice(owner.packageName.length + 1)}.ts`);
}

function subpath(file: string, exercise: Exercise): string {
  const owner = exercise.module.siblings.find((module) => !relative(join(module.root, 'src'), file).startsWith('..'));
  const inside = owner === undefined ? basename(file) : relative(join(owner.root, 'src'), file).replaceAll('\\', '/');
  return `${(owner ?? exercise.module).packageName}/${inside.replace(/\.ts$/, '')}`;
}

function shownReference(exercise: Exercise): string {
  return shownFile(exercise.referenceFile, exercise);
}

function shownFile(file: string, exercise: Exercise): string {
  return `${exercise.module.packageName}/${relative(exercise.module.root, file).replaceAll('\\', '/')}`;
}
