/** UnsortedSegmentSum over the WASM heap: the gradient of gather, so of every embedding. Stock TF.js has none. */
import type { TensorInfo, UnsortedSegmentSumAttrs } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './heap.ts';
import { setKernel } from './register.ts';

/** Sums rows of x [N, ...] by segment id [N] -> [segments, ...]; an id outside the range is dropped, as in TensorFlow. */
export function registerUnsortedSegmentSum(): void {
  setKernel('wasm', tf.UnsortedSegmentSum, ({ inputs, attrs, backend }) => {
    const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
    const { numSegments } = attrs as unknown as UnsortedSegmentSumAttrs;
    const wasm = backend as WasmBackend;
    // The ids may have more than one dimension: what is left of x behind them is a row.
    const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
    const out = wasm.makeOutput(shape, x.dtype);
    // Views are taken after makeOutput: it may grow, and so replace, the memory.
    const sums = wasm.typedArrayFromHeap(out);
    const values = wasm.typedArrayFromHeap(x);
    const ids = wasm.typedArrayFromHeap(segmentIds);
    sums.fill(0);
    const width = ids.length === 0 ? 0 : values.length / ids.length;
    for (let row = 0; row < ids.length; row++) {
      const segment = ids[row]!;
      if (segment < 0 || segment >= numSegments) continue;
      const to = segment * width;
      const from = row * width;
      for (let i = 0; i < width; i++) sums[to + i]! += values[from + i]!;
    }
    return out;
  });
}
