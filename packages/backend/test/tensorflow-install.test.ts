/** Every way in which `ladder backend install` can fail, with made-up tools on the PATH: one clear error, and a cache as clean as before. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BackendError } from '../src/errors.ts';
import type { Flavour } from '../src/tensorflow/cache.ts';
import { type Wheel, wheelArgs } from '../src/tensorflow/fetch.ts';
import { installTensorflow, uninstallTensorflow } from '../src/tensorflow/index.ts';
import { isAlive, takeLock } from '../src/tensorflow/lock.ts';
import { checkPlatform, inspectTensorflow } from '../src/tensorflow/preflight.ts';

const linux = process.platform === 'linux';
const onLinux = test.skipIf(!linux);
if (!linux) console.warn(`tensorflow install: not run (the recipe is for Linux, this is ${process.platform})`);

let folder: string;
let cache: string;
let tools: string;

beforeEach(() => {
  folder = temporaryFolder();
  cache = join(folder, 'cache');
  tools = join(folder, 'tools');
  mkdirSync(tools);
  vi.stubEnv('PATH', tools);
  vi.stubEnv('CXX', undefined);
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  for (const name of ['sh', 'cat', 'sleep', 'mkdir', 'touch', 'tar', 'gzip']) {
    const real = [`/bin/${name}`, `/usr/bin/${name}`].find((file) => existsSync(file));
    if (real !== undefined) symlinkSync(real, join(tools, name));
  }
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

onLinux('without a compiler the error names one to get', async () => {
  python({});
  await expectFailure(/C\+\+ compiler.*got none/, /apt install g\+\+/);
});

onLinux('a compiler that does not compile is told from none at all', async () => {
  tool('g++', 'echo "fatal error: map: No such file or directory" >&2; exit 1');
  await expectFailure(/g\+\+ to compile C\+\+17, got .*map: No such file/, /apt install g\+\+/);
});

onLinux('without Python and uv the error names both', async () => {
  compiler();
  await expectFailure(/Python 3 with pip, or uv.*got neither/, /apt install python3-pip/);
});

onLinux('a Python without pip is told from none at all', async () => {
  compiler();
  python({ pip: 'echo "No module named pip" >&2; exit 1' });
  await expectFailure(/python3 without pip/, /ensurepip/);
});

onLinux('a disk without room fails before anything is fetched', async () => {
  compiler();
  python({});
  tool('npm', `touch ${quoted(join(folder, 'npm was asked'))}; exit 1`);
  await expectFailure(/expected 2\.20 GB free.*got 0\.50 GB/, /LADDER_CACHE/, { freeBytes: async () => 0.5e9 });
  expect(existsSync(join(folder, 'npm was asked'))).toBe(false);
});

onLinux('npm without a network is named as such', async () => {
  compiler();
  python({});
  tool('npm', 'echo "npm error code ENOTFOUND" >&2; exit 1');
  await expectFailure(/npm to fetch @tensorflow\/tfjs-node-gpu@4\.22\.0, got: .*ENOTFOUND/, /could not reach its registry/);
});

onLinux('a package that is not the pinned one is refused', async () => {
  compiler();
  python({});
  tool('npm', 'for last; do :; done; echo other > "$5/package.tgz"');
  await expectFailure(/tfjs-node-gpu@4\.22\.0 with sha512-p\/\/NN6.*got sha512-/, /registry served another file/);
});

onLinux('pip without a network is named as such', async () => {
  compiler();
  python({ install: 'echo "NewConnectionError: [Errno -3] Temporary failure in name resolution" >&2; exit 1' });
  peer();
  await expectFailure(/pip to fetch tensorflow(-cpu)? 2\.21\.0, got: .*name resolution/, /could not reach its index/);
});

onLinux('a disk that fills up under pip is named as such', async () => {
  compiler();
  python({ install: 'echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" >&2; exit 1' });
  peer();
  await expectFailure(/room on the disk/, /LADDER_CACHE/);
});

onLinux('a wheel without the libraries is refused', async () => {
  compiler();
  python({ install: 'exit 0' });
  peer();
  await expectFailure(/wheel to hold libtensorflow_cc\.so\.2/, /index/);
});

onLinux("a binding that does not compile gives the compiler's first error", async () => {
  tool('g++', 'case "$*" in *probe.cc*) exit 0;; esac; echo "tfjs_backend.cc:7:10: fatal error: no such header" >&2; exit 1');
  python({ tensorflow: tensorflow() });
  peer();
  await expectFailure(/compile the binding, got: tfjs_backend\.cc:7:10: fatal error/, /CXX/);
});

onLinux('a binding that does not load never reaches its place', async () => {
  tool('g++', 'for last; do :; done; echo garbage > "$last"');
  python({ tensorflow: tensorflow() });
  peer();
  const steps: string[] = [];
  await expectFailure(/a matrix product and a gradient from the new backend, got: /, /AVX/, { onStep: ({ id }) => steps.push(id) });
  expect(steps).toEqual(['check', 'binding', 'wheel', 'compile', 'verify']);
});

onLinux('a cache that cannot be written to is named', async () => {
  writeFileSync(cache, 'a file where the folder should be');
  compiler();
  python({});
  await expect(installTensorflow({ cacheDir: cache })).rejects.toThrow(/expected to write into the cache, got (ENOTDIR|EEXIST)/);
});

onLinux('Ctrl-C ends the tools that run and leaves nothing', async () => {
  compiler();
  python({});
  const pidFile = join(folder, 'npm.pid');
  tool('npm', `echo $$ > ${quoted(pidFile)}; sleep 60`);
  const script = join(folder, 'install.ts');
  const api = new URL('../src/tensorflow/index.ts', import.meta.url).href;
  writeFileSync(
    script,
    `import { installTensorflow } from ${JSON.stringify(api)};\nawait installTensorflow({ cacheDir: ${JSON.stringify(cache)} });\n`,
  );
  const child = spawn(process.execPath, ['--no-warnings', script], { cwd: folder, env: { ...process.env, PATH: tools }, stdio: 'inherit' });
  const npm = await waitFor(() => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0));
  expect(readdirSync(join(cache, 'tensorflow')).length).toBe(2); // the lock and what is half done
  child.kill('SIGINT');
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGINT');
  await waitFor(() => !isAlive(npm));
  expect(leftovers()).toEqual([]);
});

onLinux("a lock is waited for, and a dead owner's is taken over", async () => {
  const file = join(folder, '.lock');
  const release = await takeLock(file);
  let waitedFor = 0;
  const second = takeLock(file, { onWait: (pid) => (waitedFor = pid) });
  await waitFor(() => waitedFor);
  expect(waitedFor).toBe(process.pid);
  release();
  (await second)();
  writeFileSync(file, String(await deadPid()));
  (await takeLock(file, { timeoutMs: 2000 }))();
  expect(readdirSync(folder).filter((name) => name.startsWith('.lock'))).toEqual([]);
});

onLinux('what is left of a killed installation is removed by the next', async () => {
  const half = join(cache, 'tensorflow', '.tmp-1-abc');
  mkdirSync(half, { recursive: true });
  writeFileSync(join(cache, 'tensorflow', '.lock'), String(await deadPid()));
  await expectFailure(/C\+\+ compiler/, /g\+\+/);
  expect(existsSync(half)).toBe(false);
});

test('removing what was never installed removes nothing', async () => {
  expect(await uninstallTensorflow({ cacheDir: cache })).toEqual([]);
});

test.each([
  ['win32', 'x64', '2.36', /expected Linux .*got Windows/, /webgpu.*WSL 2/],
  ['darwin', 'arm64', undefined, /expected Linux .*got macOS/, /webgpu/],
  ['linux', 'riscv64', '2.36', /x64 or arm64 .*got riscv64/, /wasm/],
  ['linux', 'x64', undefined, /glibc >= 2\.27, got one without/, /wasm/],
  ['linux', 'x64', '2.17', /glibc >= 2\.27, got glibc 2\.17/, /wasm/],
])('%s %s with glibc %s is refused with the next best', (platform, arch, glibc, message, hint) => {
  const error = caught(() => checkPlatform('cpu', platform, arch, glibc ?? null));
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
});

test('CUDA on arm64 is refused, the CPU build there is not', () => {
  expect(() => checkPlatform('cuda', 'linux', 'arm64', '2.36')).toThrow(/x64 for the CUDA build/);
  expect(() => checkPlatform('cpu', 'linux', 'arm64', '2.36')).not.toThrow();
});

test('pip and uv are asked for pinned wheels of this processor, CUDA with its libraries unless told', () => {
  const wheel = (flavour: Flavour): Wheel => ({ flavour, cudaLibraries: true, site: '/site' });
  const pip = wheelArgs({ kind: 'pip', program: 'python3', args: ['-m', 'pip'] }, wheel('cpu'), 'x64').join(' ');
  expect(pip).toContain('-m pip install');
  expect(pip).toContain('manylinux_2_27_x86_64');
  expect(pip).toMatch(/--no-deps tensorflow-cpu==2\.21\.0$/);
  const uv = wheelArgs({ kind: 'uv', program: 'uv', args: ['pip'] }, wheel('cuda'), 'x64').join(' ');
  expect(uv).toContain('--python-platform x86_64-manylinux_2_28');
  expect(uv).toMatch(/tensorflow\[and-cuda\]==2\.21\.0$/);
  expect(uv).not.toContain('--no-deps');
  const alone = wheelArgs({ kind: 'pip', program: 'python3', args: [] }, { ...wheel('cuda'), cudaLibraries: false }, 'x64').join(' ');
  expect(alone).toMatch(/--no-deps tensorflow==2\.21\.0$/);
  const arm = wheelArgs({ kind: 'pip', program: 'python3', args: [] }, wheel('cpu'), 'arm64').join(' ');
  expect(arm).toMatch(/manylinux_2_27_aarch64.* --no-deps tensorflow==2\.21\.0$/);
});

test('a TensorFlow of this machine is used only when it is whole, new enough and of the wanted kind', async () => {
  const good = tensorflow();
  expect(await inspectTensorflow(good, 'cpu')).toEqual({ libraries: good, version: '2.18.0' });
  expect(await inspectTensorflow(good, 'cuda')).toBeUndefined();
  writeFileSync(join(good, 'python/platform/build_info.py'), "build_info = {'is_cuda_build', True}");
  expect(await inspectTensorflow(good, 'cuda')).toMatchObject({ version: '2.18.0' });
  expect(await inspectTensorflow(tensorflow('2.15.1'), 'cpu')).toBeUndefined();
  rmSync(join(good, 'libtensorflow_framework.so.2'));
  expect(await inspectTensorflow(good, 'cuda')).toBeUndefined();
});

// --- helpers ---

async function expectFailure(message: RegExp, hint: RegExp, options: Parameters<typeof installTensorflow>[0] = {}): Promise<void> {
  const error = await installTensorflow({ cacheDir: cache, freeBytes: async () => 100e9, ...options }).then(
    () => expect.unreachable('it installed'),
    (caught: unknown) => caught as BackendError,
  );
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
  expect(leftovers()).toEqual([]);
}

function leftovers(): string[] {
  return existsSync(cache) ? readdirSync(cache, { recursive: true }).map(String) : [];
}

function tool(name: string, script: string): void {
  writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(tools, name), 0o755);
}

function compiler(): void {
  tool('g++', 'exit 0');
}

/** A python3 that answers as told; by default it has pip and no TensorFlow. */
function python({
  pip = 'exit 0',
  install = 'exit 1',
  tensorflow: found = '',
}: {
  pip?: string;
  install?: string;
  tensorflow?: string;
}): void {
  tool('python3', `case "$*" in *find_spec*) echo ${quoted(found)};; *pip\\ --version*) ${pip};; *pip\\ install*) ${install};; esac`);
}

