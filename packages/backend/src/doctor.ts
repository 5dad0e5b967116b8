/** What this machine can run, what is absent and the command that gets it, and, when asked, how fast each backend is. */
import { type BackendName, backendNames, isBackendName } from './backend-name.ts';
import { deviceInfo } from './device-info.ts';
import { LadderError } from './errors.ts';
import { measureRoofline, type Roofline } from './roofline.ts';
import * as tf from './tf.ts';
import { useBackend } from './use-backend.ts';

export interface BackendReport {
  readonly name: BackendName;
  readonly state: 'ready' | 'absent';
  /** When ready. */
  readonly device?: string;
  readonly gpu?: boolean;
  readonly versions?: Readonly<Record<string, string>>;
  readonly roofline?: Roofline;
  /** When absent: why, and the command that gets it. */
  readonly reason?: string;
  readonly hint?: string;
}

export interface DoctorReport {
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  readonly memoryGb: number;
  readonly tfjs: string;
  /** What `useBackend('auto')` takes here. */
  readonly auto: BackendName;
  readonly backends: readonly BackendReport[];
}

export interface DoctorOptions {
  /** True, or the names to measure: a matmul rate and a copy rate for each, a few seconds together. */
  readonly measure?: boolean | readonly BackendName[];
}

/** Starts each backend once and goes back to the one that was current. */
export async function doctor({ measure = false }: DoctorOptions = {}): Promise<DoctorReport> {
  const before = tf.getBackend();
  const backends: BackendReport[] = [];
  for (const name of backendNames) {
    const wanted = measure === true || (Array.isArray(measure) && measure.includes(name));
    backends.push(await examine(name, wanted));
  }
  const auto = await useBackend('auto');
  if (isBackendName(before)) await useBackend(before);
  const os = await import('node:os');
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpus: os.availableParallelism(),
    memoryGb: Number((os.totalmem() / 2 ** 30).toFixed(1)),
    tfjs: tf.version_core,
    auto,
    backends,
  };
}

async function examine(name: BackendName, measure: boolean): Promise<BackendReport> {
  try {
    await useBackend(name);
    const { device, gpu, versions } = await deviceInfo();
    const ready = { name, state: 'ready', device, gpu, versions } as const;
    return measure ? { ...ready, roofline: await measureRoofline() } : ready;
  } catch (error) {
    const { message } = error as Error;
    const hint = LadderError.isInstance(error) ? error.hint : undefined;
    return { name, state: 'absent', reason: message, ...(hint === undefined ? {} : { hint }) };
  }
}
