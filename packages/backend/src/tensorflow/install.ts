/**
 * `ladder backend install`: makes the `tensorflow` backend work on this machine, or says what is missing and leaves nothing behind.
 * Everything is made in a temporary folder of the cache and checked in a fresh process; one rename puts the finished folder in place.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BackendError, LadderError } from '../errors.ts';
import { compileBinding, packJavaScript, prune } from './build.ts';
import {
  cacheRoot,
  type Flavour,
  type Installed,
  installFolder,
  LAYOUT,
  type Manifest,
  readInstalled,
  TENSORFLOW_VERSION,
  tensorflowHome,
} from './cache.ts';
import { killRunning, lastLines, onInterrupt, run } from './command.ts';
import { diskError, fetchBinding, fetchNodeHeaders, fetchWheel } from './fetch.ts';
import { takeLock } from './lock.ts';
import {
  checkDisk,
  checkPlatform,
  DISK_NEEDED,
  type FoundTensorflow,
  findCompiler,
  findInstaller,
  findNodeHeaders,
  findTensorflow,
} from './preflight.ts';

export type StepId = 'check' | 'wait' | 'binding' | 'wheel' | 'compile' | 'verify' | 'place';

export interface InstallStep {
  readonly id: StepId;
  /** One line for a person: what is being done, with versions and sizes. */
  readonly message: string;
  /** While the wheel arrives: bytes so far, and in all as far as known. */
  readonly bytes?: number;
  readonly totalBytes?: number;
}

export interface InstallOptions {
  /** The CUDA build (x64 Linux; needs an NVIDIA driver to use the GPU). Default: the CPU build. */
  readonly cuda?: boolean;
  /** False leaves CUDA's own libraries out of it: for a machine that has them, or to compute on the CPU. */
  readonly cudaLibraries?: boolean;
  readonly onStep?: (step: InstallStep) => void;
  readonly cacheDir?: string;
  /** For tests: another way to ask for free disk space, in bytes. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

export interface InstallResult {
  readonly folder: string;
  readonly version: string;
  readonly cuda: boolean;
  /** True when there was nothing to do. */
  readonly alreadyInstalled: boolean;
  /** A TensorFlow of this machine is used in place: nothing was downloaded but the binding. */
  readonly inPlace: boolean;
  /** What the check ran on (CPU, GPU), or the kind of build that was there already. */
  readonly device: string;
  readonly seconds: number;
}

/** Bytes of the wheels as the index served them in 2026, for a progress bar, and what is said of them. */
const DOWNLOADS = {
  cpu: { bytes: 274e6, said: '274 MB' },
  cuda: { bytes: 3.3e9, said: 'CUDA build, about 3.3 GB' },
  'cuda alone': { bytes: 573e6, said: "CUDA build without CUDA's own libraries, 573 MB" },
} as const;

/** Installs the `tensorflow` backend into the per-user cache. Throws BackendError with what is missing and how to get it; then nothing is left behind. */
export async function installTensorflow(options: InstallOptions = {}): Promise<InstallResult> {
  const startedAt = performance.now();
  const flavour: Flavour = options.cuda === true ? 'cuda' : 'cpu';
  const cacheDir = options.cacheDir ?? cacheRoot();
  const folder = installFolder(flavour, cacheDir);
  const result = (installed: Installed, alreadyInstalled: boolean, device: string): InstallResult => ({
    folder,
    version: installed.manifest.version,
    cuda: flavour === 'cuda',
    alreadyInstalled,
    inPlace: installed.manifest.libraries.startsWith('/'),
    device,
    seconds: (performance.now() - startedAt) / 1000,
  });

  checkPlatform(flavour);
  const whole = (found: ReturnType<typeof readInstalled>): found is Installed =>
    'folder' in found && !(found.manifest.cudaLibraries === false && options.cudaLibraries !== false);
  const before = readInstalled(folder);
  if (whole(before)) return result(before, true, buildName(flavour));

  const home = tensorflowHome(cacheDir);
  makeHome(home);
  const releaseLock = await takeLock(join(home, '.lock'), {
    onWait: (pid) => options.onStep?.({ id: 'wait', message: `waiting for another installation (process ${pid})` }),
  });
  const scratch = join(home, `.tmp-${process.pid}-${randomBytes(4).toString('hex')}`);
  const cleanUp = (): void => {
    killRunning();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    releaseLock();
    removeIfEmpty(home);
  };
  const stopWatching = onInterrupt(cleanUp);
  try {
    const meanwhile = readInstalled(folder);
    if (whole(meanwhile)) return result(meanwhile, true, buildName(flavour));
    removeLeftovers(home);
    const device = await build({ ...options, flavour, cacheDir, home, scratch, folder });
    const fellBack = flavour === 'cuda' && device === 'CPU';
    return result(readInstalled(folder) as Installed, false, fellBack ? 'CPU: no GPU or NVIDIA driver was found' : device);
  } catch (error) {
    throw LadderError.isInstance(error) ? error : asBackendError(error);
  } finally {
    stopWatching();
    cleanUp();
  }
}

/** Removes the backend from the cache; returns the folders that were removed. */
export async function uninstallTensorflow({ cacheDir = cacheRoot() }: { cacheDir?: string } = {}): Promise<string[]> {
  const home = tensorflowHome(cacheDir);
  if (!existsSync(home)) return [];
  const releaseLock = await takeLock(join(home, '.lock'), { timeoutMs: 10_000 });
  const folders = readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(home, name));
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  releaseLock();
  await rm(home, { recursive: true, force: true });
  return folders;
}

