/** Finds the modules of a folder: a workspace, one author's module, or a learner's project with modules among its dependencies. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LadderError, UsageError } from '@llm-ladder/backend/errors';
import type { z } from 'zod';
import type { ModuleManifest } from '../format/manifest.ts';
import { moduleSchema, ordersOf } from '../format/manifest.ts';
import { inWords } from '../format/words.ts';
import { isSealed } from '../seal/course-files.ts';
import { findExercise, selectExercises } from './find.ts';
import { exportedFile, findInstalled, readPackage } from './packages.ts';
import type { Catalog, Exercise, ModuleInfo } from './types.ts';

/**
 * The modules that a folder sees, in the order of their chapters.
 * UsageError for a folder without modules, a manifest that does not hold, and a need that no module here provides.
 */
export async function loadCatalog(from: string): Promise<Catalog> {
  const { root, kind, places } = modulePlaces(from);
  const all: ModuleInfo[] = [];
  for (const place of places) all.push(await loadModule(place.root, place.manifest, root, all));
  all.sort((a, b) => a.chapter - b.chapter || (a.id < b.id ? -1 : 1));
  checkTogether(all, root);
  // What an author's module builds on is there for `needs`, but it is not theirs to sync or to verify.
  const modules = kind === 'author' ? all.filter((module) => module.root === realpathSync(root)) : all;
  const catalog: Catalog = {
    root,
    kind,
    workspace: kind !== 'project',
    modules,
    find: (words) => findExercise(catalog, words),
    select: (words) => selectExercises(catalog, words),
  };
  return catalog;
}

/** The root of a folder and the packages that are its modules, none of them loaded. UsageError for a folder without modules. */
export function modulePlaces(from: string): { root: string; kind: Catalog['kind']; places: readonly Place[] } {
  const start = resolve(from);
  if (!existsSync(start)) throw new UsageError(from, 'a folder', 'nothing there');
  const { root, kind } = findRoot(start);
  return { root, kind, places: kind === 'workspace' ? workspacePlaces(root) : projectPlaces(root, kind) };
}

/** The reading of one module's manifest; `shownFrom` is the folder that paths in errors start at, `siblings` the list that the module joins. */
export async function loadModule(
  packageRoot: string,
  manifestFile: string,
  shownFrom: string,
  siblings: readonly ModuleInfo[],
): Promise<ModuleInfo> {
  const where = shown(manifestFile, shownFrom);
  const manifest = checkManifest(await importDefault(manifestFile, where), where);
  const root = realpathSync(packageRoot);
  const packageName = readPackage(root)?.name;
  if (packageName === undefined) throw new UsageError(shown(join(packageRoot, 'package.json'), shownFrom), 'a package name', 'none');

  const packed = manifestFile.endsWith('.js');
  const courseDir = dirname(realpathSync(manifestFile));
  const exercises: Exercise[] = [];
  const module: ModuleInfo = {
    id: manifest.id,
    packageName,
    root,
    title: manifest.title,
    chapter: manifest.chapter,
    exercises,
    siblings,
    packed,
  };
  const orders = ordersOf(manifest.exercises);
  for (const [index, entry] of manifest.exercises.entries()) {
    const order = orders[index]!;
    const folder = `${String(order).padStart(2, '0')}-${entry.slug}`;
    const dir = join(courseDir, folder);
    const built = join(dir, packed ? 'hidden.test.js' : 'hidden.test.ts');
    const sealed = isSealed({ courseDir: dir, suiteFile: built });
    const extension = packed && !sealed ? 'js' : 'ts'; // what is sealed stays as it was written
    exercises.push({
      id: `${manifest.id}/${entry.slug}`,
      module,
      slug: entry.slug,
      order,
      folder,
      manifest: entry,
      referenceFile: join(root, 'src', entry.file),
      courseDir: dir,
      suiteFile: join(dir, `hidden.test.${extension}`),
      mutantsFile: join(dir, `mutants.${extension}`),
      sealed,
    });
  }
  return module;
}

/** The files of an exercise that are not there, as paths from its package. */
export function missingFiles(exercise: Exercise): string[] {
  const needed = [
    exercise.referenceFile,
    ...['README.md', 'README.zh.md', visibleTestName(exercise)].map((name) => join(exercise.courseDir, name)),
  ];
  return [...needed, ...(exercise.sealed ? [] : [exercise.suiteFile, exercise.mutantsFile])]
    .filter((path) => !existsSync(path))
    .map((path) => shown(path, exercise.module.root));
}

/** `attention.test.ts` for `attention.ts`. */
export function visibleTestName(exercise: Exercise): string {
  return exercise.manifest.file.replace(/\.ts$/, '.test.ts');
}

// --- where modules are ---

function findRoot(start: string): { root: string; kind: Catalog['kind'] } {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = kindOf(folder);
    if (found !== undefined) return { root: folder, kind: found };
    if (dirname(folder) === folder) break;
  }
  const hint = 'npx ladder init <folder> @llm-ladder/transformer makes one';
  throw inWords(new UsageError(start, 'a folder with course modules (here or above)', 'none', { hint }), {
    message: `${start}：此目录及其上级都没有课程模块`,
    hint: 'npx ladder init <目录> @llm-ladder/transformer 可以建一个',
  });
}

