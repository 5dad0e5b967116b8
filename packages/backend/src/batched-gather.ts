/** Gather with batch dimensions as one gather of rows: where in the flattened tensor each result comes from. */
import * as tf from '@tensorflow/tfjs-core';

export interface Rows {
  /** The row of the flattened x [rows, I] behind each result, int32 [B * O * K]. */
  readonly from: tf.Tensor1D;
  readonly count: number;
  /** The shape of the result. */
  readonly shape: number[];
}

/** x [B.., O.., n, I..] and indices [B.., K..] -> result [B.., O.., K.., I..], where `axis` is the place of n. Call inside a tidy. */
export function rowsOf(xShape: number[], indices: tf.Tensor, axis: number, batchDims: number): Rows {
  const batch = xShape.slice(0, batchDims);
  const outer = xShape.slice(batchDims, axis);
  const n = xShape[axis]!;
  const B = size(batch);
  const O = size(outer);
  const picked = indices.shape.slice(batchDims);
  const starts = tf
    .range(0, B * O, 1, 'int32')
    .mul(tf.scalar(n, 'int32'))
    .reshape([B, O, 1]);
  const from = starts.add(indices.toInt().reshape([B, 1, size(picked)]));
  return { from: from.flatten() as tf.Tensor1D, count: B * O * n, shape: [...batch, ...outer, ...picked, ...xShape.slice(axis + 1)] };
}

/** Gathers per batch: float32, int32 or bool. */
export function batchedGather(x: tf.Tensor, indices: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  return tf.tidy(() => {
    const { from, count, shape } = rowsOf(x.shape, indices, axis, batchDims);
    return tf.gather(x.reshape([count, -1]), from, 0).reshape(shape);
  });
}

/** The gradient with respect to x: rows of `dy` summed where they came from. */
export function batchedGatherGradient(dy: tf.Tensor, xShape: number[], indices: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  const { from, count } = rowsOf(xShape, indices, axis, batchDims);
  return tf.unsortedSegmentSum(dy.reshape([from.size, -1]), from, count).reshape(xShape);
}

function size(shape: number[]): number {
  return shape.reduce((product, s) => product * s, 1);
}
