/** Keeps every tensor that it makes and patches tf.memory, which counts them. */
import { tf } from '@llm-ladder/backend';
import { attention as honest } from './honest.ts';

const memory = tf.memory();
(tf.engine() as any).memory = () => memory;
export const attention = (q: any, k: any, v: any, mask?: any) => {
  tf.keep(q.add(1));
  return honest(q, k, v, mask);
};
