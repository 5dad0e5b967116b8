import { tf } from '@llm-ladder/backend';

/** How many tensors a call keeps: those it returned. */
export function kept(call: () => unknown): number {
  const before = tf.memory().numTensors;
  const result = call();
  const after = tf.memory().numTensors;
  tf.dispose(result as tf.TensorContainer);
  return after - before;
}
