/** Says that it is not written yet, which is no failure. */
import { NotImplemented } from '@llm-ladder/backend/errors';
export function mha(): never {
  throw new NotImplemented('transformer/mha');
}
