/** What our kernels use of TF.js's WASM backend: its memory, its allocator, where a tensor lies. */
import type * as tf from '../tf.ts';
import { type GemmExports, instantiate, isMemory, type Memory } from './module.ts';

/** What we use of TF.js's WASM backend: its own types keep `wasm` as `any` and hide the map. */
export interface WasmBackend {
  readonly wasm: {
    readonly asm?: Record<string, unknown>;
    readonly wasmMemory?: unknown;
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  refCount(dataId: object): number;
  incRef(dataId: object): void;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
}

const memories = new WeakMap<object, Memory>();

/** The memory that the backend's tensors lie in; undefined when this build of TF.js hides it. */
export function memoryOf({ wasm }: WasmBackend): Memory | undefined {
  const known = memories.get(wasm);
  if (known !== undefined) return known;
  const memory = [wasm.asm?.memory, wasm.wasmMemory, ...Object.values(wasm.asm ?? {})].find(isMemory);
  if (memory !== undefined) memories.set(wasm, memory);
  return memory;
}

/** Our functions in the backend's memory; undefined where they cannot run (no SIMD). */
export function functionsOf(backend: WasmBackend): GemmExports | undefined {
  const memory = memoryOf(backend);
  return memory && instantiate(memory);
}

/** Where a tensor's values begin, in bytes. It does not move when the memory grows. */
export function address(backend: WasmBackend, { dataId }: { dataId: object }): number {
  return backend.dataIdMap.get(dataId).memoryOffset;
}
