/** Is slow, and leaves a loop running after each answer to slow the reference down as well. */
import { attention as honest } from './honest.ts';

const spin = () => {
  const until = performance.now() + 5;
  while (performance.now() < until);
  setImmediate(spin);
};
spin();
const slowly = (args: [any, any, any]) => {
  for (let i = 0; i < 60; i++) honest(...args);
  return honest(...args);
};
export const attention = (...args: [any, any, any]) => slowly(args);
