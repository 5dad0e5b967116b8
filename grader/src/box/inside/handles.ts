/** Objects that stay in the box, by number, with the tensors that live as long as they do. */
import { tf } from '@llm-ladder/backend';

export interface Held {
  readonly object: object;
  /** Inputs and results that the object may still use; disposed with it. */
  readonly owned: Set<tf.Tensor>;
  /** A value of the grader's: it holds what its fields show and nothing else. */
  readonly kept: boolean;
}

const held = new Map<number, Held>();
const numbers = new WeakMap<object, number>();
let last = 0;

/** The number of an object: the same object always has the same one. */
export function hold(object: object): number {
  let id = numbers.get(object);
  if (id === undefined || !held.has(id)) {
    id = ++last;
    numbers.set(object, id);
    held.set(id, { object, owned: new Set(), kept: false });
  }
  return id;
}

/** The number of a value that the grader left here, with the tensors that were made for it. */
export function holdKept(object: object, owned: Set<tf.Tensor>): number {
  const id = ++last;
  numbers.set(object, id);
  held.set(id, { object, owned, kept: true });
  return id;
}

export function heldBy(id: number): Held | undefined {
  return held.get(id);
}

/** Forgets an object and disposes the tensors that no other held object reaches. */
export function release(id: number): void {
  const gone = held.get(id);
  if (gone === undefined) return;
  held.delete(id);
  const kept = new Set<tf.Tensor>();
  for (const other of held.values()) {
    for (const tensor of other.owned) kept.add(tensor);
    for (const tensor of tensorsIn(other.object)) kept.add(tensor);
  }
  for (const tensor of [...gone.owned, ...tensorsIn(gone.object)]) if (!kept.has(tensor) && !tensor.isDisposed) tensor.dispose();
}

/** Every tensor that fields, arrays, Maps and Sets below `start` reach. Private fields and closures hide theirs. */
export function tensorsIn(start: unknown, found = new Set<tf.Tensor>(), seen = new Set<object>(), depth = 0): Set<tf.Tensor> {
  if (typeof start !== 'object' || start === null || depth > 20 || seen.size > 100_000) return found;
  if (start instanceof tf.Tensor) return found.add(start);
  if (seen.has(start) || ArrayBuffer.isView(start)) return found;
  seen.add(start);
  if (Array.isArray(start) && typeof start[0] === 'number' && typeof start.at(-1) === 'number') return found;
  if (start instanceof Map) for (const [key, value] of start) for (const part of [key, value]) tensorsIn(part, found, seen, depth + 1);
  else if (start instanceof Set) for (const value of start) tensorsIn(value, found, seen, depth + 1);
  else for (const key of Object.keys(start)) tensorsIn((start as Record<string, unknown>)[key], found, seen, depth + 1);
  return found;
}

/** True when all state of the object shows: its class writes no #private name and it carries no closures. */
export function isTransparent(object: object): boolean {
  for (let proto: unknown = Object.getPrototypeOf(object); typeof proto === 'object' && proto !== null && proto !== Object.prototype; ) {
    const maker: unknown = (proto as { constructor?: unknown }).constructor;
    const source = typeof maker === 'function' ? Function.prototype.toString.call(maker) : '';
    if (!source.startsWith('class') || /#[A-Za-z_$]/.test(source)) return false;
    proto = Object.getPrototypeOf(proto);
  }
  return typeof object !== 'function' && !Object.values(object).some((value) => typeof value === 'function');
}
