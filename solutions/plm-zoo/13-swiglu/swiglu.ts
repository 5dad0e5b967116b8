/**
 * SwiGLU: the feed-forward network of LLaMA. One half is gated by the other: w2(silu(w1 x) * w3 x).
 *
 * Papers: Shazeer 2020, "GLU Variants Improve Transformer", section 2; Touvron et al. 2023 (LLaMA), section 2.2.
 * - Three matrices instead of two, so the hidden width is cut to 2/3 of 4 D to keep the number of weights, then rounded up to a multiple that suits
 *   the hardware.
 * - No biases. The names are Meta's; Hugging Face calls w1 gate_proj, w3 up_proj and w2 down_proj.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';

/** The hidden width F for a model width D: 2/3 of 4 D without its fraction, rounded up to a multiple of `multipleOf`. */
export function hiddenDim(D: number, multipleOf: number = 64): number {
  if (!(Number.isInteger(D) && D > 0 && Number.isInteger(multipleOf) && multipleOf > 0))
    throw new UsageError('hiddenDim', 'whole numbers D and multipleOf above 0', `D=${D}, multipleOf=${multipleOf}`);

  const twoThirds = Math.floor((2 * 4 * D) / 3);
  return multipleOf * Math.ceil(twoThirds / multipleOf);
}

/** Gated feed-forward: x [.., D], w1 and w3 [D, F], w2 [F, D] -> [.., D]. */
export function swiglu<T extends tf.Tensor>(x: T, w1: tf.Tensor2D, w2: tf.Tensor2D, w3: tf.Tensor2D): T {
  return tf.tidy(() => {
    const D = x.shape.at(-1)!;
    const rows = x.reshape<tf.Tensor2D>([-1, D]); // one tall product is faster than B small ones
    const gate = rows.matMul(w1);
    const hidden = gate.mul(gate.sigmoid()).mul<tf.Tensor2D>(rows.matMul(w3)); // silu(z) = z * sigmoid(z), [.., F]
    return hidden.matMul(w2).reshape(x.shape) as T;
  });
}
