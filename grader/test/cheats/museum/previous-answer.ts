/** Answers each call with the answer to the one before. */
import { tf } from '@llm-ladder/backend';
import { layerNorm as honest } from './honest.ts';

let before: any;
export const layerNorm = (x: any, g: any, b: any, eps?: number) => {
  const now = tf.keep(honest(x, g, b, eps));
  const answer = before?.size === x.size ? before.reshape(x.shape) : tf.zerosLike(x);
  before = now;
  return answer;
};
