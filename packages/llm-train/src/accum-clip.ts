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
import { UsageError } from '@llm-ladder/backend/errors';

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
  // #region exercise: walk objects and arrays; collect each trainable variable the first time it is met
  const found = new Set<tf.Variable>();
  const walk = (node: unknown): void => {
    if (node instanceof tf.Variable) {
      if (node.trainable) found.add(node);
    } else if (typeof node === 'object' && node !== null) for (const child of Object.values(node)) walk(child);
  };
  walk(params);
  return [...found];
  // #endregion
}

/** Micro-batches in groups of `accum`, in their order; the last group holds what is left. */
export function inGroups<Batch>(batches: readonly Batch[], accum: number): Batch[][] {
  if (!(Number.isInteger(accum) && accum >= 1)) throw new UsageError('inGroups', 'a whole accum >= 1', `${accum}`);
  // #region exercise: slices of accum micro-batches, the last one shorter
  return Array.from({ length: Math.ceil(batches.length / accum) }, (_, i) => batches.slice(i * accum, (i + 1) * accum));
  // #endregion
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
  // #region exercise: for each group: summed gradients, divided by the tokens, their norm, the clipping factor, one update of every weight
  const weights = parametersOf(params);
  return groups.map((group) => {
    const { lossSum, gradSums, tokens } = accumulate(group, params, weights, lossFn);
    const report = tf.tidy(() => {
      if (tokens === 0) return { loss: tf.scalar(0), norm: tf.scalar(0), tokens };
      const norm = globalNorm(gradSums).div<tf.Scalar>(tokens);
      // As in PyTorch: a gradient below the limit is left as it is, and one of length 0 does not divide by it.
      const factor = tf.minimum(tf.scalar(options.clip).div(norm.add(1e-6)), 1).div<tf.Scalar>(tokens);
      state.step += 1;
      for (const [i, weight] of weights.entries()) adamW(weight, gradSums[i]!, factor, state.m[i]!, state.v[i]!, state.step, options);
      return { loss: lossSum.div<tf.Scalar>(tokens), norm, tokens };
    });
    tf.dispose([lossSum, ...gradSums]);
    return report;
  });
  // #endregion
}

/** Losses and gradients of a group, summed over its tokens; never more than two gradients of a weight at a time. The caller disposes of them. */
function accumulate<P extends object, Batch>(
  group: readonly Batch[],
  params: P,
  weights: readonly tf.Variable[],
  lossFn: (params: P, batch: Batch) => SummedLoss,
): { lossSum: tf.Scalar; gradSums: tf.Tensor[]; tokens: number } {
  // #region exercise: zeros first; then for each micro-batch its gradients, added on, the old sums given back
  let tokens = 0;
  let sums: { lossSum: tf.Scalar; gradSums: (tf.Tensor | undefined)[] } = { lossSum: tf.scalar(0), gradSums: weights.map(() => undefined) };
  for (const batch of group) {
    const before = sums;
    sums = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => {
        const loss = lossFn(params, batch);
        tokens += loss.tokens;
        return loss.lossSum;
      }, [...weights]);
      const gradSums = weights.map(({ name }, i) => {
        const [sum, grad] = [before.gradSums[i], grads[name]]; // no gradient: this micro-batch did not use the weight
        return sum && grad ? sum.add(grad) : (grad ?? sum?.clone());
      });
      return { lossSum: before.lossSum.add<tf.Scalar>(value), gradSums };
    });
    tf.dispose([before.lossSum, ...before.gradSums.filter((sum) => sum !== undefined)]);
  }
  const gradSums = weights.map((weight, i) => sums.gradSums[i] ?? tf.zerosLike(weight));
  return { lossSum: sums.lossSum, gradSums, tokens };
  // #endregion
}

/** The length of all gradients taken together as one vector: -> []. */
function globalNorm(grads: readonly tf.Tensor[]): tf.Scalar {
  // #region exercise: root of the sum of all squares of all tensors
  return tf.tidy(() => tf.addN(grads.map((grad) => grad.square().sum())).sqrt() as tf.Scalar);
  // #endregion
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
  // #region exercise: both means, their correction for a start at 0, the decay of matrices, the step
  tf.tidy(() => {
    const grad = gradSum.mul(factor);
    m.assign(m.mul(beta1).add(grad.mul(1 - beta1)));
    v.assign(v.mul(beta2).add(grad.square().mul(1 - beta2)));
    const size = v
      .div(1 - beta2 ** step)
      .sqrt()
      .add(eps);
    const change = m.mul(lr / (1 - beta1 ** step)).div(size);
    const decayed = weight.rank > 1 ? weight.mul(1 - lr * wd) : weight;
    weight.assign(decayed.sub(change));
  });
  // #endregion
}