// --- helpers ---

function buildName(flavour: Flavour): string {
  return flavour === 'cuda' ? 'CUDA build' : 'CPU build';
}

interface Plan extends InstallOptions {
  readonly flavour: Flavour;
  readonly cacheDir: string;
  readonly home: string;
  readonly scratch: string;
  readonly folder: string;
}

/** Makes the folder in `scratch`, verifies it, renames it into place; returns the device that the check ran on. */
async function build(plan: Plan): Promise<string> {
  const { flavour, cudaLibraries = true, scratch, folder, onStep } = plan;
  const kind = flavour === 'cuda' && !cudaLibraries ? 'cuda alone' : flavour;
  onStep?.({ id: 'check', message: 'looking for a C++ compiler, Python, TensorFlow and disk space' });
  await mkdir(scratch, { recursive: true });
  const compiler = await findCompiler(scratch);
  const found = await findTensorflow(flavour);
  const installer = found === undefined ? await findInstaller() : undefined;
  await checkDisk(plan.home, found === undefined ? DISK_NEEDED[kind] : 100e6, plan.freeBytes);

  onStep?.({ id: 'binding', message: 'fetching the sources of the binding (npm, 0.2 MB, no scripts)' });
  const source = await fetchBinding(scratch);
  const nodeHeaders = findNodeHeaders() ?? (await fetchNodeHeaders(scratch));

  const target = join(scratch, 'finished');
  const site = join(target, 'site');
  await mkdir(target, { recursive: true });
  if (installer !== undefined) {
    const { bytes: totalBytes, said } = DOWNLOADS[kind];
    const message = `fetching TensorFlow ${TENSORFLOW_VERSION} with ${installer.kind} (${said})`;
    onStep?.({ id: 'wheel', message, totalBytes });
    await fetchWheel(installer, { flavour, cudaLibraries, site }, scratch, (bytes) =>
      onStep?.({ id: 'wheel', message, bytes, totalBytes }),
    );
  } else {
    onStep?.({ id: 'wheel', message: `using TensorFlow ${found?.version} in ${found?.libraries}` });
  }

  onStep?.({ id: 'compile', message: `compiling the binding with ${compiler}` });
  await compileBinding({
    compiler,
    source,
    nodeHeaders,
    libraries: found?.libraries ?? join(site, 'tensorflow'),
    runPath: found?.libraries ?? '$ORIGIN/../site/tensorflow',
    output: join(target, 'binding'),
  });
  await packJavaScript(source, join(target, 'backend.cjs'));
  if (found === undefined) await prune(site);
  await writeFile(join(target, 'manifest.json'), `${JSON.stringify(manifestOf(plan, compiler, found), null, 2)}\n`);

  onStep?.({ id: 'verify', message: 'checking a matrix product and a gradient in a fresh process' });
  const device = await verify(target);

  onStep?.({ id: 'place', message: `putting it into ${folder}` });
  await rm(folder, { recursive: true, force: true }); // an older layout, or one that lost a file
  await rename(target, folder);
  return device;
}

function manifestOf({ flavour, cudaLibraries }: Plan, compiler: string, found: FoundTensorflow | undefined): Manifest {
  return {
    layout: LAYOUT,
    flavour,
    ...(flavour === 'cuda' && found === undefined && cudaLibraries === false && { cudaLibraries }),
    version: found?.version ?? TENSORFLOW_VERSION,
    libraries: found?.libraries ?? join('site', 'tensorflow'),
    builtWith: compiler,
    installedAt: new Date().toISOString(),
  };
}

/** Loads the new folder in a fresh process, multiplies and differentiates there, and returns the device's name. */
async function verify(folder: string): Promise<string> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'; // from sources here, from the build when published
  const script = new URL(`./verify${extension}`, import.meta.url);
  const env = { ...process.env, LADDER_TENSORFLOW_FOLDER: folder };
  const { code, output, stdout } = await run(process.execPath, [fileURLToPath(script)], { env, timeoutMs: 120_000 });
  const device = /^verified on (.+)$/m.exec(stdout)?.[1];
  if (code === 0 && device !== undefined) return device;
  throw new BackendError(
    `tensorflow install: expected a matrix product and a gradient from the new backend, got: ${lastLines(output) || `exit code ${code}`}`,
    {
      hint: `an illegal instruction means a processor without AVX, which TensorFlow's wheels need; a missing library is named above`,
    },
  );
}

function makeHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true });
  } catch (cause) {
    throw asBackendError(cause);
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {} // it holds an installation, or another one's lock
}

/** What a killed installation left: we hold the lock, so nobody is using it. */
function removeLeftovers(home: string): void {
  for (const name of readdirSync(home)) {
    if (name.startsWith('.tmp-')) rmSync(join(home, name), { recursive: true, force: true });
  }
}

function asBackendError(cause: unknown): BackendError {
  const { message, code } = cause as NodeJS.ErrnoException;
  const disk = diskError(message);
  if (disk !== undefined) return disk;
  const hint =
    code === 'EACCES' || code === 'EROFS' || code === 'EPERM'
      ? 'set LADDER_CACHE to a folder that you may write to'
      : 'run it again; what was half done is gone';
  return new BackendError(`tensorflow install: expected to write into the cache, got ${message}`, { hint, cause });
}
