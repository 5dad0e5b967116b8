/** Runs the tools that an installation needs (pip, npm, tar, g++): in a process group of their own, so that an interrupted installation leaves none behind. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface CommandResult {
  readonly code: number;
  /** stdout and stderr as they came, the last 256 KB. */
  readonly output: string;
  readonly stdout: string;
}

const KEPT = 256 * 1024;
const running = new Set<number>();

/** Runs a program and returns its exit code and output; never throws for a failing program (code 127: it is not there). */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 60 * 60_000 }: { cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: env ?? process.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let stdout = '';
    const timer = setTimeout(() => child.pid !== undefined && killGroup(child.pid), timeoutMs);
    const finish = (code: number): void => {
      clearTimeout(timer);
      if (child.pid !== undefined) running.delete(child.pid);
      resolve({ code, output, stdout });
    };
    if (child.pid !== undefined) running.add(child.pid);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout = (stdout + chunk.toString()).slice(-KEPT);
      output = (output + chunk.toString()).slice(-KEPT);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEPT);
    });
    child.on('error', (error) => {
      output += `${error.message}\n`;
      finish((error as NodeJS.ErrnoException).code === 'ENOENT' ? 127 : 126);
    });
    child.on('close', (code) => finish(code ?? 128));
  });
}

/** Ends every program that `run` started and that still lives, with all its children. */
export function killRunning(): void {
  for (const pid of running) killGroup(pid);
  running.clear();
}

/** Ctrl-C, a closed terminal and `kill` clean up first, then end the process as they would have. Returns what takes that back. */
export function onInterrupt(cleanUp: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const handlers = signals.map((signal) => {
    const handler = (): void => {
      stop();
      cleanUp();
      process.kill(process.pid, signal);
    };
    process.once(signal, handler);
    return [signal, handler] as const;
  });
  const stop = (): void => {
    for (const [signal, handler] of handlers) process.removeListener(signal, handler);
  };
  return stop;
}

/** The full path of a program on the PATH, or undefined. */
export function which(program: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return undefined;
}

/** The last lines of a tool's output that say something, for an error message. */
export function lastLines(output: string, count = 3): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('[notice]') && !line.startsWith('npm notice'))
    .slice(-count)
    .join(' | ')
    .slice(-600);
}

// --- helpers ---

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {} // already gone
}
