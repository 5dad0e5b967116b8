import { ShapeError } from '../errors.ts';
import * as tf from '../tf.ts';
import { hasKernel, runKernel, SPARSE_CROSS_ENTROPY } from './kernel.ts';

/**
 * Mean softmax cross-entropy of logits against token ids, differentiable in the logits: [N, V], int32 [N] -> scalar.
 * A target outside [0, V) gives NaN on some backends and an error on others: check ids where they are made. Throws ShapeError.
 */
export function sparseCrossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  const [N = 0] = logits.shape;
  if (logits.rank !== 2 || targets.rank !== 1 || targets.shape[0] !== N) {
    throw new ShapeError('sparseCrossEntropy', 'logits [N, V] and targets [N]', `[${logits.shape}] and [${targets.shape}]`);
  }
  const loss = tf.customGrad((x, save) => {
    const ids = targets.dtype === 'int32' ? targets : tf.cast(targets, 'int32');
    const [losses, gradient] = lossAndGradient(x as tf.Tensor2D, ids as tf.Tensor1D);
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value: tf.mean(losses),
      gradFunc: (upstream: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(saved as tf.Tensor, tf.div(upstream, N)),
    };
  });
  return tf.tidy(() => loss(logits)) as tf.Scalar;
}

// --- helpers ---

function lossAndGradient(logits: tf.Tensor2D, targets: tf.Tensor1D): [tf.Tensor, tf.Tensor] {
  if (hasKernel(SPARSE_CROSS_ENTROPY)) return runKernel(SPARSE_CROSS_ENTROPY, { logits, targets }) as [tf.Tensor, tf.Tensor];
  const V = logits.shape[1];
  const wanted = tf.oneHot(targets, V); // [N, V]
  const shifted = tf.sub(logits, tf.max(logits, 1, true)); // [N, V], at most 0: exp cannot overflow
  const exps = tf.exp(shifted);
  const sums = tf.sum(exps, 1, true); // [N, 1]
  const losses = tf.sub(tf.log(tf.squeeze(sums, [1])), tf.sum(tf.mul(shifted, wanted), 1)); // [N]
  return [losses, tf.sub(tf.div(exps, sums), wanted)];
}