function kindOf(folder: string): Catalog['kind'] | undefined {
  // Inside the workspace a module's own folder is not a root: the workspace above it is.
  if (existsSync(join(folder, 'course', 'module.ts'))) return insideWorkspace(folder) ? undefined : 'author';
  if (existsSync(join(folder, 'pnpm-workspace.yaml')) && workspacePlaces(folder).length > 0) return 'workspace';
  if (existsSync(join(folder, 'package.json')) && projectPlaces(folder, 'project').length > 0) return 'project';
  return undefined;
}

function insideWorkspace(folder: string): boolean {
  const above = dirname(dirname(folder));
  return existsSync(join(above, 'pnpm-workspace.yaml')) && dirname(folder) === join(above, 'packages');
}

interface Place {
  readonly root: string;
  readonly manifest: string;
  readonly packed: boolean;
}

function workspacePlaces(root: string): Place[] {
  const packages = join(root, 'packages');
  if (!existsSync(packages)) return [];
  return readdirSync(packages)
    .sort()
    .map((name) => ({ root: join(packages, name), manifest: join(packages, name, 'course', 'module.ts'), packed: false }))
    .filter((place) => existsSync(place.manifest));
}

function projectPlaces(root: string, kind: Catalog['kind']): Place[] {
  const places: Place[] = kind === 'author' ? [{ root, manifest: join(root, 'course', 'module.ts'), packed: false }] : [];
  const own = readPackage(root);
  for (const name of Object.keys({ ...own?.dependencies, ...own?.devDependencies }).sort()) {
    const folder = findInstalled(root, name);
    if (folder === undefined || name === '@llm-ladder/grader' || readPackage(folder)?.exports?.['./course'] === undefined) continue;
    const manifest = exportedFile(folder, './course');
    if (manifest !== undefined) places.push({ root: folder, manifest, packed: manifest.endsWith('.js') });
  }
  return places;
}

// --- what a manifest says ---

async function importDefault(file: string, where: string): Promise<unknown> {
  if (!existsSync(file)) throw new UsageError(where, 'the module manifest', 'no file');
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as typeof loaded;
  } catch (error) {
    if (LadderError.isInstance(error)) throw error;
    const { message } = error as Error;
    throw new UsageError(where, 'a module manifest that loads', message.split('\n')[0] ?? 'an error', { cause: error });
  }
  if (loaded.default === undefined) throw new UsageError(where, 'export default defineModule({ ... })', 'no default export');
  return loaded.default;
}

/** The manifest, or one UsageError about its first fault: `packages/x/course/module.ts: exercises[2].points.tests: expected int, got "3"`. */
export function checkManifest(value: unknown, where: string): ModuleManifest {
  const result = moduleSchema.safeParse(value);
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues;
  const more = others.length === 0 ? '' : ` (and ${others.length} more to fix after it)`;
  throw faultOf(first!, value, where, more);
}

function faultOf(issue: z.core.$ZodIssue, value: unknown, where: string, more: string): UsageError {
  let path = [...issue.path];
  let expected = issue.message.replace(/^expected /, '').replace(/, got .*$/, '');
  if (issue.code === 'unrecognized_keys') {
    path = [...path, issue.keys[0]!];
    expected = 'no such field (a typo?)';
  } else if (issue.code === 'invalid_type') expected = issue.expected;
  else if (issue.code === 'invalid_value') expected = issue.values.map((one) => JSON.stringify(one)).join(' or ');
  else if (issue.code === 'too_small')
    expected = `${issue.origin === 'array' ? 'a list of ' : ''}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
  else if (issue.code === 'too_big')
    expected = `${issue.origin === 'array' ? 'a list of ' : ''}${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
  const got = path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? at[key as never] : undefined), value);
  const text = got === undefined ? 'nothing' : (JSON.stringify(got) ?? String(got));
  const dotted = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return new UsageError(
    `${where}: ${dotted.replace(/^\./, '') || 'default export'}`,
    expected,
    `${text.length > 80 ? `${text.slice(0, 77)}...` : text}${more}`,
    {
      hint: 'docs/authoring.md lists every field of a manifest',
    },
  );
}

function checkTogether(modules: readonly ModuleInfo[], root: string): void {
  const owners = new Map<string, ModuleInfo>();
  for (const module of modules) {
    const other = owners.get(module.id);
    if (other !== undefined)
      throw new UsageError(shown(module.root, root), 'a module id of its own', `${module.id}, the id of ${other.packageName}`);
    owners.set(module.id, module);
  }
  const ids = new Set(modules.flatMap((module) => module.exercises.map((exercise) => exercise.id)));
  for (const exercise of modules.flatMap((module) => module.exercises)) {
    for (const need of exercise.manifest.needs) {
      if (ids.has(need)) continue;
      throw new UsageError(`${exercise.id}: needs`, 'exercises of modules that are here', need, {
        hint: `install the module ${need.split('/')[0]}`,
      });
    }
  }
}

function shown(path: string, from: string): string {
  return relative(from, path).replaceAll('\\', '/') || '.';
}
