/** Kernels of our own for the backend `wasm`, above all the matrix product: scripts/gemm-assembly/ says how, docs/benchmarks.md how fast. */
import * as tf from '../tf.ts';
import { functionsOf, memoryOf, type WasmBackend } from './heap.ts';
import { batchMatMulKernel, useThreads } from './kernel.ts';
import { type GemmFlavour, gemmFlavour, gemmModule, isShared } from './module.ts';
import { registerMoves } from './moves.ts';
import { GemmThreads } from './threads.ts';
import { registerTraining } from './training.ts';

export { registerMatMulGradient } from './gradient.ts';
export type { GemmFlavour } from './module.ts';

let ours: tf.KernelConfig | undefined;
let threads = 1;

/**
 * Replaces BatchMatMul and the kernels that only move values of the backend `wasm`, which must be running, and adds the fused training ops. Returns the build in use: 'relaxed-simd',
 * 'simd' where the engine lacks relaxed SIMD (Node 20), undefined where it has no SIMD at all and the stock kernel stays. May be called again.
 */
export function registerGemm(): GemmFlavour | undefined {
  const flavour = gemmFlavour();
  const stock = tf.getKernel(tf.BatchMatMul, 'wasm');
  if (flavour === undefined || stock === undefined || stock === ours) return flavour;
  ours = batchMatMulKernel(stock);
  tf.unregisterKernel(tf.BatchMatMul, 'wasm');
  tf.registerKernel(ours);
  registerMoves();
  // Fused ops have no stock kernel to fall back to.
  if (functionsOf(tf.findBackend('wasm') as unknown as WasmBackend) !== undefined) registerTraining();
  return flavour;
}

/** Starts `count - 1` threads for the matrix products of the running backend; returns how many compute, 1 where its memory cannot be shared. */
export async function startThreads(count: number): Promise<number> {
  const backend = tf.findBackend('wasm') as unknown as WasmBackend;
  const [memory, functions, module] = [memoryOf(backend), functionsOf(backend), gemmModule(true)];
  if (memory === undefined || functions === undefined || module === undefined || !isShared(memory)) return 1;
  useThreads(await GemmThreads.start(functions, module, memory, count));
  threads = count;
  return count;
}

/** How many threads compute the matrix products of the backend `wasm`. */
export function threadCount(): number {
  return threads;
}
