/**
 * Limits that the kernel keeps, whatever the grader is doing (setrlimit(2)). The grader watches time, memory, threads and output itself and says which was
 * passed; these hold while it cannot look. They are set by `ulimit` of the shell, which every Unix has, in the process that then becomes the box.
 */
import { availableParallelism } from 'node:os';
import type { Launch } from './driver.ts';

/** How many threads a box may run. Node has 11, TensorFlow some for each core. */
export const threadLimit = 64 + 8 * availableParallelism();

const openFiles = 256;
/** An hour of every core: what is left to burn when the grader itself is stopped. */
const cpuSeconds = 3600 * availableParallelism();
/** Writable memory beyond the limit on what is resident: V8 and its threads' stacks reserve more than they touch. */
const spareMb = 1024;

/** The command, started with the limits; `threads` only where nobody else runs as the same user. */
export function withLimits(command: readonly string[], { memoryMb, native }: Launch, threads?: number): string[] {
  const limits = [
    '-c 0', // no core dumps
    `-n ${openFiles}`,
    `-t ${cpuSeconds}`,
    // In blocks of 512 bytes. No file may grow, but for the memory files of a backend with native parts.
    native === undefined ? '-f 0' : '-f 524288',
    // In KiB. A GPU's driver maps far more than it uses.
    ...(native === undefined ? [`-d ${(memoryMb + spareMb) * 1024}`] : []),
  ];
  const steps = limits.map((limit) => `ulimit ${limit}`);
  // dash calls it -p, every other shell -u.
  if (threads !== undefined) steps.push(`{ ulimit -u ${threads} || ulimit -p ${threads}; }`);
  // Where a lower limit holds already it stays.
  return ['/bin/sh', '-c', `{ ${steps.join('; ')}; } 2>/dev/null; exec "$@"`, 'sh', ...command];
}
