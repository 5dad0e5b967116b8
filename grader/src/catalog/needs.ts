/** What an exercise builds on: the parts of the course that its reference imports, itself or through others. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { scanImports } from './imports.ts';
import { findInstalled, readPackage } from './packages.ts';
import type { Exercise } from './types.ts';

export interface Needs {
  /** The exercises among them, in the order of the ladder. */
  readonly exercises: readonly Exercise[];
  /** Package subpath -> TypeScript source, of exercises and of helper files alike. */
  readonly modules: Readonly<Record<string, string>>;
}

/**
 * Follows the imports of an exercise's reference; the reference itself is none of its needs.
 * UsageError for an import of the exercise itself or of a later one, of a module that is not here, and of a file that does not exist.
 */
export async function needsOf(exercise: Exercise): Promise<Needs> {
  const everything = exercise.module.siblings.flatMap((module) => module.exercises);
  const places = new Map(everything.map((one, place) => [one.referenceFile, place]));
  const own = places.get(exercise.referenceFile) ?? everything.length;
  const found = new Set<number>();
  const modules: Record<string, string> = {};

  const follow = async (file: string, text: string): Promise<void> => {
    for (const { specifier, line } of scanImports(text)) {
      const importer = `${shownFile(file, exercise)}:${line}`;
      const target = resolveSource(specifier, file, exercise, importer);
      if (target !== undefined) await add(target, importer);
    }
  };
  const add = async (file: string, importer: string): Promise<void> => {
    const place = places.get(file);
    if (place !== undefined && place >= own) {
      throw new UsageError(importer, `imports only of what comes before ${exercise.id}`, everything[place]!.id, {
        hint: 'move the shared part to a file of its own',
      });
    }
    if (place !== undefined) found.add(place);
    const name = subpath(file, exercise);
    if (name in modules) return;
    if (!existsSync(file)) throw new UsageError(importer, 'imports of files that exist', name);
    const text = await readFile(file, 'utf8');
    modules[name] = text;
    await follow(file, text);
  };

  if (existsSync(exercise.referenceFile)) await follow(exercise.referenceFile, await readFile(exercise.referenceFile, 'utf8'));
  return { exercises: everything.filter((_, place) => found.has(place)), modules };
}

/** A file of a package as errors name it: `@llm-ladder/transformer/src/attention.ts`. */
export function shownFile(file: string, { module }: Exercise): string {
  return `${module.packageName}/${relative(module.root, file).replaceAll('\\', '/')}`;
}

/** The source file behind a specifier, when it is a part of a module of the course; undefined for the backend and everything else. */
function resolveSource(specifier: string, file: string, { module }: Exercise, importer: string): string | undefined {
  if (specifier.startsWith('./')) return join(file, '..', specifier);
  const owner = module.siblings.find(({ packageName }) => specifier.startsWith(`${packageName}/`));
  if (owner !== undefined) return join(owner.root, 'src', `${specifier.slice(owner.packageName.length + 1)}.ts`);
  const [, name] = /^((?:@[^/]+\/)?[^@./:][^/:]*)\/./.exec(specifier) ?? [];
  const folder = name === undefined ? undefined : findInstalled(module.root, name);
  if (folder !== undefined && readPackage(folder)?.exports?.['./course'] !== undefined && folder !== module.root) {
    throw new UsageError(importer, 'imports of course modules that are here', specifier, { hint: `npm install ${name}` });
  }
  return undefined;
}

function subpath(file: string, exercise: Exercise): string {
  const owner = exercise.module.siblings.find((module) => !relative(join(module.root, 'src'), file).startsWith('..'));
  const inside = owner === undefined ? basename(file) : relative(join(owner.root, 'src'), file).replaceAll('\\', '/');
  return `${(owner ?? exercise.module).packageName}/${inside.replace(/\.ts$/, '')}`;
}
