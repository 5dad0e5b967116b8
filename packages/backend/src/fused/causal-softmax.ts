import { ShapeError } from '../errors.ts';
import * as tf from '../tf.ts';
import { CAUSAL_SOFTMAX, CAUSAL_SOFTMAX_GRADIENT, hasKernel, runKernel } from './kernel.ts';

/**
 * Softmax of scores times `scale` over the keys that a query may see: [.., T, S] -> weights [.., T, S], each row sums to 1.
 * Query t sees keys 0 .. t + S - T, so the last T of S keys are the queries' own. Throws ShapeError. Vaswani et al. 2017, section 3.2.
 */
export function causalSoftmax<T extends tf.Tensor>(scores: T, scale: number): T {
  const [T, S] = scores.shape.slice(-2) as [number, number];
  if (scores.rank < 2 || S < T) throw new ShapeError('causalSoftmax', 'scores [.., T, S] with S >= T', `[${scores.shape}]`);
  return tf.tidy(() => (hasKernel(CAUSAL_SOFTMAX) ? fused(scores, scale) : plain(scores, scale))) as T;
}

// --- helpers ---

function fused(scores: tf.Tensor, scale: number): tf.Tensor {
  return tf.customGrad((scores, save) => {
    const [weights] = runKernel(CAUSAL_SOFTMAX, { scores: scores as tf.Tensor }, { scale }) as [tf.Tensor];
    (save as tf.GradSaveFunc)([weights]);
    return {
      value: weights,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        runKernel(CAUSAL_SOFTMAX_GRADIENT, { dy, weights: saved[0] as tf.Tensor }, { scale })[0] as tf.Tensor,
    };
  })(scores);
}

function plain(scores: tf.Tensor, scale: number): tf.Tensor {
  const [T, S] = scores.shape.slice(-2) as [number, number];
  const later = tf.greater(tf.range(0, S, 1, 'int32'), tf.reshape(tf.range(S - T, S, 1, 'int32'), [T, 1])); // [T, S]
  return tf.softmax(tf.add(tf.mul(scores, scale), tf.mul(tf.cast(later, 'float32'), -1e9)));
}
