/** What an installation needs from the machine, looked for before anything is fetched: each miss is a BackendError that says what to do. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, statfs, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { BackendError } from '../errors.ts';
import { type Flavour, OLDEST_TENSORFLOW } from './cache.ts';
import { run, which } from './command.ts';

/** Peak need while installing, in bytes: the wheel, its unpacked files and pip's copy (measured: 1.6 GB for the CPU build), with room to spare. */
export const DISK_NEEDED = { cpu: 2.2e9, cuda: 12e9, 'cuda alone': 4.5e9 } as const;

export type Installer =
  | { readonly kind: 'uv'; readonly program: string; readonly args: readonly string[] }
  | { readonly kind: 'pip'; readonly program: string; readonly args: readonly string[] };

/** A TensorFlow that Python already has here and that can be used in place. */
export interface FoundTensorflow {
  readonly libraries: string;
  readonly version: string;
}

/** Linux with glibc on x64 or arm64 is what the recipe was tried on; elsewhere the error names the next best backend. */
export function checkPlatform(
  flavour: Flavour,
  platform: string = process.platform,
  arch: string = process.arch,
  glibc: string | null = glibcVersion(),
): void {
  const nextBest = 'use --backend webgpu (npm package `webgpu`, runs on the graphics card) or the default, wasm';
  if (platform !== 'linux') {
    const name = platform === 'win32' ? 'Windows' : platform === 'darwin' ? 'macOS' : platform;
    const wsl = platform === 'win32' ? ', or install it inside WSL 2' : '';
    throw new BackendError(`tensorflow install: expected Linux (the recipe was tried there only), got ${name}`, {
      hint: `${nextBest}${wsl}`,
    });
  }
  if (arch !== 'x64' && arch !== 'arm64') {
    throw new BackendError(`tensorflow install: expected an x64 or arm64 processor (TensorFlow has wheels for these), got ${arch}`, {
      hint: nextBest,
    });
  }
  const [major = 0, minor = 0] = (glibc ?? '').split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 27)) {
    const got = glibc === null ? 'one without glibc (Alpine?)' : `glibc ${glibc}`;
    throw new BackendError(`tensorflow install: expected a Linux with glibc >= 2.27, got ${got}`, { hint: nextBest });
  }
  if (flavour === 'cuda' && arch !== 'x64') {
    throw new BackendError(`tensorflow install: expected x64 for the CUDA build, got ${arch}`, { hint: 'install without --cuda' });
  }
}

/** The C++ compiler: CXX, else g++, else clang++. Proves that it compiles and links C++17, headers included. */
export async function findCompiler(scratch: string): Promise<string> {
  const asked = process.env.CXX;
  const program = [asked, 'g++', 'clang++', 'c++'].find(
    (name) => name !== undefined && name !== '' && (existsSync(name) || which(name) !== undefined),
  );
  const hint = 'get one with `apt install g++` (Debian, Ubuntu), `dnf install gcc-c++` (Fedora), then run this again';
  if (program === undefined)
    throw new BackendError('tensorflow install: expected a C++ compiler on the PATH (g++ or clang++), got none', { hint });
  const source = join(scratch, 'probe.cc');
  await writeFile(
    source,
    '#include <map>\n#include <string>\nextern "C" int probe() { return (int)std::map<int, std::string>{}.size(); }\n',
  );
  const { code, output } = await run(program, ['-std=c++17', '-shared', '-fPIC', '-o', join(scratch, 'probe.so'), source]);
  if (code !== 0) {
    throw new BackendError(`tensorflow install: expected ${program} to compile C++17, got ${firstError(output) ?? `exit code ${code}`}`, {
      hint,
    });
  }
  return program;
}

/** pip (through Python) or uv: whatever can fetch a wheel. */
export async function findInstaller(): Promise<Installer> {
  const uv = which('uv');
  if (uv !== undefined && (await run(uv, ['--version'])).code === 0) return { kind: 'uv', program: uv, args: ['pip'] };
  const pythons = pythonPrograms();
  for (const program of pythons) {
    if ((await run(program, ['-m', 'pip', '--version'])).code === 0) return { kind: 'pip', program, args: ['-m', 'pip'] };
  }
  if (pythons.length === 0) {
    throw new BackendError('tensorflow install: expected Python 3 with pip, or uv, on the PATH, got neither', {
      hint: 'get it with `apt install python3-pip` (Debian, Ubuntu) or install uv, then run this again',
    });
  }
  throw new BackendError(`tensorflow install: expected pip or uv to fetch the TensorFlow wheel, got ${pythons[0]} without pip`, {
    hint: 'get it with `apt install python3-pip` (Debian, Ubuntu), `python3 -m ensurepip`, or install uv; then run this again',
  });
}

