/** Safetensors as TF.js tensors. */
import { tf } from '@llm-ladder/backend';
import { narrow, readSafetensors } from './safetensors.ts';

/**
 * Every tensor of a safetensors file in memory, by its name, on the current backend; the caller disposes of them. F64 becomes float32 and I64 int32.
 * Throws UsageError for bytes that are cut off or lie, and for whole numbers outside int32.
 */
export function tensorsOf(bytes: Uint8Array, source: string): Record<string, tf.Tensor> {
  const { tensors } = readSafetensors(bytes, source);
  const narrowed = Array.from(tensors, ([name, tensor]) => [name, narrow(tensor, `${source}: ${name}`)] as const);
  return Object.fromEntries(narrowed.map(([name, { dtype, shape, numbers }]) => [name, tf.tensor(numbers, [...shape], dtype)]));
}
