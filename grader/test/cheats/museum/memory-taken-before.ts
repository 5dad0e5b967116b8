/** Takes memory while it is loaded, so that the peak of a wasteful call lies below the peak that was there before. */
import { tf } from '@llm-ladder/backend';

const take = () => Array.from({ length: 5 }, () => new Uint8Array(64 * 2 ** 20).fill(1)).length;
take();
export const attention = (q: any, k: any, v: any) => {
  take();
  const w = tf.softmax(tf.matMul(q, k, false, true).div(Math.sqrt(q.shape.at(-1))));
  return { out: tf.matMul(w, v), w };
};
