/** What our kernels use of TF.js's WASM backend. */
import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

export interface WasmBackend extends KernelBackend {
  readonly dataIdMap: { get(dataId: object): { dtype: DataType } };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): Float32Array | Int32Array | Uint8Array;
}
