/** What a process uses, read from outside: the process itself is not asked. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

export interface Usage {
  /** Resident now. */
  readonly residentBytes: number;
  /** Highest so far, where the kernel keeps it (Linux). */
  readonly highestBytes?: number;
  /** Linux. */
  readonly threads?: number;
}

/** Undefined when the process is gone or this system does not tell (Windows). */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  if (process.platform === 'linux') return usageNow(pid);
  if (process.platform === 'win32') return undefined;
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    const kilobytes = Number(stdout.trim());
    return kilobytes > 0 ? { residentBytes: kilobytes * 1024 } : undefined;
  } catch {
    return undefined;
  }
}

/** The same without waiting, on Linux alone: also for a process that is about to be killed. */
export function usageNow(pid: number): Usage | undefined {
  if (process.platform !== 'linux') return undefined;
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
  const residentBytes = field('VmRSS') * 1024;
  // A process that has ended and waits for its parent has no memory.
  return Number.isNaN(residentBytes) ? undefined : { residentBytes, highestBytes: field('VmHWM') * 1024, threads: field('Threads') };
}
