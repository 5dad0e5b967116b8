/**
 * The kernel `BatchMatMul` of the backend `wasm`. Stock TF.js gives 2-D products to XNNPACK and everything else (batches, transposes) to a naive
 * loop that reaches a tenth of it; ours takes every case at the same speed.
 */
import { BackendError, ShapeError } from '../errors.ts';
import type * as tf from '../tf.ts';
import { address, functionsOf, type WasmBackend } from './heap.ts';
import type { GemmExports } from './module.ts';
import { type Plan, planMatMul } from './plan.ts';
import type { GemmThreads } from './threads.ts';

let threads: GemmThreads | undefined;

/** From now on large products are shared out. */
export function useThreads(started: GemmThreads): void {
  threads = started;
}

/** `stock` runs where our build cannot: without SIMD. */
export function batchMatMulKernel(stock: tf.KernelConfig): tf.KernelConfig {
  return {
    ...stock,
    kernelFunc: (params) => {
      const backend = params.backend as WasmBackend;
      const wasm = functionsOf(backend);
      if (wasm === undefined) return stock.kernelFunc(params);
      const { a, b } = params.inputs as unknown as { a: tf.TensorInfo; b: tf.TensorInfo };
      const { transposeA, transposeB } = params.attrs as unknown as tf.BatchMatMulAttrs;
      return matMul(wasm, backend, a, b, transposeA, transposeB);
    },
  };
}

function matMul(
  wasm: GemmExports,
  backend: WasmBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): tf.TensorInfo {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') {
    throw new ShapeError('matMul', 'two float32 tensors', `${a.dtype} x ${b.dtype}`, { hint: "tensor.cast('float32') converts" });
  }
  const plan = planMatMul(a.shape, b.shape, transposeA, transposeB);
  const out = backend.makeOutput(plan.outShape, 'float32');
  if (plan.runs.length > 0)
    multiply(wasm, backend, plan, address(backend, a), address(backend, b), address(backend, out), transposeA, transposeB);
  return out;
}

function multiply(
  wasm: GemmExports,
  backend: WasmBackend,
  { m, n, k, runs }: Plan,
  a: number,
  b: number,
  out: number,
  transposeA: boolean,
  transposeB: boolean,
): void {
  // Nothing here is a view of the memory: malloc may grow it, and addresses stay what they are.
  const bytes = wasm.scratchBytes(m, n, k);
  const parts = threads?.parts(Math.max(...runs.map(({ times }) => times)), m, n, k) ?? 1;
  const scratch = bytes === 0 ? 0 : backend.wasm._malloc(bytes * parts);
  if (bytes > 0 && scratch === 0)
    throw new BackendError(`matMul: expected ${bytes * parts} bytes of scratch, got none: the WASM heap is full`);
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
  const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
  let to = out;
  try {
    for (const { times, aStep, bStep, aOffset, bOffset } of runs) {
      const job = [times, m, n, k, a + 4 * aOffset, aStep, aRow, aColumn, b + 4 * bOffset, bStep, bRow, bColumn, to, scratch] as const;
      if (threads === undefined || parts === 1) wasm.gemm(...job);
      else threads.gemm(parts, bytes, ...job);
      to += 4 * times * m * n;
    }
  } finally {
    if (bytes > 0) backend.wasm._free(scratch);
  }
}
