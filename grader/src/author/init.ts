/** `ladder init` and `ladder update`: a learner's folder from installed packages. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { loadCatalog } from '../catalog/load.ts';
import { findInstalled } from '../catalog/packages.ts';
import { inWords } from '../format/words.ts';
import { backUp, readIfThere, withLock, writeAtomic, writeIfAbsent } from '../system/files.ts';
import { npm, shellWord } from '../system/npm.ts';
import { ownVersions } from '../system/versions.ts';
import { json } from './module-template.ts';
import { projectFiles, projectPackage } from './project-template.ts';
import { type SyncReport, syncWorkspace } from './sync.ts';

export interface InitOptions {
  /** Where the command runs: paths among the modules start there. */
  readonly from?: string | undefined;
  /** Runs when something is not installed yet; default: npm. It is told the folder and the paths to install beside what package.json says. */
  readonly install?: ((folder: string, paths: readonly string[]) => Promise<unknown>) | undefined;
  readonly onProgress?: ((step: 'installing' | 'writing') => void) | undefined;
}

export interface InitReport {
  /** Absolute path. */
  readonly folder: string;
  readonly modules: readonly string[];
  /** Support files that were written, as paths from the folder; those that were there stay as they are. */
  readonly written: readonly string[];
  readonly installed: boolean;
  /** Where package.json was copied to before something was added to it. */
  readonly backup?: string;
  readonly sync: SyncReport;
}

type PackageJson = Record<string, unknown> & {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  scripts?: Record<string, string>;
};

/**
 * Makes a learner's folder, or completes one. A module is a package name, `transformer` for one of ours, or the path of a tarball or a folder.
 * UsageError for words that name no module; GraderError when npm fails. What is there already stays.
 */
export async function initProject(folder: string, modules: readonly string[] = [], options: InitOptions = {}): Promise<InitReport> {
  const { from = process.cwd(), install = installWithNpm, onProgress } = options;
  const root = resolve(from, folder);
  if (existsSync(join(root, 'pnpm-workspace.yaml')) || existsSync(join(root, 'course', 'module.ts'))) {
    const hint = 'ladder sync makes exercises/ there';
    throw inWords(new UsageError(root, 'a folder of its own', 'a folder where modules are written', { hint }), {
      message: `${root}：应为单独的目录，实为编写模块的目录`,
      hint: '那里用 ladder sync 生成 exercises/',
    });
  }
  if (existsSync(root) && !(await stat(root)).isDirectory())
    throw inWords(new UsageError(root, 'a folder or nothing', 'a file'), { message: `${root}：应为目录（或尚不存在），实为文件` });

  const before = await readPackage(root);
  const specs = wanted(modules, before, from, root);
  const { text, changed } = await completed(before, basename(root), specs.names);
  const backup = changed && before !== undefined ? await backUp(root, join(root, 'package.json')) : undefined;
  if (changed) await writeAtomic(join(root, 'package.json'), text);
  const missing =
    specs.paths.length > 0 || namesIn(JSON.parse(text) as PackageJson).some((name) => findInstalled(root, name) === undefined);
  if (missing) {
    onProgress?.('installing');
    await install(root, specs.paths);
  }

  onProgress?.('writing');
  const catalog = await loadCatalog(root);
  if (catalog.root !== root) {
    throw inWords(new UsageError(root, 'installed course modules', 'none', { hint: `npm install <module> in ${root}` }), {
      message: `${root}：没有安装课程模块`,
      hint: `在 ${root} 里运行 npm install <模块>`,
    });
  }
  const written = await withLock(root, async () => {
    const names: string[] = changed ? ['package.json'] : [];
    for (const [path, content] of projectFiles(basename(root))) if (await writeIfAbsent(join(root, path), content)) names.push(path);
    return names;
  });
  const sync = await syncWorkspace(catalog);
  const report = { folder: root, modules: catalog.modules.map(({ id }) => id), written, installed: missing, sync };
  return backup === undefined ? report : { ...report, backup };
}

/** Brings a learner's folder to the texts of the installed modules; edited files stay, with the new text beside them. UsageError where modules are written. */
export async function updateProject(folder: string): Promise<SyncReport> {
  const catalog = await loadCatalog(folder);
  if (catalog.kind !== 'project')
    throw inWords(
      new UsageError('ladder update', "a learner's folder", `${catalog.root}, where modules are written`, { hint: 'ladder sync' }),
      {
        message: `ladder update：应为学习者的目录，实为编写模块的目录 ${catalog.root}`,
      },
    );
  return syncWorkspace(catalog);
}

// --- helpers ---

function wanted(
  modules: readonly string[],
  before: PackageJson | undefined,
  from: string,
  root: string,
): { names: string[]; paths: string[] } {
  const names: string[] = [];
  const paths: string[] = [];
  for (const word of modules) {
    const path = resolve(from, word);
    if (/^[./~]|^[A-Za-z]:[\\/]|\.tgz$/.test(word)) {
      if (!existsSync(path))
        throw inWords(new UsageError('ladder init', 'a tarball or a folder', `${word}, which is not there`), {
          message: `ladder init：找不到压缩包或目录 ${word}`,
        });
      paths.push(path);
    } else if (/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/.test(word)) {
      const ours = `@llm-ladder/${word}`;
      names.push(word.includes('/') || (namesIn(before ?? {}).includes(word) && findInstalled(root, word) !== undefined) ? word : ours);
    } else
      throw inWords(new UsageError('ladder init', 'module names, tarballs or folders', JSON.stringify(word)), {
        message: `ladder init：应为模块名、压缩包或目录，实为 ${JSON.stringify(word)}`,
      });
  }
  const none =
    modules.length === 0 && !namesIn(before ?? {}).some((name) => name !== '@llm-ladder/backend' && name !== '@llm-ladder/grader');
  return { names: none ? ['@llm-ladder/transformer'] : names, paths };
}

async function completed(
  before: PackageJson | undefined,
  folderName: string,
  modules: readonly string[],
): Promise<{ text: string; changed: boolean }> {
  const defaults = projectPackage(
    folderName
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'my-ladder',
  );
  const { grader, backend } = await ownVersions();
  const after: PackageJson = { ...defaults, ...before };
  const known = new Set(namesIn(before ?? {}));
  const add = (entries: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(entries).filter(([name]) => !known.has(name)));
  after.scripts = { ...defaults.scripts, ...before?.scripts };
  // One release of the course has one minor version, so the modules' range is the grader's.
  const own = {
    '@llm-ladder/backend': `^${backend}`,
    ...Object.fromEntries(modules.map((name) => [name, name.startsWith('@llm-ladder/') ? `^${grader}` : '*'])),
  };
  after.dependencies = { ...before?.dependencies, ...add(own) };
  after.devDependencies = { ...before?.devDependencies, ...add({ '@llm-ladder/grader': `^${grader}`, ...defaults.devDependencies }) };
  const text = json(after);
  return { text, changed: before === undefined || json(before) !== text };
}

function namesIn({ dependencies, devDependencies }: PackageJson): string[] {
  return [...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})];
}

async function readPackage(root: string): Promise<PackageJson | undefined> {
  const text = await readIfThere(join(root, 'package.json'));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as PackageJson;
  } catch (error) {
    throw new UsageError(join(root, 'package.json'), 'JSON', (error as Error).message);
  }
}

function installWithNpm(folder: string, paths: readonly string[]): Promise<string> {
  return npm(folder, ['install', ...paths.map((path) => shellWord(relative(folder, path)))]);
}
