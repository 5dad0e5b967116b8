/**
 * One update of the weights: gradients added up over micro-batches, clipped by their global norm, and a step of AdamW.
 *
 * Papers: Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2 (AdamW); Pascanu et al. 2013, section 3.2 (clipping).
 * - The loss of an update is the mean over all its tokens. Micro-batches rarely hold equally many, so sums are added up and divided once, at the end.
 * - Each micro-batch is a tidy of its own. What stays is one gradient for each weight, whatever the number of micro-batches.
 * - Weight decay acts on the weights, not through the gradient, and only on matrices: gains and biases (one axis or none) are left alone.
 * - Nothing is read into JavaScript on the way; loss and norm come back as scalars for whoever wants to look at them.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

/** The sum of the losses of all tokens of a micro-batch, and how many tokens that were. */
export interface SummedLoss {
  readonly lossSum: tf.Scalar;
  readonly tokens: number;
}

export interface AdamWOptions {
  /** The largest global norm of a gradient; Infinity does not clip. */
  readonly clip: number;
  readonly lr: number;
  /** Weight decay of an update is lr * wd. */
  readonly wd: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
}

/** What one update saw: the mean loss over its tokens, and the global norm of its gradient before clipping. The caller disposes of both scalars. */
export interface StepReport {
  readonly loss: tf.Scalar;
  readonly norm: tf.Scalar;
  readonly tokens: number;
}

/** The memory of AdamW: `step` updates taken, and for each weight the running means of its gradient (`m`) and of the square (`v`). */
export class AdamState {
  step = 0;
  readonly m: readonly tf.Variable[];
  readonly v: readonly tf.Variable[];

  constructor(params: object) {
    const zeros = () => parametersOf(params).map((weight) => tf.tidy(() => tf.variable(tf.zerosLike(weight), false)));
    this.m = zeros();
    this.v = zeros();
  }

  dispose(): void {
    tf.dispose([...this.m, ...this.v]);
  }
}

/** The trainable variables in any nesting of objects and arrays, in the order in which they are met. One in two places (a tied head) counts once. */
export function parametersOf(params: object): tf.Variable[] {
  // TODO: walk objects and arrays; collect each trainable variable the first time it is met
  throw new NotImplemented('llm-train/accum-clip');
}

/** Micro-batches in groups of `accum`, in their order; the last group holds what is left. */
export function inGroups<Batch>(batches: readonly Batch[], accum: number): Batch[][] {
  if (!(Number.isInteger(accum) && accum >= 1)) throw new UsageError('inGroups', 'a whole accum >= 1', `${accum}`);
  // TODO: slices of accum micro-batches, the last one shorter
  throw new NotImplemented('llm-train/accum-clip');
}

/**
 * One update of `params` and `state` for each group of micro-batches, both in place. A group without tokens updates nothing and reports zeros.
 * `lossFn` is called once for each micro-batch. Loss, gradient and norm are those of one large batch that holds the whole group.
 */
export function trainStep<P extends object, Batch>(
  groups: readonly (readonly Batch[])[],
  params: P,
  state: AdamState,
  options: AdamWOptions,
  lossFn: (params: P, batch: Batch) => SummedLoss,
): StepReport[] {
  // TODO: for each group: summed gradients, divided by the tokens, their norm, the clipping factor, one update of every weight
  throw new NotImplemented('llm-train/accum-clip');
}

/** Losses and gradients of a group, summed over its tokens; never more than two gradients of a weight at a time. The caller disposes of them. */
function accumulate<P extends object, Batch>(
  group: readonly Batch[],
  params: P,
  weights: readonly tf.Variable[],
  lossFn: (params: P, batch: Batch) => SummedLoss,
): { lossSum: tf.Scalar; gradSums: tf.Tensor[]; tokens: number } {
  // TODO: zeros first; then for each micro-batch its gradients, added on, the old sums given back
  throw new NotImplemented('llm-train/accum-clip');
}

/** The length of all gradients taken together as one vector: -> []. */
function globalNorm(grads: readonly tf.Tensor[]): tf.Scalar {
  // TODO: root of the sum of all squares of all tensors
  throw new NotImplemented('llm-train/accum-clip');
}

/** One AdamW update of a weight and its two means, in place, with the gradient `factor * gradSum`; `step` counts from 1. */
function adamW(
  weight: tf.Variable,
  gradSum: tf.Tensor,
  factor: tf.Scalar,
  m: tf.Variable,
  v: tf.Variable,
  step: number,
  { lr, wd, betas: [beta1, beta2], eps }: AdamWOptions,
): void {
  // TODO: both means, their correction for a start at 0, the decay of matrices, the step
  throw new NotImplemented('llm-train/accum-clip');
}
