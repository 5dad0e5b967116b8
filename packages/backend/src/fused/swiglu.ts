import { ShapeError } from '../errors.ts';
import * as tf from '../tf.ts';
import { hasKernel, runKernel, SWIGLU, SWIGLU_GRADIENT } from './kernel.ts';

/** gate * sigmoid(gate) * up, elementwise, for two tensors of one shape. Throws ShapeError. Shazeer 2020, "GLU Variants Improve Transformer", section 2. */
export function swiGlu<T extends tf.Tensor>(gate: T, up: T): T {
  if (!tf.util.arraysEqual(gate.shape, up.shape))
    throw new ShapeError('swiGlu', 'gate and up of one shape', `[${gate.shape}] and [${up.shape}]`);
  return tf.tidy(() => (hasKernel(SWIGLU) ? fused(gate, up) : tf.mul(tf.mul(gate, tf.sigmoid(gate)), up))) as T;
}

// --- helpers ---

function fused(gate: tf.Tensor, up: tf.Tensor): tf.Tensor {
  return tf.customGrad((gate, up, save) => {
    const inputs = { gate: gate as tf.Tensor, up: up as tf.Tensor };
    (save as tf.GradSaveFunc)([inputs.gate, inputs.up]);
    return {
      value: runKernel(SWIGLU, inputs)[0] as tf.Tensor,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [gate, up] = saved as [tf.Tensor, tf.Tensor];
        return runKernel(SWIGLU_GRADIENT, { dy, gate, up });
      },
    };
  })(gate, up);
}
