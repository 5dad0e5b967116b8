/**
 * Sinusoidal position encoding: where a token stands, written as angles.
 *
 * Paper: Vaswani et al. 2017, section 3.5.
 * - Nothing is learned: a position is written as the angles of D/2 clocks, each slower than the one before.
 * - `t` counts tokens; `i` counts pairs of features. A pair holds the sine and the cosine of one clock, side by side.
 */
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';

/**
 * Dims: T time (number of positions), D model width.
 * The table of position encodings, to be added to the embeddings: -> [T, D].
 * Row t has sin(t / base^(2i/D)) at feature 2i and the cosine of the same angle at feature 2i + 1.
 * ShapeError when T or D is not a positive integer or D is odd.
 */
export function sinusoidal(T: number, D: number, base = 10000): tf.Tensor2D {
  // #region exercise: refuse an odd D; positions times rates, then sine and cosine side by side
  if (!Number.isInteger(T) || T < 1) throw new ShapeError('sinusoidal', 'a positive integer T', `T=${T}`);
  if (!Number.isInteger(D) || D < 2 || D % 2 !== 0) throw new ShapeError('sinusoidal', 'a positive even D', `D=${D}`);

  return tf.tidy(() => {
    const positions = tf.range(0, T).reshape([T, 1]);
    const exponents = tf.range(0, D, 2).div(D); // [D/2]: 2i/D
    const rates = exponents.mul(-Math.log(base)).exp(); // base^(-2i/D), from 1 down
    const angles = positions.mul(rates); // [T, 1] x [D/2] -> [T, D/2]
    return tf.stack([angles.sin(), angles.cos()], 2).reshape([T, D]); // [T, D/2, 2] -> [T, D]: sin, cos, sin, cos, ...
  });
  // #endregion
}
