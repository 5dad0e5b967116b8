/**
 * Puts the learner's files in the place of the reference's for every import that follows in this process:
 *   @llm-ladder/llm-train/llama, ./llama.ts from a file of the library   the learner's llama.ts where that part is the learner's
 *   either of them with ?reference                                        the reference's, as is everything that it imports
 * Files of the library that stay get ?mine, so that one which the grader has loaded before (with the reference's parts in it) is not used again.
 */
import { existsSync, realpathSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, dirname, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Exercise, ModuleInfo } from '../catalog/catalog.ts';
import { moduleFile } from '../catalog/packages.ts';
import type { MinePart } from './parts.ts';

const REFERENCE = '?reference';

/** From here on, imports of the parts that are the learner's give the learner's files. */
export function redirectToMine(parts: readonly MinePart[], modules: readonly ModuleInfo[]): void {
  const learners = parts.filter(({ whose }) => whose === 'learner');
  const fileFor = new Map(learners.map(({ from, file }) => [libraryFile(from), realpathSync(file)]));
  const written = modules.filter(({ packed }) => !packed);
  // What a learner's file imports by name is looked up where its reference lies: there every package that it may use is installed.
  const placeOf = new Map(learners.map(({ from, file }) => [dirname(realpathSync(file)), pathToFileURL(libraryFile(from)).href]));
  const libraries = modules.flatMap(({ root }) => ['src', 'dist'].map((folder) => `${root}${sep}${folder}${sep}`));

  registerHooks({
    resolve(specifier, context, nextResolve) {
      const marked = specifier.endsWith(REFERENCE);
      const name = marked ? specifier.slice(0, -REFERENCE.length) : specifier;
      const found = nextResolve(sourceOf(name), { ...context, parentURL: parentFor(name, context.parentURL) });
      if (!found.url.startsWith('file:')) return found;
      const file = fileURLToPath(withoutQuery(found.url));
      if (!libraries.some((library) => file.startsWith(library))) return found;
      const url = pathToFileURL(file).href;
      if (marked || context.parentURL?.endsWith(REFERENCE)) return { ...found, url: `${url}${REFERENCE}` };
      const mine = fileFor.get(file);
      return mine === undefined ? { ...found, url: `${url}?mine` } : nextResolve(pathToFileURL(mine).href, context);
    },
  });

  /** What a module here is imported by gives its source: an author's package exports a build. */
  function sourceOf(specifier: string): string {
    const module = written.find(({ packageName }) => specifier.startsWith(`${packageName}/`));
    const file = module && moduleFile(module, specifier.slice(module.packageName.length + 1));
    return file?.endsWith('.ts') ? pathToFileURL(file).href : specifier;
  }

  function parentFor(specifier: string, parentURL: string | undefined): string | undefined {
    if (parentURL === undefined || !parentURL.startsWith('file:') || /^(\.|\/|[a-z]+:)/.test(specifier)) return parentURL;
    return placeOf.get(dirname(fileURLToPath(withoutQuery(parentURL)))) ?? parentURL;
  }
}

/** The reference's module at a file, when `redirectToMine` may have put another in its place. */
export function importReference(file: string): Promise<unknown> {
  return import(/* @vite-ignore */ `${pathToFileURL(realpathSync(file)).href}${REFERENCE}`);
}

/** The file that an import of an exercise's subpath loads: the source where the module is written, its build in a package. */
function libraryFile(exercise: Exercise): string {
  const file = moduleFile(exercise.module, basename(exercise.manifest.file, '.ts'));
  return file !== undefined && existsSync(file) ? realpathSync(file) : exercise.referenceFile;
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '');
}
