/**
 * Where the `tensorflow` backend lives on this machine: one folder per user and version, outside every project, so that it is fetched once.
 *   <cache>/tensorflow/<version>-<cpu|cuda>/
 *     manifest.json       what was installed; written last, read by everyone
 *     backend.cjs         the JavaScript of @tensorflow/tfjs-node-gpu, packed into one file
 *     binding/            the compiled N-API binding and our training ops
 *     site/               the TensorFlow wheel, laid out as pip does it (absent when a TensorFlow on this machine is used in place)
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The TensorFlow that is fetched. An installed one is used in place from OLDEST_TENSORFLOW on. */
export const TENSORFLOW_VERSION = '2.21.0';
export const OLDEST_TENSORFLOW: readonly [number, number] = [2, 16];
/** Counts changes of what the folder holds and of our C++ in it: a folder of another layout is as good as absent. */
export const LAYOUT = 3;

export type Flavour = 'cpu' | 'cuda';

export interface Manifest {
  readonly layout: number;
  readonly flavour: Flavour;
  /** False for a CUDA build that finds CUDA's own libraries elsewhere, or computes on the CPU. */
  readonly cudaLibraries?: boolean;
  readonly version: string;
  /** The folder that holds libtensorflow_cc.so.2: absolute for a TensorFlow found on this machine, else relative to the manifest. */
  readonly libraries: string;
  readonly builtWith: string;
  readonly installedAt: string;
}

export interface Installed {
  readonly folder: string;
  readonly libraries: string;
  readonly manifest: Manifest;
}

/** The per-user cache of LLM Ladder: LADDER_CACHE, else what the platform calls a cache. */
export function cacheRoot(): string {
  const { LADDER_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (LADDER_CACHE) return LADDER_CACHE;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'llm-ladder');
  if (process.platform === 'win32') return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'llm-ladder', 'Cache');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'llm-ladder');
}

export function tensorflowHome(cacheDir: string = cacheRoot()): string {
  return join(cacheDir, 'tensorflow');
}

export function installFolder(flavour: Flavour, cacheDir?: string): string {
  return join(tensorflowHome(cacheDir), `${TENSORFLOW_VERSION}-${flavour}`);
}

/** What is installed in a folder, or why it cannot be used. */
export function readInstalled(folder: string): Installed | { readonly reason: string } {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  } catch {
    return { reason: 'it is not installed' };
  }
  if (manifest.layout !== LAYOUT)
    return { reason: `it was installed by another version of LLM Ladder (layout ${manifest.layout}, expected ${LAYOUT})` };
  const libraries = manifest.libraries.startsWith('/') ? manifest.libraries : join(folder, manifest.libraries);
  const ours = ['binding/tfjs_binding.node', 'binding/training_ops.node', 'backend.cjs'].map((name) => join(folder, name));
  const needed = [join(libraries, 'libtensorflow_cc.so.2'), ...ours];
  const gone = needed.find((file) => !existsSync(file));
  if (gone !== undefined) return { reason: `${gone} is gone` };
  return { folder: realpathSync(folder), libraries: realpathSync(libraries), manifest };
}

/** The installation that the backend uses: the CUDA build where there is one (it falls back to the CPU without a driver), else the CPU build. */
export function findInstalled(cacheDir?: string): Installed | { readonly reason: string } {
  const forced = process.env.LADDER_TENSORFLOW_FOLDER;
  if (forced) return readInstalled(forced);
  const cuda = readInstalled(installFolder('cuda', cacheDir));
  return 'folder' in cuda ? cuda : readInstalled(installFolder('cpu', cacheDir));
}
