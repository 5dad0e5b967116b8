/**
 * Layer normalisation: every token is brought to mean 0 and variance 1 over its own features, then scaled and shifted.
 *
 * Paper: Ba, Kiros, Hinton 2016, "Layer Normalization", section 3.
 * - Statistics are over the last axis only. BatchNorm takes them over the batch, so there one sentence changes another; here it never does.
 * - The variance is the biased one (divided by D, not by D - 1) and eps stands inside the root, as in the paper's formula and in PyTorch.
 * - Centre first, square afterwards: mean(x^2) - mean(x)^2 loses every digit in float32 when the mean is large.
 */
import { tf } from '@llm-ladder/backend';

/** Dims: D model width; any leading dims. Gain g and bias b are [D]. */
export interface NormWeights {
  readonly g: tf.Tensor1D;
  readonly b: tf.Tensor1D;
}

/** Normalises each row over its features: x [.., D], g [D], b [D] -> [.., D]. */
export function layerNorm<T extends tf.Tensor>(x: T, g: tf.Tensor1D, b: tf.Tensor1D, eps: number = 1e-5): T {
  return tf.tidy(() => {
    const centred = x.sub(x.mean(-1, true));
    const variance = centred.square().mean(-1, true); // [.., 1], divided by D: biased
    return centred.div(variance.add(eps).sqrt()).mul(g).add(b) as T;
  });
}
