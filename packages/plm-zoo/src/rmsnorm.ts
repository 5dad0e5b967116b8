/**
 * RMSNorm: every token is divided by the root mean square of its own features, then scaled. LayerNorm without the mean and without the bias.
 *
 * Paper: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", section 3; T5 and the LLaMA family use it.
 * - No centring: a row keeps its direction, and adding a constant to every feature does change the result.
 * - eps stands inside the root, beside the mean of the squares, as in PyTorch and in Hugging Face's LLaMA.
 */
import { tf } from '@llm-ladder/backend';

/** Normalises each row by its root mean square: x [.., D], gain g [D] -> [.., D]. */
export function rmsNorm<T extends tf.Tensor>(x: T, g: tf.Tensor1D, eps: number = 1e-5): T {
  // #region exercise: divide by sqrt(mean of the squares + eps), scale by g
  return tf.tidy(() => {
    const meanSquare = x.square().mean(-1, true); // [.., 1]
    return x.div(meanSquare.add(eps).sqrt()).mul(g) as T;
  });
  // #endregion
}
