/**
 * The program that runs in a box: a folder with box.mjs, what it loads, and the WASM binaries of TF.js, so that a box needs to read nothing else.
 * In the workspace it is built by esbuild when its sources change; the packed package carries it as dist/runtime.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GraderError } from '@llm-ladder/backend/errors';
import type { BuildOptions } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const wasmFiles = ['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm'];
let ready: Promise<string> | undefined;

/** The folder with box.mjs, built if need be; safe when several processes build at once. Throws GraderError when it cannot be built. */
export function ensureRuntime(): Promise<string> {
  ready ??= findOrBuild();
  // A failure is not remembered: the disk may have room again.
  ready.catch(() => {
    ready = undefined;
  });
  return ready;
}

async function findOrBuild(): Promise<string> {
  const packed = join(here, '..', 'runtime');
  if (existsSync(join(packed, 'box.mjs'))) return packed;
  try {
    return await runtimeIn(join(here, '..', '..', '.runtime'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') throw broken(error);
  }
  // A checkout that nobody may write to: a private folder for this process.
  const own = realpathSync(await mkdtemp(join(tmpdir(), 'llm-ladder-runtime-'))); // a box may read the real path only
  process.on('exit', () => rmSync(own, { recursive: true, force: true }));
  await buildRuntime(own).catch((error: unknown) => {
    throw broken(error);
  });
  return own;
}

/** The runtime of the present sources, in a folder of `store` that is named after their content. */
export async function runtimeIn(store: string): Promise<string> {
  const folder = join(store, contentKey());
  if (existsSync(join(folder, 'box.mjs'))) return folder;
  await mkdir(store, { recursive: true });
  await buildInto(folder, store);
  await prune(store, folder);
  return folder;
}

/** Builds beside the final place and moves it there in one step: whoever comes second throws its own away. */
async function buildInto(folder: string, store: string): Promise<void> {
  const draft = await mkdtemp(join(store, 'draft-'));
  try {
    await buildRuntime(draft);
    await chmod(draft, 0o755);
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(join(folder, 'box.mjs'))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Bundles the box's program into `folder`; also what the package's build calls for dist/runtime. */
export async function buildRuntime(folder: string): Promise<void> {
  const { build } = await import('esbuild');
  const { inside, backend } = sources();
  const shared = {
    bundle: true,
    platform: 'node' as const,
    target: 'node24',
    outdir: folder,
    logLevel: 'silent' as const,
    legalComments: 'none' as const,
    // node-fetch is never called, and would load Node's HTTP at every start.
    external: ['node-fetch', 'webgpu', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
  } satisfies BuildOptions;
  await Promise.all([
    build({
      ...shared,
      entryPoints: { box: join(inside, 'main.ts'), backend: join(backend, 'index.ts'), errors: join(backend, 'errors.ts') },
      format: 'esm',
      // TF.js's ES modules: its CommonJS builds carry a second core.
      mainFields: ['module', 'main'],
      splitting: true,
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunk-[hash]',
      // CommonJS inside the bundle (TF.js's WASM glue) asks for these.
      banner: {
        js: [
          "import { createRequire as ladderRequire } from 'node:module';",
          'const require = ladderRequire(import.meta.url);',
          'const __filename = import.meta.filename;',
          'const __dirname = import.meta.dirname;',
        ].join('\n'),
      },
    }),
    build({
      ...shared,
      entryPoints: { tests: join(inside, 'vitest-shim.ts') },
      format: 'cjs',
      minify: true,
      outExtension: { '.js': '.cjs' },
    }),
  ]);
  const wasm = dirname(createRequire(join(backend, 'index.ts')).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  for (const name of wasmFiles) await cp(join(wasm, 'dist', name), join(folder, name));
}

function sources(): { inside: string; backend: string } {
  return { inside: join(here, 'inside'), backend: dirname(fileURLToPath(import.meta.resolve('@llm-ladder/backend/errors'))) };
}

/** Changes whenever a file does that goes into the bundle. */
function contentKey(): string {
  const { backend } = sources();
  const hash = createHash('sha256');
  const add = (path: string): void => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  };
  for (const path of [
    here,
    backend,
    join(here, '..', 'words.ts'),
    join(backend, '..', 'generated'),
    join(backend, '..', 'package.json'),
    join(here, '..', '..', 'package.json'),
  ])
    add(path);
  return hash.digest('hex').slice(0, 16);
}

/** Other builds, once they are a day old: a running grader may still use a younger one. */
async function prune(store: string, current: string): Promise<void> {
  const old = Date.now() - 24 * 3600 * 1000;
  for (const name of readdirSync(store)) {
    const path = join(store, name);
    if (path !== current && (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? old) < old)
      await rm(path, { recursive: true, force: true });
  }
}

function broken(cause: unknown): GraderError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new GraderError('runtime', `box: expected to build the program that runs in a box, got ${message}`, {
    hint: 'npm install',
    cause,
  });
}
