/** Chooses the device that runs the maths. Nothing of a backend is loaded before it is asked for. */
import { type BackendName, backendNames, chooseBackend } from './backend-name.ts';
import { BackendError, UsageError } from './errors.ts';
import { completeKernels } from './kernels/index.ts';
import { guardMissingKernels } from './missing-kernels.ts';
import * as tf from './tf.ts';
import { registerWasm } from './wasm.ts';

export interface BackendOptions {
  /** How many threads share the matrix products of `wasm` (Node only; counts at its first start). The other backends choose for themselves. Default: 1. */
  readonly threads?: number;
}

const started = new Map<BackendName, Promise<void>>();

/**
 * Starts a backend once, makes it the current one and returns its name. `auto` takes the fastest that works: TensorFlow if it is installed,
 * WebGPU on a real GPU, WASM, plain JavaScript. Without a name LADDER_BACKEND decides, else it is `wasm`, so that a verdict is the same everywhere.
 * Throws BackendError with the command that helps when a named backend is absent, UsageError on an unknown name.
 */
export async function useBackend(name?: BackendName | 'auto', { threads = 1 }: BackendOptions = {}): Promise<BackendName> {
  const choice = chooseBackend(name);
  if (!Number.isInteger(threads) || threads < 1) throw new UsageError('useBackend: threads', 'a whole number from 1', String(threads));
  if (choice !== 'auto') return start(choice, threads);
  const reasons: string[] = [];
  for (const candidate of backendNames) {
    try {
      if (await worthTrying(candidate)) return await start(candidate, threads);
    } catch (error) {
      // What is installed but does not start (a driver, a library) is no reason to stop: the next one may work.
      reasons.push((error as Error).message);
    }
  }
  throw new BackendError(`useBackend: expected a backend that works, got none: ${reasons.join('; ')}`, { hint: 'ladder doctor' });
}

async function start(name: BackendName, threads: number): Promise<BackendName> {
  let ready = started.get(name);
  if (ready === undefined) {
    ready = load(name, threads).then(() => {
      completeKernels(name);
      guardMissingKernels(name);
    });
    started.set(name, ready);
    // A failure is not remembered: the user may install what was missing and ask again in the same process.
    ready.catch(() => started.delete(name));
  }
  await ready;
  if (tf.getBackend() !== name && !(await tf.setBackend(name))) {
    throw new BackendError(`useBackend: expected ${name} to start, got a failure (see the warning above)`, { hint: 'ladder doctor' });
  }
  return name;
}

async function load(name: BackendName, threads: number): Promise<void> {
  if (name === 'wasm') await registerWasm(threads);
  else if (name === 'cpu') await registerCpu();
  else if (name === 'tensorflow') await (await import('./tensorflow/load.ts')).loadTensorflow();
  else await (await import('./webgpu.ts')).loadWebgpu();
}

async function registerCpu(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  // Its first tensor prints a banner that recommends a package which does not install on current Node.
  Object.assign(tf.findBackend('cpu') ?? {}, { firstUse: false });
}

/** `auto` passes over what is not installed, and over a software GPU, which is slower than WASM. */
async function worthTrying(name: BackendName): Promise<boolean> {
  if (name === 'tensorflow') return (await (await import('./tensorflow/load.ts')).tensorflowStatus()).installed;
  if (name !== 'webgpu') return true;
  const { available, software } = await (await import('./webgpu.ts')).webgpuStatus();
  return available && software !== true;
}
