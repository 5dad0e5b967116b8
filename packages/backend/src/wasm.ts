/** Loads the WASM backend: finds its binaries without configuration and adds the kernels that training needs. */
import { BackendError } from './errors.ts';
import { withSharedMemory } from './gemm/shared-memory.ts';
import * as tf from './tf.ts';

const binary = 'tfjs-backend-wasm-simd.wasm';
let chosenFolder: string | undefined;

/** Says where the .wasm files of TF.js lie, for a program that bundles this package and keeps them elsewhere; call it before `useBackend`. */
export function setWasmPath(folder: string): void {
  chosenFolder = folder;
}

/** Registers the backend `wasm` and makes it the current one; with more than one thread its memory is shared with them. Throws BackendError when the binaries are not found. */
export async function registerWasm(threads: number): Promise<void> {
  const [wasm, folder] = await Promise.all([import('@tensorflow/tfjs-backend-wasm'), findFolder()]);
  // esbuild with splitting gives a CommonJS package only a default export.
  const { setWasmPaths } = 'setWasmPaths' in wasm ? wasm : (wasm as { default: typeof wasm }).default;
  if (folder !== undefined) setWasmPaths(folder.endsWith('/') ? folder : `${folder}/`);
  const start = () => tf.setBackend('wasm');
  if (!(await (threads > 1 ? withSharedMemory(start) : start()))) {
    throw new BackendError('useBackend: expected the wasm backend to start, got a failure (see the warning above)', {
      hint: 'ladder doctor',
    });
  }
  const { registerGemm, startThreads } = await import('./gemm/index.ts');
  registerGemm();
  if (threads > 1) await startThreads(threads);
}

/** The chosen folder, else beside this file when someone bundled it, else the installed package; a browser's page goes without (TF.js fetches). */
async function findFolder(): Promise<string | undefined> {
  if (typeof process === 'undefined' || process.versions?.node === undefined || !import.meta.url.startsWith('file:')) return chosenFolder;
  const [{ existsSync }, { createRequire }, { dirname, join }, { fileURLToPath }] = await Promise.all([
    import('node:fs'),
    import('node:module'),
    import('node:path'),
    import('node:url'),
  ]);
  const installed = () => join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
  const places = chosenFolder === undefined ? [() => dirname(fileURLToPath(import.meta.url)), installed] : [() => chosenFolder as string];
  const looked: string[] = [];
  for (const place of places) {
    try {
      const folder = place();
      if (existsSync(join(folder, binary))) return folder;
      looked.push(folder);
    } catch {
      looked.push('@tensorflow/tfjs-backend-wasm (not installed)');
    }
  }
  throw new BackendError(`useBackend: expected ${binary} in ${looked.join(' or ')}, got no such file`, {
    hint: 'npm install @tensorflow/tfjs-backend-wasm, or setWasmPath(folder)',
  });
}