/** A TensorFlow >= 2.16 of the right flavour that a Python on the PATH already has, with its libraries and headers; Python itself never imports it. */
export async function findTensorflow(flavour: Flavour): Promise<FoundTensorflow | undefined> {
  const ask =
    "import importlib.util as u; s = u.find_spec('tensorflow'); print(s.submodule_search_locations[0] if s and s.submodule_search_locations else '')";
  for (const python of pythonPrograms()) {
    const { code, stdout } = await run(python, ['-c', ask], { timeoutMs: 20_000 });
    const folder = stdout.trim();
    if (code !== 0 || folder === '') continue;
    const found = await inspectTensorflow(folder, flavour);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Reads what a `tensorflow` folder of a Python holds; undefined unless it has libraries, C headers, and is new enough. */
export async function inspectTensorflow(folder: string, flavour: Flavour): Promise<FoundTensorflow | undefined> {
  const needed = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/eager/c_api.h'];
  if (!needed.every((file) => existsSync(join(folder, file)))) return undefined;
  const version = await versionOf(folder);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST_TENSORFLOW[0] || (major === OLDEST_TENSORFLOW[0] && minor < OLDEST_TENSORFLOW[1])) return undefined;
  const build = await readFile(join(folder, 'python/platform/build_info.py'), 'utf8').catch(() => '');
  const isCuda = /'is_cuda_build',\s*True/.test(build);
  return (flavour === 'cuda') === isCuda ? { libraries: resolve(folder), version } : undefined;
}

/** Node's N-API headers on this machine: beside the running Node, or in its npm platform package. Any version >= 8 will do: the ABI is stable. */
export function findNodeHeaders(): string | undefined {
  const beside = join(dirname(dirname(process.execPath)), 'include', 'node');
  if (existsSync(join(beside, 'node_api.h'))) return beside;
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    const inside = join(dirname(manifest), 'include', 'node');
    return existsSync(join(inside, 'node_api.h')) ? inside : undefined;
  } catch {
    return undefined;
  }
}

/** Fails unless the folder's disk has the bytes free. */
export async function checkDisk(folder: string, needed: number, freeBytes: (folder: string) => Promise<number> = freeOn): Promise<void> {
  await mkdir(folder, { recursive: true });
  const free = await freeBytes(folder);
  if (free >= needed) return;
  throw new BackendError(`tensorflow install: expected ${gigabytes(needed)} free on the disk of ${folder}, got ${gigabytes(free)}`, {
    hint: 'free some space, or set LADDER_CACHE to a folder on another disk',
  });
}

export function pythonPrograms(): string[] {
  return ['python3', 'python'].map(which).filter((program) => program !== undefined);
}

// --- helpers ---

async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

async function versionOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'include/tensorflow/core/public/version.h'), 'utf8').catch(() => '');
  const part = (key: string): string | undefined => new RegExp(`#define TF_${key}_VERSION (\\d+)`).exec(text)?.[1];
  if (part('MAJOR') !== undefined) return `${part('MAJOR')}.${part('MINOR')}.${part('PATCH') ?? '0'}`;
  return distVersion(folder) ?? '0.0.0';
}

/** The version in the name of the wheel's metadata folder beside the package, tensorflow_cpu-2.21.0.dist-info: headers from 2.19 on lack it. */
function distVersion(folder: string): string | undefined {
  const names = readdirSync(dirname(folder));
  return names
    .map((name) => /^tensorflow(?:_cpu|_cpu_aws)?-(\d+\.\d+\.\d+)[^-]*\.dist-info$/.exec(name)?.[1])
    .find((version) => version !== undefined);
}

function glibcVersion(): string | null {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ?? null;
}

function firstError(output: string): string | undefined {
  return output
    .split('\n')
    .find((line) => line.includes('error'))
    ?.trim();
}