/** An installed @tensorflow/tfjs-node-gpu of the right version, so that npm is not asked. */
function peer(): void {
  const root = join(folder, 'node_modules/@tensorflow/tfjs-node-gpu');
  mkdirSync(join(root, 'binding'), { recursive: true });
  mkdirSync(join(root, 'dist/kernels'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "name": "@tensorflow/tfjs-node-gpu", "version": "4.22.0" }');
  for (const name of ['nodejs_kernel_backend.js', 'register_all_kernels.js', 'int64_tensors.js'])
    writeFileSync(join(root, 'dist', name), '');
}

/** A folder that looks like Python's tensorflow package. */
function tensorflow(version = '2.18.0'): string {
  const root = join(folder, `python ${version}`, 'tensorflow');
  for (const part of ['include/tensorflow/c/eager', 'include/tensorflow/core/public', 'python/platform'])
    mkdirSync(join(root, part), { recursive: true });
  for (const file of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/eager/c_api.h'])
    writeFileSync(join(root, file), '');
  const [major, minor, patch] = version.split('.');
  const numbers = `#define TF_MAJOR_VERSION ${major}\n#define TF_MINOR_VERSION ${minor}\n#define TF_PATCH_VERSION ${patch}\n`;
  writeFileSync(join(root, 'include/tensorflow/core/public/version.h'), numbers);
  writeFileSync(join(root, 'python/platform/build_info.py'), "build_info = {'is_cuda_build', False}");
  return root;
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid as number;
}

async function waitFor<T>(probe: () => T): Promise<T> {
  for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt; await sleep(20)) {
    const value = probe();
    if (value) return value;
  }
  throw new Error('waited in vain');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function caught(run: () => void): BackendError {
  try {
    run();
  } catch (error) {
    return error as BackendError;
  }
  return expect.unreachable('nothing was thrown');
}
