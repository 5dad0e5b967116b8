/** How a box's process is started. A driver knows nothing of tests, limits or messages. */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lang } from '../../format/words.ts';
import type { Driver } from '../types.ts';

export interface Launch {
  /** Folder with box.mjs: the only files that a box reads. */
  readonly runtime: string;
  readonly backend: string;
  readonly memoryMb: number;
  /** What a backend with native parts needs besides; with it the process may load addons. */
  readonly native?: NativeParts | undefined;
}

export interface NativeParts {
  /** More folders to read. */
  readonly folders: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Started {
  readonly child: ChildProcess;
  /** Of the process that runs the learner's code: not the child itself where something wraps it. */
  readonly pid: Promise<number>;
}

export interface BoxDriver {
  readonly name: Driver;
  start(launch: Launch): Started;
}

/** The same for every driver: no input, two pipes for what is printed, one socket for frames (on Windows a plain pipe could not be read and written at once). */
export const stdio = ['ignore', 'pipe', 'pipe', 'overlapped'] as const;

/** From util-linux, where it is installed. */
export const setpriv = process.platform === 'linux' ? ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path)) : undefined;

/** Node's arguments; `path` translates a folder into what it is called inside. */
export function nodeArguments(launch: Launch, permission: boolean, path: (folder: string) => string = (folder) => folder): string[] {
  const read = [launch.runtime, ...(launch.native?.folders ?? [])].map((folder) => `--allow-fs-read=${path(folder)}`);
  return [
    `--max-old-space-size=${launch.memoryMb}`,
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    '--disable-sigusr1',
    ...(permission ? ['--permission', ...read, ...(launch.native ? ['--allow-addons'] : [])] : []),
    `${path(launch.runtime)}/box.mjs`,
    launch.backend,
  ];
}

/** Nothing of the grader's environment enters but its language and what native parts need; Windows cannot start a process without SystemRoot. */
export function cleanEnvironment({ native }: Launch): Record<string, string> {
  const env: Record<string, string> = { NO_COLOR: '1', LADDER_LANG: lang(), ...native?.env };
  if (process.platform === 'win32') for (const name of ['SystemRoot', 'windir', 'TEMP']) env[name] = process.env[name] ?? '';
  return env;
}

/** The child's own number: nothing wraps it, or what wraps it becomes it. */
export function startedPid(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid!));
    child.once('error', reject);
  });
}

/** A GPU's device files on this machine. */
export function gpuDevices(): string[] {
  const names = ['nvidia0', 'nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools', 'nvidia-modeset', 'dri'];
  return names.map((name) => `/dev/${name}`).filter((path) => existsSync(path));
}
