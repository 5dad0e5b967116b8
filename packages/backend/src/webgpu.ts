/**
 * The `webgpu` backend under Node: TF.js's own, over the npm package `webgpu` (Dawn, prebuilt for Linux, macOS and Windows). Both are optional peers.
 * Results come back with `await tensor.data()`: TF.js's synchronous reading draws on a browser's canvas, which Node has not.
 */
import { BackendError } from './errors.ts';
import { asTensor, wrapKernel } from './kernels/register.ts';
import * as tf from './tf.ts';

export interface WebgpuStatus {
  readonly available: boolean;
  /** The adapter as its driver names it: "NVIDIA GeForce RTX 4070 (nvidia, ada-lovelace)". */
  readonly adapter?: string;
  /** True for a driver that computes on the CPU (SwiftShader, llvmpipe, WARP): right, but slower than wasm. */
  readonly software?: boolean;
  readonly reason?: string;
  readonly hint?: string;
}

/** The parts of the WebGPU API that are used here; its types would come with the optional package. */
interface Adapter {
  readonly info: { readonly vendor: string; readonly architecture: string; readonly device: string; readonly description: string };
  readonly isFallbackAdapter?: boolean;
}
interface Gpu {
  requestAdapter(options: { powerPreference: string }): Promise<Adapter | null>;
}

const PACKAGES = 'npm install webgpu @tensorflow/tfjs-backend-webgpu@4.22.0';
let found: Promise<{ gpu: Gpu; adapter: Adapter }> | undefined;

/** Which adapter the backend would run on, and whether it is a real GPU; loads no backend. */
export async function webgpuStatus(): Promise<WebgpuStatus> {
  try {
    const { adapter } = await findAdapter();
    return { available: true, adapter: adapterName(adapter), software: isSoftware(adapter) };
  } catch (error) {
    const { message, hint } = error as BackendError;
    return { available: false, reason: message, ...(hint === undefined ? {} : { hint }) };
  }
}

/** Registers the backend 'webgpu' in the running core, once. Throws BackendError when a package, a driver or a device is missing. */
export async function loadWebgpu(): Promise<void> {
  if (typeof tf.findBackendFactory('webgpu') === 'function') return;
  const { gpu } = await findAdapter();
  // TF.js looks for a browser's navigator.gpu when its package is imported.
  const navigator = (globalThis.navigator ?? {}) as object;
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  if (globalThis.navigator === undefined) Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  try {
    await import('@tensorflow/tfjs-backend-webgpu');
  } catch (cause) {
    throw new BackendError('webgpu: expected the package @tensorflow/tfjs-backend-webgpu, got none', { hint: PACKAGES, cause });
  }
  const factory = tf.findBackendFactory('webgpu') as (() => Promise<tf.KernelBackend>) | null | undefined;
  if (typeof factory !== 'function') {
    throw new BackendError('webgpu: expected @tensorflow/tfjs-backend-webgpu to use this copy of TF.js, got a second copy of tfjs-core', {
      hint: 'npm ls @tensorflow/tfjs-core shows where it comes from; one version for all',
    });
  }
  fixReverseCumulation();
  fixGatherNd();
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', async () => refuseSynchronousReads(await factory()), 3);
}

/** Lets the device go; without it Dawn may keep a process alive or end it with a crash. Call at the very end. */
export function closeWebgpu(): void {
  const backend = tf.findBackend('webgpu') as unknown as { device?: { destroy(): void } } | null | undefined;
  backend?.device?.destroy();
}

// --- helpers ---

/** TF.js 4.22 caches the shader of a reverse Cumsum or Cumprod under a name without the length that it holds: the second length comes out wrong. */
function fixReverseCumulation(): void {
  for (const kernelName of [tf.Cumsum, tf.Cumprod]) {
    wrapKernel('webgpu', kernelName, (stock, params) => {
      const { inputs, attrs, backend } = params;
      const { axis, exclusive, reverse } = attrs as unknown as tf.CumsumAttrs;
      if (!reverse) return stock(params);
      return tf.tidy(() => {
        const turned = tf.reverse(asTensor(inputs.x as tf.TensorInfo), axis);
        const forward = stock({ inputs: { x: turned }, attrs: { axis, exclusive, reverse: false }, backend }) as tf.TensorInfo;
        return tf.reverse(tf.engine().makeTensorFromTensorInfo(forward), axis);
      });
    });
  }
}

/** TF.js 4.22 gathers small tensors on the processor, and then forgets the two reshaped inputs that it made for the GPU. */
function fixGatherNd(): void {
  wrapKernel('webgpu', tf.GatherNd, (stock, params) => {
    const backend = params.backend as { shouldExecuteOnCPU(inputs: unknown): boolean };
    const own = backend.shouldExecuteOnCPU;
    backend.shouldExecuteOnCPU = () => false;
    try {
      return stock(params);
    } finally {
      backend.shouldExecuteOnCPU = own;
    }
  });
}

/** In place of "OffscreenCanvas is not defined". Values that are still on the JavaScript side are read as ever. */
function refuseSynchronousReads(backend: tf.KernelBackend): tf.KernelBackend {
  const readSync = backend.readSync.bind(backend);
  return Object.assign(backend, {
    hasReadSyncWarned: true,
    readSync: (dataId: object): tf.backend_util.BackendValues => {
      try {
        return readSync(dataId);
      } catch (cause) {
        throw new BackendError('webgpu: expected `await tensor.data()`, got a synchronous read of a tensor on the GPU', {
          hint: 'dataSync(), arraySync() and print() work on the other backends',
          cause,
        });
      }
    },
  });
}

function findAdapter(): Promise<{ gpu: Gpu; adapter: Adapter }> {
  found ??= askForAdapter();
  found.catch(() => {
    found = undefined; // a driver may be installed and asked for again
  });
  return found;
}

async function askForAdapter(): Promise<{ gpu: Gpu; adapter: Adapter }> {
  const { create, globals } = await importDawn();
  // GPUBufferUsage, GPUMapMode ...: constants that a browser has as globals.
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    const driver =
      process.platform === 'linux'
        ? "install the Vulkan loader (`apt install libvulkan1`) and your card's driver"
        : "update your graphics card's driver";
    throw new BackendError('webgpu: expected a graphics adapter, got none', { hint: `${driver}, or use --backend wasm` });
  }
  return { gpu, adapter };
}

async function importDawn(): Promise<{ create(flags: string[]): Gpu; globals: object }> {
  const name = 'webgpu'; // not a literal: a bundler must leave the native package where it is
  try {
    return (await import(name)) as { create(flags: string[]): Gpu; globals: object };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND')
      throw new BackendError('webgpu: expected the npm package webgpu, got none', { hint: PACKAGES, cause });
    throw new BackendError(`webgpu: expected Dawn to load, got: ${message}`, { hint: 'use --backend wasm', cause });
  }
}

function adapterName({ info }: Adapter): string {
  const name = info.device || info.description || 'unnamed adapter';
  const more = [info.vendor, info.architecture].filter((word) => word !== '' && !name.toLowerCase().includes(word.toLowerCase()));
  return more.length === 0 ? name : `${name} (${more.join(', ')})`;
}

function isSoftware({ info, isFallbackAdapter }: Adapter): boolean {
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i.test(words);
}
