/** Kernels that go wrong on a negative axis: Cumsum and Cumprod of cpu and wasm read out of bounds, GatherV2 of tensorflow refuses every index. */
import * as tf from '@tensorflow/tfjs-core';
import { wrapKernel } from './register.ts';

/** Makes the axis positive before the stock kernel sees it. */
export function fixNegativeAxis(backendName: string): void {
  for (const kernelName of [tf.Cumsum, tf.Cumprod, tf.GatherV2]) {
    wrapKernel(backendName, kernelName, (stock, { inputs, attrs, backend }) => {
      const { axis } = attrs as unknown as { axis: number };
      const rank = inputs.x?.shape.length ?? 0;
      return stock({ inputs, backend, attrs: { ...attrs, axis: axis < 0 ? axis + rank : axis } });
    });
  }
}
