import { ShapeError } from '../errors.ts';
import * as tf from '../tf.ts';
import { hasKernel, RMS_NORM, RMS_NORM_GRADIENT, runKernel } from './kernel.ts';

/**
 * Divides each row by its root mean square, then multiplies by the gain: [.., D], [D] -> [.., D]. Throws ShapeError.
 * Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", equation 4; epsilon stands inside the root.
 */
export function rmsNorm<T extends tf.Tensor>(x: T, gain: tf.Tensor, epsilon = 1e-5): T {
  const D = x.shape.at(-1);
  if (x.rank < 1 || gain.rank !== 1 || gain.shape[0] !== D)
    throw new ShapeError('rmsNorm', 'x [.., D] and gain [D]', `[${x.shape}] and [${gain.shape}]`);
  return tf.tidy(() => (hasKernel(RMS_NORM) ? fused(epsilon)(x, gain) : plain(x, gain, epsilon))) as T;
}

// --- helpers ---

function fused(epsilon: number) {
  return tf.customGrad((x, gain, save) => {
    const [y, rstd] = runKernel(RMS_NORM, { x: x as tf.Tensor, gain: gain as tf.Tensor }, { epsilon }) as [tf.Tensor, tf.Tensor];
    (save as tf.GradSaveFunc)([x as tf.Tensor, gain as tf.Tensor, rstd]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, gain, rstd] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        return runKernel(RMS_NORM_GRADIENT, { dy, x, gain, rstd });
      },
    };
  });
}

function plain(x: tf.Tensor, gain: tf.Tensor, epsilon: number): tf.Tensor {
  const rstd = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon)); // [.., 1]
  return tf.mul(tf.mul(x, rstd), gain);
}
