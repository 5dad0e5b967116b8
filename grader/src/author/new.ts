/** `ladder new module` and `ladder new exercise`: scaffolds that verify as they are. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { nearest } from '../catalog/find.ts';
import { loadCatalog } from '../catalog/load.ts';
import type { Catalog, ModuleInfo } from '../catalog/types.ts';
import { readIfThere, withLock, writeAtomic } from '../system/files.ts';
import { ownVersions } from '../system/versions.ts';
import { exerciseTemplate, functionName } from './exercise-template.ts';
import { moduleTemplate } from './module-template.ts';

export interface NewReport {
  /** Absolute path of the module's folder. */
  readonly folder: string;
  /** Paths from that folder. */
  readonly written: readonly string[];
  /** Id of the exercise that was made. */
  readonly exercise: string;
}

export interface NewModuleOptions {
  /** Where to put it. Default: `packages/<id>` in a workspace, else `./<id>`. */
  readonly folder?: string | undefined;
  /** Where the command runs. */
  readonly from?: string | undefined;
  readonly firstSlug?: string | undefined;
}

const slugRule = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** A module's package with one complete exercise. `name` is an id (`my-module`) or a package name (`@me/my-module`). UsageError for a folder that has files already. */
export async function newModule(
  name: string,
  { folder, from = process.cwd(), firstSlug = 'row-shares' }: NewModuleOptions = {},
): Promise<NewReport> {
  const id = basename(name);
  if (!slugRule.test(id) || !/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9-]+$/.test(name)) {
    throw new UsageError('ladder new module', 'a name like my-module or @me/my-module', JSON.stringify(name));
  }
  checkSlug(firstSlug);
  const workspace = workspaceAbove(from);
  const target = resolve(from, folder ?? (workspace === undefined ? id : join(workspace, 'packages', id)));
  const inWorkspace = workspace !== undefined && relative(join(workspace, 'packages'), target) === basename(target);
  if (existsSync(target) && (await readdir(target)).length > 0) throw new UsageError(target, 'an empty folder or none', 'files in it');

  const packageName = name.startsWith('@') || !inWorkspace ? name : `@llm-ladder/${name}`;
  const { grader, backend } = await ownVersions();
  const files = new Map([
    ...moduleTemplate({ packageName, id, firstSlug, inWorkspace, graderVersion: grader, backendVersion: backend }),
    ...exerciseTemplate({ module: id, slug: firstSlug, order: 1 }),
  ]);
  for (const [path, text] of files) await writeAtomic(join(target, path), text);
  return { folder: target, written: [...files.keys()], exercise: `${id}/${firstSlug}` };
}

/** The next exercise of a module that is being written here: `my-module/my-slug`, or the slug alone where there is one module. UsageError for a slug that is taken. */
export async function newExercise(words: string, from: string = process.cwd()): Promise<NewReport> {
  const catalog = await loadCatalog(from);
  const module = moduleOf(catalog, words);
  const slug = words.split('/').at(-1)!;
  checkSlug(slug);
  if (module.exercises.some((one) => one.slug === slug)) throw new UsageError(words, 'a slug that is not taken', `one of ${module.id}`);

  return withLock(catalog.root, async () => {
    const order = (module.exercises.at(-1)?.order ?? 0) + 1;
    const files = exerciseTemplate({ module: module.id, slug, order });
    for (const path of files.keys()) {
      if (existsSync(join(module.root, path)))
        throw new UsageError(join(module.root, path), 'no file of that name', 'one that is there already');
    }
    for (const [path, text] of files) await writeAtomic(join(module.root, path), text);
    const written = [...files.keys()];
    const index = await readIfThere(join(module.root, 'src', 'index.ts'));
    if (index !== undefined) {
      await writeAtomic(
        join(module.root, 'src', 'index.ts'),
        `${index.trimEnd()}\nexport { ${functionName(slug)} } from './${slug}.ts';\n`,
      );
      written.push('src/index.ts');
    }
    return { folder: module.root, written, exercise: `${module.id}/${slug}` };
  });
}

function moduleOf(catalog: Catalog, words: string): ModuleInfo {
  const own = catalog.modules.filter((module) => !module.packed);
  const id = words.includes('/') ? words.split('/')[0]! : own.length === 1 ? own[0]!.id : undefined;
  const module = own.find((one) => one.id === id);
  if (module !== undefined) return module;
  const ids = own.map((one) => one.id);
  const near = nearest(id ?? words, ids);
  throw new UsageError(words, '<module>/<slug> of a module that is written here', id === undefined ? 'no module' : JSON.stringify(id), {
    hint:
      near.length > 0 ? `near it: ${near.join(', ')}` : ids.length > 0 ? `here: ${ids.join(', ')}` : 'ladder new module <name> makes one',
  });
}

function checkSlug(slug: string): void {
  if (!slugRule.test(slug))
    throw new UsageError('ladder new exercise', 'a slug like my-slug (lower-case words joined by hyphens)', JSON.stringify(slug));
}

function workspaceAbove(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = resolve(folder, '..')) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml')) && existsSync(join(folder, 'packages'))) return folder;
    if (resolve(folder, '..') === folder) return undefined;
  }
}
