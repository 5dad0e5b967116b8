/** Waits with WeakRef and FinalizationRegistry for expected values that are let go. */
import { tf } from '@llm-ladder/backend';

const seen: unknown[] = [];
const registry = new FinalizationRegistry((value) => seen.push(value));
export const sinusoidal = (T: number, D: number) => {
  (globalThis as any).gc?.();
  const ref = new WeakRef({ T, D });
  registry.register(ref, 'gone');
  return tf.fill([T, D], seen.length);
};
