/**
 * The position-wise feed-forward network, and dropout.
 *
 * Papers: Vaswani et al. 2017, section 3.3: max(0, x W1 + b1) W2 + b2. Srivastava et al. 2014, "Dropout", section 4.
 * - The same two layers serve every position: tokens do not meet here, they meet in attention.
 * - Dropout is inverted: what survives is divided by 1 - p while training, so that nothing needs scaling later.
 * - Chance comes from the caller's rng, so that a run can be repeated.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

/** Dims: D model width, F MLP width; any leading dims. W1 [D, F], b1 [F], W2 [F, D], b2 [D]. */
export interface FfnWeights {
  readonly W1: tf.Tensor2D;
  readonly b1: tf.Tensor1D;
  readonly W2: tf.Tensor2D;
  readonly b2: tf.Tensor1D;
}

/** The nonlinearity between the two layers. */
export type Activation = 'relu' | 'tanh';

/** Widen, bend, narrow, at every position alike: x [.., D] -> [.., D]. */
export function ffn<T extends tf.Tensor>(
  x: T,
  W1: tf.Tensor2D,
  b1: tf.Tensor1D,
  W2: tf.Tensor2D,
  b2: tf.Tensor1D,
  act: Activation = 'relu',
): T {
  // TODO: linear D -> F, activation, linear F -> D
  throw new NotImplemented('transformer/ffn-dropout');
}

/**
 * Zeroes each element with probability p while training and divides the rest by 1 - p: any shape -> the same shape.
 * Outside training, or with p = 0, it is the identity. Throws UsageError unless 0 <= p < 1.
 */
export function dropout<T extends tf.Tensor>(x: T, p: number, training: boolean, rng: () => number): T {
  if (!(p >= 0 && p < 1)) throw new UsageError('dropout', '0 <= p < 1', `p=${p}`);

  // TODO: identity unless training; else keep with probability 1 - p and divide by 1 - p
  throw new NotImplemented('transformer/ffn-dropout');
}
