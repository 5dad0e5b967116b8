import { ShapeError } from '../errors.ts';
import * as tf from '../tf.ts';
import { hasKernel, ROTATE, runKernel } from './kernel.ts';

export interface RotateOptions {
  /** Pairs are (2i, 2i + 1), as in Meta's LLaMA, instead of (i, i + K / 2), as in Hugging Face's. */
  readonly interleaved?: boolean;
}

/**
 * Rotates each pair of a head's numbers by the angle of its position: x [.., T, H, K], cosines and sines [T, K / 2] -> [.., T, H, K].
 * The tables get no gradient. Throws ShapeError. Su et al. 2021, "RoFormer", section 3.2.2.
 */
export function rotate<T extends tf.Tensor>(x: T, cosine: tf.Tensor2D, sine: tf.Tensor2D, { interleaved = false }: RotateOptions = {}): T {
  const [T, , K] = x.shape.slice(-3) as [number, number, number];
  const table = [T, K / 2];
  if (x.rank < 3 || K % 2 !== 0 || !tf.util.arraysEqual(cosine.shape, table) || !tf.util.arraysEqual(sine.shape, table)) {
    throw new ShapeError(
      'rotate',
      'x [.., T, H, K] with K even, cosine and sine [T, K / 2]',
      `[${x.shape}], [${cosine.shape}] and [${sine.shape}]`,
    );
  }
  return tf.tidy(() => (hasKernel(ROTATE) ? fused(x, cosine, sine, interleaved) : plain(x, cosine, sine, interleaved))) as T;
}

// --- helpers ---

function fused(x: tf.Tensor, cosine: tf.Tensor, sine: tf.Tensor, interleaved: boolean): tf.Tensor {
  return tf.customGrad((x) => ({
    value: runKernel(ROTATE, { x: x as tf.Tensor, cosine, sine }, { inverse: false, interleaved })[0] as tf.Tensor,
    gradFunc: (dy: tf.Tensor) => runKernel(ROTATE, { x: dy, cosine, sine }, { inverse: true, interleaved })[0] as tf.Tensor,
  }))(x);
}

function plain(x: tf.Tensor, cosine: tf.Tensor2D, sine: tf.Tensor2D, interleaved: boolean): tf.Tensor {
  const [T, half] = cosine.shape;
  const pairs = interleaved ? [half, 2] : [2, half];
  const axis = x.rank - (interleaved ? 0 : 1); // of the two members of a pair, once K is split
  const [first, second] = tf.unstack(tf.reshape(x, [...x.shape.slice(0, -1), ...pairs]), axis) as [tf.Tensor, tf.Tensor]; // each [.., T, H, K / 2]
  const [cos, sin] = [tf.reshape(cosine, [T, 1, half]), tf.reshape(sine, [T, 1, half])];
  const turned = [tf.sub(tf.mul(first, cos), tf.mul(second, sin)), tf.add(tf.mul(first, sin), tf.mul(second, cos))];
  return tf.reshape(tf.stack(turned, axis), x.shape);
}
