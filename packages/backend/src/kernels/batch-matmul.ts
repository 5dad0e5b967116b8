/**
 * BatchMatMul of stock TF.js counts an operand's batches modulo their number: right when its batch is the tail of the result's, wrong or out of
 * bounds otherwise ([2, 1, M, K] x [1, 3, K, N], [2, 1, M, K] x [2, 3, K, N]).
 */
import type { BatchMatMulAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { asTensor, wrapKernel } from './register.ts';

/** Spreads an operand over the common batch where counting would go wrong; all other products pass untouched. */
export function fixBatchBroadcast(backendName: string): void {
  wrapKernel(backendName, tf.BatchMatMul, (stock, params) => {
    const { a, b } = params.inputs as { a: TensorInfo; b: TensorInfo };
    const batchA = a.shape.slice(0, -2);
    const batchB = b.shape.slice(0, -2);
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
    if (isTail(batchA, batch) && isTail(batchB, batch) && (size(batchA) === size(batch) || size(batchB) === size(batch)))
      return stock(params);
    return tf.tidy(() => {
      const { transposeA, transposeB } = params.attrs as unknown as BatchMatMulAttrs;
      return tf.matMul(spread(a, batch), spread(b, batch), transposeA, transposeB);
    });
  });
}

function spread(info: TensorInfo, batch: number[]): tf.Tensor {
  return tf.broadcastTo(asTensor(info), [...batch, ...info.shape.slice(-2)]);
}

function isTail(part: number[], whole: number[]): boolean {
  const first = part.findIndex((s) => s !== 1);
  const core = first === -1 ? [] : part.slice(first);
  return core.every((s, i) => s === whole[whole.length - core.length + i]);
}

function size(shape: number[]): number {
  return shape.reduce((n, s) => n * s, 1);
}
