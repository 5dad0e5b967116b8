/** Values that stay in a box until the test ends: what is large crosses once, each large tensor in a frame of its own. */
import { GraderError } from '@llm-ladder/backend/errors';
import { BoxError } from '../box/types.ts';
import { Handle, isPlainObject, TensorValue, type Value } from '../box/values.ts';

/** Elements; a frame has a size that it may not pass, and the weights of a model are many tensors. */
const LARGE = 2 ** 18;

/** Leaves `value` in a box through `send`; the handle of the whole, then those of its large tensors. GraderError for what is no tensor, list, Map or object. */
export async function leave(value: Value, send: (part: Value) => Promise<Value>): Promise<Handle[]> {
  if (typeof value !== 'object' || value === null)
    throw new GraderError('keep', `keep: expected a tensor, a list, a Map or an object, got ${String(value)}`);
  const handles: Handle[] = [];
  const sent = async (part: Value): Promise<Handle> => {
    const handle = await send(part);
    if (!(handle instanceof Handle)) throw new BoxError('protocol', 'the program answered in place of its box');
    return handle;
  };
  const walk = async (node: Value): Promise<Value> => {
    if (node instanceof TensorValue) {
      if (node.size < LARGE) return node;
      const handle = await sent(node);
      handles.push(handle);
      return handle;
    }
    if (Array.isArray(node)) return inTurn(node as readonly Value[], walk);
    if (node instanceof Map) return new Map(await inTurn([...node], async ([key, item]) => [key, await walk(item)] as const));
    if (!isPlainObject(node)) return node;
    return Object.fromEntries(
      await inTurn(Object.entries(node as Record<string, Value>), async ([key, item]) => [key, await walk(item)] as const),
    );
  };
  const whole = value instanceof TensorValue ? value : await walk(value);
  return [await sent(whole), ...handles];
}

/** One after the other: no more than one frame is held at a time. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
