/** Builds a module for publishing: `dist/` (the library), `dist/course/` (manifest, suites, mutants, READMEs, fixtures); `src/` travels as text. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '@llm-ladder/backend/errors';
import { rewriteImports } from '../catalog/imports.ts';
import { loadModule, missingFiles, visibleTestName } from '../catalog/load.ts';
import type { ModuleInfo } from '../catalog/types.ts';
import { readIndex } from '../seal/archive.ts';
import { checkNotTwice } from '../seal/seal.ts';

export interface BuildReport {
  readonly module: string;
  /** Paths below `dist/course/`. */
  readonly courseFiles: readonly string[];
}

/** Builds the module in `root` afresh. UsageError for a broken manifest, a file that an exercise lacks, a type error, and a missing TypeScript. */
export async function buildModule(root: string): Promise<BuildReport> {
  const folder = resolve(root);
  const module = await loadModule(folder, join(folder, 'course', 'module.ts'), folder, []);
  const sealed = join(folder, 'course', 'sealed.age');
  if (existsSync(sealed)) await checkNotTwice(module, await readIndex(await readFile(sealed, 'utf8'), sealed), sealed);
  const missing = module.exercises.flatMap(missingFiles);
  if (missing.length > 0) throw new UsageError(module.packageName, 'every file that its exercises need', `none at ${missing.join(', ')}`);
  await rm(join(folder, 'dist'), { recursive: true, force: true });
  await compile(folder);
  return { module: module.id, courseFiles: await buildCourse(folder, module) };
}

async function compile(folder: string): Promise<void> {
  const config = join(folder, 'tsconfig.build.json');
  if (!existsSync(config))
    throw new UsageError(config, 'the tsconfig that builds src/ to dist/', 'no file', { hint: 'ladder new module shows one' });
  let manifest: string;
  try {
    manifest = createRequire(join(folder, 'package.json')).resolve('typescript/package.json');
  } catch (cause) {
    throw new UsageError(folder, 'TypeScript among the devDependencies', 'none', { cause, hint: 'npm install --save-dev typescript' });
  }
  const tsc = join(dirname(manifest), 'bin', 'tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', config], { cwd: folder, maxBuffer: 1 << 24 });
  } catch (error) {
    const { stdout, message } = error as { stdout?: string; message: string };
    throw new UsageError(folder, 'sources that type-check', (stdout || message).trim());
  }
}

async function buildCourse(folder: string, module: ModuleInfo): Promise<string[]> {
  const course = join(folder, 'course');
  const out = join(folder, 'dist', 'course');
  const asText = new Set(
    module.exercises.flatMap((exercise) => [join(exercise.folder, visibleTestName(exercise)), join(exercise.folder, 'boxed.ts')]),
  );
  const written: string[] = [];
  for (const entry of await readdir(course, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const path = relative(course, from);
    const compiles = path.endsWith('.ts') && !asText.has(path) && !path.includes(`fixtures`);
    const to = join(out, compiles ? path.replace(/\.ts$/, '.js') : path);
    await mkdir(dirname(to), { recursive: true });
    if (compiles) await writeFile(to, stripped(await readFile(from, 'utf8'), from, to, folder));
    else await copyFile(from, to);
    written.push(relative(out, to).replaceAll('\\', '/'));
  }
  const types =
    "import type { ModuleManifest } from '@llm-ladder/grader/course';\n\ndeclare const module: ModuleManifest;\nexport default module;\n";
  await writeFile(join(out, 'module.d.ts'), types);
  return [...written, 'module.d.ts'].sort();
}

/** JavaScript with the lines of the source, importing built files: `./x.ts` -> `./x.js`, `../../src/x.ts` -> `../../x.js`. */
function stripped(source: string, from: string, to: string, folder: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {}; // Node calls its stripper experimental, once a process
  const code = stripTypeScriptTypes(source);
  process.emitWarning = emitWarning;
  return rewriteImports(code, (specifier) => {
    if (!/^\.\.?\/.*\.ts$/.test(specifier)) return undefined;
    const inSources = relative(join(folder, 'src'), join(dirname(from), specifier));
    const target = inSources.startsWith('..') ? specifier : relative(dirname(to), join(folder, 'dist', inSources));
    const path = target.replaceAll('\\', '/').replace(/\.ts$/, '.js');
    return path.startsWith('.') ? path : `./${path}`;
  });
}
