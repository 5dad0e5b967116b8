/**
 * For root in a plain container where namespaces are refused (Gradescope's): another user for each box, without capabilities, shut in by Landlock and the system
 * call filter, with Node's permission model inside. It sees the other processes' names, and where the kernel has no Landlock every file that any user may read.
 */
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GraderError } from '@llm-ladder/backend/errors';
import { confined } from './confine.ts';
import {
  type BoxDriver,
  cleanEnvironment,
  gpuDevices,
  type Launch,
  nodeArguments,
  type Started,
  setpriv,
  startedPid,
  stdio,
} from './driver.ts';
import { threadLimit, withLimits } from './limits.ts';

export const uid: BoxDriver = { name: 'uid', start };

const systemFiles = [
  ...['/usr', '/bin', '/lib', '/lib64', '/lib32', '/nix/store', '/etc/ld.so.cache', '/etc/ssl/openssl.cnf'],
  ...['/dev/urandom', '/proc/self', '/proc/meminfo', '/proc/cpuinfo', '/proc/stat'],
];
/** Far above people's numbers and below those that systemd gives out. */
const users = { first: 50_000, count: 10_000 } as const;
let boxes = 0;

function start(launch: Launch): Started {
  if (process.getuid?.() !== 0) throw new GraderError('box', `box: expected root for the uid driver, got user ${process.getuid?.()}`);
  if (setpriv === undefined) throw new GraderError('box', 'box: expected setpriv, got none', { hint: 'apt install util-linux' });
  const user = String(users.first + ((process.pid * 61 + boxes++) % users.count));
  const inside = { ...launch, runtime: readable(launch.runtime) };
  const node = readable(process.execPath);
  for (const folder of launch.native?.folders ?? []) {
    if (!isOpen(folder))
      throw new GraderError('box', `box: expected ${folder} to be readable by every user, got a closed folder`, {
        hint: 'LADDER_CACHE=/opt/llm-ladder ladder backend install',
      });
  }
  const read = [...systemFiles, node, inside.runtime, ...(launch.native ? [...launch.native.folders, '/etc/vulkan', '/sys'] : [])];
  const devices = ['/dev/null', ...(launch.native ? gpuDevices() : [])];
  const [command, ...args] = withLimits(
    [
      ...[setpriv, '--reuid', user, '--regid', user, '--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'],
      ...['--pdeathsig', 'KILL', ...confined([node, ...nodeArguments(inside, true)], { read, devices })],
    ],
    launch,
    threadLimit,
  );
  const child = spawn(command!, args, { stdio: [...stdio], env: cleanEnvironment(launch), cwd: '/', detached: true });
  return { child, pid: startedPid(child) };
}

const copies = new Map<string, string>();
let store: string | undefined;

/** The path itself, or a copy of it where every user can read it. */
function readable(path: string): string {
  const real = realpathSync(path);
  if (isOpen(real)) return real;
  const known = copies.get(real);
  if (known !== undefined) return known;
  store ??= openStore();
  const copy = join(store, String(copies.size));
  cpSync(real, copy, { recursive: true });
  // A copy has the modes of what was copied, and a course that is closed is closed file by file.
  chmodSync(copy, 0o755);
  if (statSync(copy).isDirectory())
    for (const entry of readdirSync(copy, { recursive: true, withFileTypes: true })) chmodSync(join(entry.parentPath, entry.name), 0o755);
  copies.set(real, copy);
  return copy;
}

function openStore(): string {
  const folder = mkdtempSync(join(tmpdir(), 'llm-ladder-uid-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  return folder;
}

/** Whether every user may reach and read it. */
export function isOpen(path: string): boolean {
  const { mode } = statSync(path);
  if ((mode & 0o004) === 0) return false;
  for (let at = path; ; at = dirname(at)) {
    if (at !== path && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
