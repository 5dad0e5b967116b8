/** Knows the first calls by counting, dawdles in them to have fewer timed ones, and is slow ever after. */
import { attention as honest } from './honest.ts';

let calls = 0;
export const attention = (...args: [any, any, any]) => {
  const turns = ++calls <= 2 ? 100 : 50;
  for (let turn = 0; turn < turns; turn++) honest(...args);
  return honest(...args);
};
