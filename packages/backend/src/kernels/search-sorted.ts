/** SearchSorted by counting, for a backend that has none (tensorflow): N x M comparisons, fine for a vocabulary and a handful of values. */
import type { SearchSortedAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { asTensor, setKernel } from './register.ts';

/** sortedSequence [B, N], values [B, M] -> the place of each value, int32 [B, M]. */
export function registerSearchSorted(backendName: string): void {
  setKernel(backendName, tf.SearchSorted, ({ inputs, attrs }) => {
    const { sortedSequence, values } = inputs as { sortedSequence: TensorInfo; values: TensorInfo };
    const { side } = attrs as unknown as SearchSortedAttrs;
    return tf.tidy(() => {
      const row = tf.expandDims(asTensor(sortedSequence), 1); // [B, 1, N]
      const value = tf.expandDims(asTensor(values), 2); // [B, M, 1]
      const before = side === 'left' ? tf.less(row, value) : tf.lessEqual(row, value);
      return tf.sum(tf.cast(before, 'int32'), 2);
    });
  });
}
