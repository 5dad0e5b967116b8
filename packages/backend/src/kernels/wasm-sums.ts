/**
 * Sum and Mean of TF.js's WASM backend add one float32 after another: the mean of a million 0.1 is off by 1 %, and with it every loss and gradient norm
 * over a large tensor. Long rows are added in double precision here; and the sum of nothing is 0, not what the memory held.
 */
import type { SumAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './heap.ts';
import { wrapKernel } from './register.ts';

/** Shorter rows lose less than a few 1e-6 and stay with the stock kernel. */
const LONG_ROW = 1024;

export function fixSums(): void {
  for (const kernelName of [tf.Sum, tf.Mean]) {
    wrapKernel('wasm', kernelName, (stock, params) => {
      const { x } = params.inputs as { x: TensorInfo };
      const { axis, keepDims } = params.attrs as unknown as SumAttrs;
      const axes = tf.util.parseAxisParam(axis, x.shape);
      const [outShape, reduced] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
      const length = tf.util.sizeFromShape(reduced);
      const empty = kernelName === tf.Sum && tf.util.sizeFromShape(x.shape) === 0;
      const long = x.dtype === 'float32' && length >= LONG_ROW && tf.backend_util.axesAreInnerMostDims(axes, x.shape.length);
      if (!empty && !long) return stock(params);
      const wasm = params.backend as WasmBackend;
      const out = wasm.makeOutput(keepDims ? tf.backend_util.expandShapeToKeepDim(outShape, axes) : outShape, x.dtype);
      // Views are taken after makeOutput: it may grow, and so replace, the memory.
      const sums = wasm.typedArrayFromHeap(out);
      if (empty) sums.fill(0);
      else sumRows(wasm.typedArrayFromHeap(x), length, kernelName === tf.Mean ? 1 / length : 1, sums);
      return out;
    });
  }
}

/** Four sums side by side: one alone waits for each addition to finish. */
function sumRows(values: ArrayLike<number>, length: number, scale: number, out: { [index: number]: number; length: number }): void {
  const whole = length - (length % 4);
  for (let row = 0; row < out.length; row++) {
    const start = row * length;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = start; i < start + whole; i += 4) {
      a += values[i]!;
      b += values[i + 1]!;
      c += values[i + 2]!;
      d += values[i + 3]!;
    }
    for (let i = start + whole; i < start + length; i++) a += values[i]!;
    out[row] = (a + b + c + d) * scale;
  }
}
