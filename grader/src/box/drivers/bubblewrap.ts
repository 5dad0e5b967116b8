/**
 * Linux namespaces by bubblewrap, with a system call filter and Node's permission model inside: no network, no other process, a file system of read-only system
 * folders and an empty /tmp in which nothing can be written.
 */
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { type BoxDriver, cleanEnvironment, gpuDevices, type NativeParts, nodeArguments, type Started, stdio } from './driver.ts';
import { withLimits } from './limits.ts';
import { seccompFilter } from './seccomp.ts';

const systemFolders = ['/bin', '/lib', '/lib64', '/lib32', '/nix/store'];
const runtimeInside = '/box/runtime';

export const bubblewrap: BoxDriver = { name: 'bubblewrap', start };

function start(launch: Parameters<BoxDriver['start']>[0]): Started {
  const inside = (folder: string): string => (folder === launch.runtime ? runtimeInside : folder);
  const args = [
    '--unshare-all',
    '--die-with-parent',
    '--new-session',
    // Node is process 1 there, so that its number out here is the one that bubblewrap tells.
    '--as-pid-1',
    ...['--cap-drop', 'ALL', '--uid', '65534', '--gid', '65534', '--hostname', 'box', '--clearenv'],
    ...Object.entries(cleanEnvironment(launch)).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--info-fd', '4', '--seccomp', '5'],
    ...['--ro-bind', '/usr', '/usr', ...systemFolders.flatMap(bind)],
    ...['--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache'],
    // Memory that is written as files counts as nobody's: there is none.
    ...['--proc', '/proc', '--dev', '/dev', '--remount-ro', '/dev', '--dir', '/tmp', '--dir', '/box'],
    ...['--ro-bind', process.execPath, '/box/node', '--ro-bind', launch.runtime, runtimeInside],
    ...(launch.native ? nativeBinds(launch.native) : []),
    ...['--remount-ro', '/', '--chdir', '/box', '/box/node', ...nodeArguments(launch, true, inside)],
  ];
  const [command, ...words] = withLimits(['bwrap', ...args], launch);
  const child = spawn(command!, words, { stdio: [...stdio, 'pipe', 'pipe'], env: { PATH: process.env.PATH }, detached: true });
  const filter = (child.stdio as readonly unknown[])[5] as Writable;
  filter.on('error', () => {}); // it ended before it read: its exit says so
  filter.end(seccompFilter());
  const pid = new Promise<number>((resolve, reject) => {
    let told = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error('bubblewrap ended before it started the box')));
    child.stdio[4]?.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      const found = /"child-pid":\s*(\d+)/.exec(told);
      if (found) resolve(Number(found[1]));
    });
  });
  return { child, pid };
}

function bind(folder: string): string[] {
  if (!existsSync(folder) || folder.startsWith('/usr/')) return [];
  return lstatSync(folder).isSymbolicLink() ? ['--symlink', readlinkSync(folder), folder] : ['--ro-bind', folder, folder];
}

/** The backend's folders, and a GPU's device files and the descriptions of its drivers. */
function nativeBinds({ folders }: NativeParts): string[] {
  return [
    ...folders.flatMap((folder) => ['--ro-bind-try', folder, folder]),
    ...gpuDevices().flatMap((path) => ['--dev-bind', path, path]),
    ...['/etc/vulkan', '/sys'].flatMap((path) => ['--ro-bind-try', path, path]),
  ];
}
