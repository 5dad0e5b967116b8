/** Opens boxes: starts the process by a driver, waits until TF.js is up, finds the strongest driver that works here. */
import { GraderError } from '@llm-ladder/backend/errors';
import { landlockVersion } from './drivers/confine.ts';
import { drivers } from './drivers/index.ts';
import { isOpen } from './drivers/uid.ts';
import { nativeParts } from './native.ts';
import { ProcessBox } from './process-box.ts';
import { ensureRuntime } from './runtime.ts';
import { warmStrip } from './strip.ts';
import type { Box, BoxBackend, Driver, Limits } from './types.ts';

const readyMs = 60_000;

export interface OpenOptions {
  readonly driver: Driver;
  /** 'wasm' without it. */
  readonly backend?: BoxBackend | undefined;
  readonly limits: Limits;
}

/** A warm box: the process runs, TF.js and its backend are up, no learner's code is in it. Throws GraderError when it cannot be started, BackendError when the backend is absent. */
export async function openBox({ driver, backend = 'wasm', limits }: OpenOptions): Promise<Box> {
  warmStrip();
  const runtime = await ensureRuntime();
  const native = await nativeParts(backend);
  const started = drivers[driver].start({ runtime, backend, memoryMb: limits.memoryMb, native });
  const box = new ProcessBox(driver, started, limits);
  await box.whenReady(readyMs);
  return box;
}

/** From the strongest to the weakest. */
const byStrength: readonly Driver[] = ['bubblewrap', 'uid', 'permission', 'plain'];
/** What `--strict` takes: no file, no network and no other process for code that broke out of Node. */
export const strongDrivers: readonly Driver[] = ['bubblewrap', 'uid'];
let strongest: Promise<Driver> | undefined;

/** The strongest driver that starts on this machine, found by starting it; remembered for the life of the process. */
export function strongestDriver(): Promise<Driver> {
  strongest ??= findStrongest();
  return strongest;
}

async function findStrongest(): Promise<Driver> {
  for (const driver of byStrength) if ((await whyNot(driver)) === undefined) return driver;
  return 'plain';
}

/** Why a driver does not start on this machine, in one line; undefined when it does. Throws GraderError when the box's own program cannot be built. */
export async function whyNot(driver: Driver): Promise<string | undefined> {
  if (process.platform !== 'linux' && strongDrivers.includes(driver)) return `${driver} is for Linux`;
  try {
    const box = await openBox({ driver, backend: 'cpu', limits: { timeMs: 10_000, memoryMb: 1024, outputBytes: 1 << 16 } });
    await box.close();
    return undefined;
  } catch (error) {
    // A runtime that cannot be built is no driver's fault.
    if (GraderError.isInstance(error) && error.code === 'runtime') throw error;
    return (error as Error).message;
  }
}

/** Whether code that broke out of Node could read this file from its box. */
export function readableInBox(driver: Driver, path: string): boolean {
  if (driver === 'uid') return landlockVersion() === 0 && isOpen(path);
  return driver !== 'bubblewrap';
}
