/** Finds the modules of a folder: a workspace, one author's module, or a learner's project with modules among its dependencies. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { inWords } from '../format/words.ts';
import { isSealed } from '../seal/course-files.ts';
import { findExercise, selectExercises } from './find.ts';
import { exerciseFolders, readExercise, readModule } from './manifests.ts';
import { exportedFile, findInstalled, readPackage } from './packages.ts';
import type { Catalog, Exercise, ModuleInfo } from './types.ts';

/**
 * The modules that a folder sees, in the order of their chapters.
 * UsageError for a folder without modules and for a manifest that does not hold.
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

/** One module with its exercises; `shownFrom` is the folder that paths in errors start at, `siblings` the list that the module joins. */
export async function loadModule(
  packageRoot: string,
  manifestFile: string,
  shownFrom: string,
  siblings: readonly ModuleInfo[],
): Promise<ModuleInfo> {
  const manifest = await readModule(manifestFile, shown(manifestFile, shownFrom));
  const root = realpathSync(packageRoot);
  const packageName = readPackage(root)?.name;
  if (packageName === undefined) throw new UsageError(shown(join(packageRoot, 'package.json'), shownFrom), 'a package name', 'none');

  const exercises: Exercise[] = [];
  const module: ModuleInfo = {
    id: manifest.id,
    packageName,
    root,
    title: manifest.title,
    chapter: manifest.chapter,
    exercises,
    siblings,
    packed: manifestFile.endsWith('.js'),
  };
  const shownDir = shown(dirname(manifestFile), shownFrom);
  exercises.push(...(await loadExercises(module, dirname(realpathSync(manifestFile)), shownDir)));
  return module;
}

/** The exercises of a module, in the order of their folders. */
async function loadExercises(module: ModuleInfo, courseDir: string, shownDir: string): Promise<Exercise[]> {
  const extension = module.packed ? 'js' : 'ts';
  const exercises = await Promise.all(
    exerciseFolders(courseDir, shownDir).map(async ({ name, order, slug }): Promise<Exercise> => {
      const dir = join(courseDir, name);
      const manifest = await readExercise(join(dir, `exercise.${extension}`), `${shownDir}/${name}/exercise.${extension}`);
      const sealed = isSealed({ courseDir: dir, suiteFile: join(dir, `hidden.test.${extension}`) });
      const hidden = sealed ? 'ts' : extension; // what is sealed stays as it was written
      return {
        id: `${module.id}/${slug}`,
        module,
        slug,
        order,
        folder: name,
        manifest,
        referenceFile: join(module.root, 'src', manifest.file),
        courseDir: dir,
        suiteFile: join(dir, `hidden.test.${hidden}`),
        mutantsFile: join(dir, `mutants.${hidden}`),
        sealed,
      };
    }),
  );
  for (const [index, { manifest, folder }] of exercises.entries()) {
    const twin = exercises.slice(0, index).find((one) => one.manifest.file === manifest.file);
    if (twin === undefined) continue;
    const where = `${shownDir}/${folder}/exercise.${extension}: file`;
    throw new UsageError(where, 'a file of its own', `${JSON.stringify(manifest.file)}, the file of ${twin.folder}`);
  }
  return exercises;
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

function checkTogether(modules: readonly ModuleInfo[], root: string): void {
  const owners = new Map<string, ModuleInfo>();
  for (const module of modules) {
    const other = owners.get(module.id);
    if (other !== undefined)
      throw new UsageError(shown(module.root, root), 'a module id of its own', `${module.id}, the id of ${other.packageName}`);
    owners.set(module.id, module);
  }
}

function shown(path: string, from: string): string {
  return relative(from, path).replaceAll('\\', '/') || '.';
}
