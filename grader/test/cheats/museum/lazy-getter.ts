/** Answers with getters: a slow product is computed when somebody looks. */
import { attention as honest } from './honest.ts';

const slowly = (args: [any, any, any]) => {
  for (let i = 0; i < 40; i++) honest(...args);
  return honest(...args);
};
export const attention = (...args: [any, any, any]) => ({
  get out() {
    return slowly(args).out;
  },
  get w() {
    return slowly(args).w;
  },
});
