/**
 * Kernels of TF.js's WASM backend that lose what they are given: batch dimensions (GatherV2), the dtype (StridedSlice), the truth (Cast to bool), the
 * number (OneHot, ClipByValue), or move four bytes for each bool, which has one, and so write over their neighbour (Reverse, StridedSlice, Select).
 */
import type { CastAttrs, ClipByValueAttrs, DataType, GatherV2Attrs, OneHotAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { batchedGather } from '../batched-gather.ts';
import type { WasmBackend } from './heap.ts';
import { asTensor, wrapKernel } from './register.ts';

/** The stock kernel treats a batch as more indices and answers with the wrong rows. */
export function fixGather(): void {
  wrapKernel('wasm', tf.GatherV2, (stock, params) => {
    const { x, indices } = params.inputs as { x: TensorInfo; indices: TensorInfo };
    const { axis, batchDims } = params.attrs as unknown as GatherV2Attrs;
    if (batchDims === undefined || batchDims === 0) return stock(params);
    return batchedGather(asTensor(x), asTensor(indices), axis < 0 ? axis + x.shape.length : axis, batchDims);
  });
}

/** The stock kernel calls every result float32, which is right for int32 but for the name. */
export function fixStridedSlice(): void {
  wrapKernel('wasm', tf.StridedSlice, (stock, params) => {
    const { x } = params.inputs as { x: TensorInfo };
    const out = stock(params) as TensorInfo;
    return x.dtype === 'int32' ? relabel(params.backend as WasmBackend, out, 'int32') : out;
  });
}

/** Bools pass the kernels that think in four bytes as int32. Wrap last, so that it sees the other repairs. */
export function fixBools(): void {
  for (const kernelName of [tf.Reverse, tf.StridedSlice]) {
    wrapKernel('wasm', kernelName, (stock, params) => {
      const { x } = params.inputs as { x: TensorInfo };
      if (x.dtype !== 'bool') return stock(params);
      return tf.tidy(() => tf.cast(own(stock({ ...params, inputs: { x: tf.cast(asTensor(x), 'int32') } })), 'bool'));
    });
  }
  wrapKernel('wasm', tf.Select, (stock, params) => {
    const { condition, t, e } = params.inputs as { condition: TensorInfo; t: TensorInfo; e: TensorInfo };
    if (t.dtype !== 'bool') return stock(params);
    return tf.tidy(() => {
      const inputs = { condition, t: tf.cast(asTensor(t), 'int32'), e: tf.cast(asTensor(e), 'int32') };
      return tf.cast(own(stock({ ...params, inputs })), 'bool');
    });
  });
}

/** The stock kernel writes the integers 1 and 0 whatever the dtype: as a float32, 1 reads as 1.4e-45. */
export function fixOneHot(): void {
  wrapKernel('wasm', tf.OneHot, (stock, params) => {
    const { dtype, onValue, offValue } = params.attrs as unknown as OneHotAttrs;
    if (dtype === 'int32') return stock(params);
    return tf.tidy(() => {
      const ones = own(stock({ ...params, attrs: { ...params.attrs, dtype: 'int32', onValue: 1, offValue: 0 } })).cast(dtype);
      return onValue === 1 && offValue === 0
        ? ones
        : ones
            .mul(onValue - offValue)
            .add(offValue)
            .cast(dtype);
    });
  });
}

/** The stock kernel clips the bits of an int32 as if they were a float32. */
export function fixClip(): void {
  wrapKernel('wasm', tf.ClipByValue, (stock, params) => {
    const { x } = params.inputs as { x: TensorInfo };
    if (x.dtype !== 'int32') return stock(params);
    const { clipValueMin, clipValueMax } = params.attrs as unknown as ClipByValueAttrs;
    return tf.tidy(() => {
      const low = tf.scalar(Math.max(Math.ceil(clipValueMin), -(2 ** 31)), 'int32');
      const high = tf.scalar(Math.min(Math.floor(clipValueMax), 2 ** 31 - 1), 'int32');
      return tf.minimum(tf.maximum(asTensor(x), low), high);
    });
  });
}

/** The stock kernel stores the low byte, so -1 becomes 255 and 256 becomes false. */
export function fixCast(): void {
  wrapKernel('wasm', tf.Cast, (stock, params) => {
    const { x } = params.inputs as { x: TensorInfo };
    const { dtype } = params.attrs as unknown as CastAttrs;
    if (dtype !== 'bool' || x.dtype === 'bool') return stock(params);
    return tf.tidy(() => tf.notEqual(asTensor(x), tf.scalar(0, x.dtype as 'int32')));
  });
}

function relabel(backend: WasmBackend, info: TensorInfo, dtype: DataType): TensorInfo {
  backend.dataIdMap.get(info.dataId).dtype = dtype;
  return { ...info, dtype };
}

/** A kernel's result as a tensor that the surrounding tidy owns. */
function own(result: TensorInfo | TensorInfo[]): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(result as TensorInfo);
}
