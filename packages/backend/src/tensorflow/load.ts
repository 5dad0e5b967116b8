/**
 * Loads the installed `tensorflow` backend into the running TF.js core: the binding is dlopened, the backend's JavaScript gets *this* core for
 * its imports of TF.js, also when core sits inside a bundle. Nothing here downloads or builds.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { BackendError } from '../errors.ts';
import * as tf from '../tf.ts';
import type { Binding, TensorflowBackend } from './binding.ts';
import { findInstalled, type Installed } from './cache.ts';
import { registerFusedOps } from './fused.ts';
import { registerGradients } from './gradients.ts';
import { registerKernels } from './kernels.ts';
import { registerNativeOps } from './native.ts';
import { quietly } from './quiet.ts';

export interface TensorflowStatus {
  readonly installed: boolean;
  readonly version?: string;
  readonly cuda?: boolean;
  readonly folder?: string;
  readonly reason?: string;
  readonly hint?: string;
}

const HINT = 'ladder backend install';

/** What the cache holds, without loading it. */
export async function tensorflowStatus(): Promise<TensorflowStatus> {
  const found = findInstalled();
  if (!('folder' in found)) return { installed: false, reason: found.reason, hint: HINT };
  return { installed: true, version: found.manifest.version, cuda: found.manifest.flavour === 'cuda', folder: found.folder };
}

/** Every folder that a sandboxed process must be able to read to load the backend (real paths; empty when it is not installed). It also needs `--allow-addons`. */
export async function tensorflowPaths(): Promise<string[]> {
  const found = findInstalled();
  if (!('folder' in found)) return [];
  const inside = found.libraries.startsWith(`${found.folder}/`);
  // CUDA's own libraries lie in ../nvidia beside the package, both in our folder and in a Python's.
  return inside ? [found.folder] : [found.folder, found.libraries, join(found.libraries, '..', 'nvidia')];
}

/** Registers the backend 'tensorflow' in the running core, once. Throws BackendError when it is absent or its libraries do not load. */
export async function loadTensorflow(): Promise<void> {
  if (isRegistered()) return;
  const found = findInstalled();
  if (!('folder' in found)) throw new BackendError(`tensorflow: expected it to be installed, got: ${found.reason}`, { hint: HINT });
  registerTensorflow(found);
}

/** The running backend, to call TensorFlow ops by name; undefined unless 'tensorflow' is the current one. */
export function currentTensorflow(): TensorflowBackend | undefined {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as TensorflowBackend) : undefined;
}

// --- helpers ---

function isRegistered(): boolean {
  return typeof tf.findBackendFactory('tensorflow') === 'function';
}

function registerTensorflow({ folder, manifest }: Installed): void {
  // Information lines of every later start of a device; warnings and errors still show.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  const require = createRequire(join(folder, 'backend.cjs'));
  let binding: Binding;
  try {
    binding = quietly(join(folder, 'binding', 'quiet.node'), require, () => require('./binding/tfjs_binding.node') as Binding);
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    const denied = code === 'ERR_DLOPEN_DISABLED';
    throw new BackendError(`tensorflow: expected its libraries to load, got: ${message}`, {
      hint: denied ? 'run Node with --allow-addons' : `${HINT} (after deleting ${folder})`,
      cause,
    });
  }
  const outside = (name: string): unknown => {
    if (name === '@tensorflow/tfjs' || name === '@tensorflow/tfjs-core') return coreForClassicCode;
    // Node 23 removed these two; the packed code still asks for them.
    if (name === 'util') return { ...util, isNullOrUndefined: (v: unknown) => v === null || v === undefined, isArray: Array.isArray };
    return {}; // the protocol buffers of SavedModel, which the course never reads
  };
  const load = (require('./backend.cjs') as (outside: (name: string) => unknown) => (name: string) => Record<string, unknown>)(outside);
  const { NodeJSKernelBackend } = load('nodejs_kernel_backend') as {
    NodeJSKernelBackend: new (binding: Binding, name: string) => TensorflowBackend;
  };
  load('register_all_kernels');
  registerKernels();
  if (binding.isUsingGpuDevice()) registerFusedOps();
  else registerNativeOps(binding, require);
  registerGradients();
  tf.registerBackend(
    'tensorflow',
    () => new NodeJSKernelBackend(binding, manifest.flavour === 'cuda' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node'),
    3,
  );
}

/** An ES5 constructor calls its super without `new`; core's class refuses that when a bundler took its ES2017 build. */
function ClassicKernelBackend(this: object): tf.KernelBackend {
  return Reflect.construct(tf.KernelBackend, [], this.constructor as new () => tf.KernelBackend) as tf.KernelBackend;
}
ClassicKernelBackend.prototype = tf.KernelBackend.prototype;
const coreForClassicCode = { ...tf, KernelBackend: ClassicKernelBackend };
