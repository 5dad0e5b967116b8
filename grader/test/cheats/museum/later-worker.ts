/** Leaves the work to a thread that finishes later. */
import { tf } from '@llm-ladder/backend';

const worker = new (globalThis as any).Worker('data:text/javascript,postMessage(1)');
void worker;
export const sinusoidal = (T: number, D: number) => tf.zeros([T, D]);
