/** Gradients that TF.js makes of more and larger ops than it needs. The registry is shared: what is written here holds on every backend. */
import * as tf from '../tf.ts';
import { SIGMOID_GRADIENT } from './kernels.ts';

export function registerGradients(): void {
  replace(tf.Sum, ['x'], (dy, saved, attrs) => ({ x: () => spread(dy as tf.Tensor, saved[0] as tf.Tensor, attrs) }));
  replace(tf.Mean, ['x'], (dy, saved, attrs) => {
    const x = saved[0] as tf.Tensor;
    const share = (dy as tf.Tensor).size / Math.max(x.size, 1);
    return { x: () => spread(tf.mul(dy as tf.Tensor, share), x, attrs) };
  });
  replaceKeepingOutput(tf.Sigmoid, (dy, saved) => {
    const y = saved[0] as tf.Tensor;
    return { x: () => sigmoidGradient(dy as tf.Tensor, y) };
  });
}

// --- helpers ---

/** Repeats each value of dy along the axes that were summed: stock TF.js multiplies by a tensor of ones that JavaScript fills first. */
function spread(dy: tf.Tensor, x: tf.Tensor, attrs: tf.NamedAttrMap | undefined): tf.Tensor {
  const { axis } = attrs as unknown as tf.SumAttrs;
  const kept = [...x.shape];
  for (const reduced of tf.util.parseAxisParam(axis, x.shape)) kept[reduced] = 1;
  const narrow = tf.reshape(dy, kept);
  return tf.util.arraysEqual(kept, x.shape) ? tf.clone(narrow) : tf.broadcastTo(narrow, x.shape);
}

function sigmoidGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  if (tf.getBackend() !== 'tensorflow') return tf.mul(dy, tf.mul(y, tf.sub(1, y)));
  return tf.engine().runKernel(SIGMOID_GRADIENT, { y, dy }) as unknown as tf.Tensor;
}

function replace(kernelName: string, inputsToSave: string[], gradFunc: tf.GradFunc): void {
  tf.unregisterGradient(kernelName);
  tf.registerGradient({ kernelName, inputsToSave, gradFunc });
}

function replaceKeepingOutput(kernelName: string, gradFunc: tf.GradFunc): void {
  tf.unregisterGradient(kernelName);
  tf.registerGradient({ kernelName, outputsToSave: [true], gradFunc });
}
