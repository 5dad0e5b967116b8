/** The GPU behind a box, and its roof: what a large matmul and a large copy reach on this very device, measured in the same run. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GraderError } from '@llm-ladder/backend/errors';
import type { Program } from '../../box/types.ts';
import { Random } from '../../suite/random.ts';
import type { ThresholdRun } from './threshold-run.ts';
import { TimedProgram } from './timed.ts';

/** Runs in a box of its own, under the same runtime as the learner's code: the same figures as `ladder doctor`. */
const PROBE = `
import { deviceInfo, measureRoofline } from '@llm-ladder/backend';

export const device = () => deviceInfo();
export const roof = () => measureRoofline({ rounds: 3 });
`;

const probeProgram: Program = { exercise: 'grader/probe', entry: 'probe.ts', files: { 'probe.ts': PROBE }, modules: {} };
const LIMIT_MS = 120_000;

export interface Gpu {
  readonly name: string;
  /** 0 where nobody says: WebGPU keeps it to itself. */
  readonly memoryBytes: number;
}

/** Takes a device that only computes on the CPU for a GPU, so that the path of GPU thresholds can be tried without one. Its figures mean nothing. */
const PRETEND = 'LADDER_SOFTWARE_GPU';

/** The GPU that this run's backend uses; undefined where there is none (a software GPU does not count, unless LADDER_SOFTWARE_GPU=1). */
export async function findGpu(run: Pick<ThresholdRun, 'options' | 'exercise'>): Promise<Gpu | undefined> {
  if (run.options.backend !== 'tensorflow' && run.options.backend !== 'webgpu') return undefined;
  const probe = await openProbe(run);
  try {
    const { output } = await probe.time({ call: 'device' }, [], new Random('probe'), LIMIT_MS);
    const info = output as { gpu?: boolean; device?: string; memoryBytes?: number } | undefined;
    if (!info?.gpu && process.env[PRETEND] !== '1') return undefined;
    const memoryBytes = info?.memoryBytes ?? (info?.gpu && run.options.backend === 'tensorflow' ? await nvidiaMemoryBytes() : 0);
    return { name: info?.device ?? 'GPU', memoryBytes };
  } finally {
    await probe.close();
  }
}

export function openProbe(run: Pick<ThresholdRun, 'options' | 'exercise'>): Promise<TimedProgram> {
  const limits = { timeMs: 600_000, memoryMb: 8192, outputBytes: 1 << 20 };
  return TimedProgram.open(probeProgram, { options: run.options, limits, asyncExports: ['device', 'roof'], who: 'reference' });
}

/** FLOP/s of a large matmul, or bytes/s of a large copy. */
export async function roofOf(probe: TimedProgram, kind: 'matmul' | 'copy'): Promise<number> {
  const { output, stopped } = await probe.time({ call: 'roof' }, [], new Random('probe'), LIMIT_MS);
  const { matmulGflops, copyGbps } = (output ?? {}) as { matmulGflops?: number; copyGbps?: number };
  const rate = (kind === 'matmul' ? matmulGflops : copyGbps) ?? 0;
  if (stopped || !(rate > 0))
    throw new GraderError('roofline', `roofline: expected a ${kind} rate of this device, got none`, { hint: 'ladder doctor' });
  return rate * 1e9;
}

/** Memory of the first NVIDIA card, as its driver's own tool says; 0 without one. Asked outside the box, which cannot see the driver's files. */
async function nvidiaMemoryBytes(): Promise<number> {
  const words = ['--query-gpu=memory.total', '--format=csv,noheader,nounits'];
  const answer = await promisify(execFile)('nvidia-smi', words, { timeout: 10_000 }).catch(() => undefined);
  const mebibytes = Number(answer?.stdout.split('\n')[0]);
  return mebibytes > 0 ? mebibytes * 2 ** 20 : 0;
}

const SCALE_BYTES = 8 * 2 ** 30;

/** How much larger the inputs are than on a card with 8 GiB: 1 to 4, growing with the side of a square matrix that fits. */
export function scaleFor({ memoryBytes }: Gpu): number {
  return Math.max(1, Math.min(4, Math.floor(Math.sqrt(memoryBytes / SCALE_BYTES))));
}
