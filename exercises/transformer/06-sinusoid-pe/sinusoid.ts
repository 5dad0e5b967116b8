/**
 * Sinusoidal position encoding: where a token stands, written as angles.
 *
 * Paper: Vaswani et al. 2017, section 3.5.
 * - Nothing is learned: a position is written as the angles of D/2 clocks, each slower than the one before.
 * - `t` counts tokens; `i` counts pairs of features. A pair holds the sine and the cosine of one clock, side by side.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, ShapeError } from '@llm-ladder/backend/errors';

/**
 * Dims: T time (number of positions), D model width.
 * The table of position encodings, to be added to the embeddings: -> [T, D].
 * Row t has sin(t / base^(2i/D)) at feature 2i and the cosine of the same angle at feature 2i + 1.
 * ShapeError when T or D is not a positive integer or D is odd.
 */
export function sinusoidal(T: number, D: number, base = 10000): tf.Tensor2D {
  // TODO: refuse an odd D; positions times rates, then sine and cosine side by side
  throw new NotImplemented('transformer/sinusoid-pe');
}
