/** What the current backend runs on. */
import { type BackendName, isBackendName } from './backend-name.ts';
import { BackendError } from './errors.ts';
import * as tf from './tf.ts';

export interface DeviceInfo {
  readonly backend: BackendName;
  /** For people: 'WASM, relaxed SIMD, 1 thread', 'TensorFlow 2.21.0 on the CPU', the adapter's name. */
  readonly device: string;
  /** True for a real GPU: thresholds with `on: 'gpu'` run only then. A software GPU does not count. */
  readonly gpu: boolean;
  /** Of a real GPU, where the backend says. */
  readonly memoryBytes?: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Describes the backend that `useBackend` made current. Throws BackendError before that. */
export async function deviceInfo(): Promise<DeviceInfo> {
  const backend = tf.getBackend();
  if (!isBackendName(backend)) {
    throw new BackendError(`deviceInfo: expected a backend, got ${backend ?? 'none'}`, { hint: "await useBackend('auto') first" });
  }
  const versions = { tfjs: tf.version_core };
  switch (backend) {
    case 'webgpu': {
      const { adapter = 'unnamed adapter', software } = await (await import('./webgpu.ts')).webgpuStatus();
      return { backend, device: `WebGPU on ${adapter}${software ? ', a software GPU' : ''}`, gpu: software !== true, versions };
    }
    case 'cpu':
      return { backend, device: 'plain JavaScript, 1 thread', gpu: false, versions };
    case 'wasm':
      return { backend, device: `WASM, ${await wasmDevice()}`, gpu: false, versions };
    case 'tensorflow': {
      const running = (await import('./tensorflow/load.ts')).currentTensorflow();
      const version = running?.binding.TF_Version ?? 'unknown';
      const gpu = running?.isUsingGpuDevice === true;
      return {
        backend,
        device: `TensorFlow ${version} on the ${gpu ? 'GPU' : 'CPU'}`,
        gpu,
        versions: { ...versions, tensorflow: version },
      };
    }
  }
}

async function wasmDevice(): Promise<string> {
  const [{ gemmFlavour }, { threadCount }] = await Promise.all([import('./gemm/module.ts'), import('./gemm/index.ts')]);
  const simd = { 'relaxed-simd': 'relaxed SIMD', simd: 'SIMD', none: 'no SIMD' }[gemmFlavour() ?? 'none'];
  return `${simd}, ${threadCount()} ${threadCount() === 1 ? 'thread' : 'threads'}`;
}
