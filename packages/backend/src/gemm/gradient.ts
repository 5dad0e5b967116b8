/**
 * The gradient of matMul, for every backend. Stock TF.js forgets to sum over the batch dims that were broadcast, so that
 * [B, T, D] x [D, F] cannot be trained ("the gradient of input 'b' has shape ..."); and one tall product is faster than B small ones.
 */
import * as tf from '../tf.ts';

/** Replaces the gradient of the kernel BatchMatMul; `register.js` must have run (tf.ts imports it). */
export function registerMatMulGradient(): void {
  tf.unregisterGradient(tf.BatchMatMul);
  tf.registerGradient({ kernelName: tf.BatchMatMul, inputsToSave: ['a', 'b'], gradFunc: matMulGradient });
}

const matMulGradient: tf.GradFunc = (upstream, saved, attrs) => {
  const dy = upstream as tf.Tensor;
  const [a, b] = saved as [tf.Tensor, tf.Tensor];
  const { transposeA, transposeB } = attrs as unknown as tf.BatchMatMulAttrs;
  return {
    a: () => sumToShape(transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB), a.shape),
    b: () => {
      if (b.rank === 2 && a.rank > 2 && !transposeA) {
        const rows = flatRows(a); // [..., m, k] -> [M, k]
        const dRows = flatRows(dy); // [..., m, n] -> [M, n]
        return transposeB ? tf.matMul(dRows, rows, true, false) : tf.matMul(rows, dRows, true, false);
      }
      return sumToShape(transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false), b.shape);
    },
  };
};

function flatRows(x: tf.Tensor): tf.Tensor2D {
  const width = x.shape[x.rank - 1] as number;
  return tf.reshape(x, [x.shape.slice(0, -1).reduce((size, dim) => size * dim, 1), width]);
}

/** Sums over the leading dims that broadcasting added or stretched. */
function sumToShape(x: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, x.shape);
  return axes.length === 0 ? x : tf.reshape(tf.sum(x, axes), shape);
}
