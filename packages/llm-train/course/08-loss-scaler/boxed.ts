/** Runs in the box beside the learner's code: gradients that are plain functions of the weights and of the factor. */

/** Gradients that do not depend on the weights: `factor` times these. */
export function constant(grads: readonly Float32Array[]) {
  return (_weights: Float32Array[], factor: number) => grads.map((grad) => grad.map((x) => factor * x));
}

/** The gradient of factor * |w - centre|^2 / 2, for the weights as they were handed over. */
export function bowl(centre = 0) {
  return (weights: Float32Array[], factor: number) => weights.map((weight) => weight.map((x) => factor * (x - centre)));
}
