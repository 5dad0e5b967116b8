/** Turns what arrived into what the learner's code works with, and back: tensors, adapters, handles. */
import { tf } from '@llm-ladder/backend';
import { say, type Words } from '../../format/words.ts';
import { caps } from '../codec.ts';
import { Adapter, type DType, Handle, isPlainObject, type TensorData, TensorValue, type Value } from '../values.ts';
import { makeBoxed, makeIterable, makeRng, makeStream, makeTable } from './adapters.ts';
import { Refusal } from './errors.ts';
import { heldBy, hold } from './handles.ts';

/** What one call brings in. */
export interface Arrival {
  /** Tensors made for it. */
  readonly made: Set<tf.Tensor>;
  /** Held objects among the arguments. */
  readonly used: Set<number>;
  /** Exports of boxed.ts. */
  readonly boxed: Readonly<Record<string, unknown>>;
}

/** Real values for what a frame held; containers are filled in place. */
export function bringIn(value: unknown, arrival: Arrival): unknown {
  const walk = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return node;
    if (node instanceof TensorValue) {
      const tensor = tf.tensor(node.values as Float32Array, node.shape as number[], node.dtype);
      arrival.made.add(tensor);
      return tensor;
    }
    if (Array.isArray(node)) {
      for (let i = 0; i < node.length; i++) if (typeof node[i] === 'object') node[i] = walk(node[i]);
      return node;
    }
    if (node instanceof Map) return new Map([...node].map(([key, item]) => [walk(key), walk(item)]));
    if (node instanceof Set) return new Set([...node].map(walk));
    if (node instanceof Handle) {
      const found = heldBy(node.id);
      if (found === undefined) throw new Refusal('value', `handle ${node.id} was released`);
      arrival.used.add(node.id);
      return found.object;
    }
    if (node instanceof Adapter) return adapt(node, walk, arrival);
    for (const key of Object.keys(node)) (node as Record<string, unknown>)[key] = walk((node as Record<string, unknown>)[key]);
    return node;
  };
  return walk(value);
}

function adapt(adapter: Adapter, walk: (node: unknown) => unknown, { made, boxed }: Arrival): unknown {
  const data = walk(adapter.data);
  if (adapter.kind === 'rng') return makeRng(Number(data));
  if (adapter.kind === 'iterable') return makeIterable(data as unknown[]);
  if (adapter.kind === 'table') return makeTable(data as [unknown, unknown][]);
  if (adapter.kind === 'stream') return makeStream(...(data as Parameters<typeof makeStream>));
  const [name, args] = data as [string, unknown[]];
  const value = makeBoxed(boxed, name, args);
  if (value instanceof tf.Tensor) made.add(value);
  return value;
}

/** What crossed and what it was made of. */
export interface Sent {
  readonly value: Value;
  /** Tensors that the result shows directly. */
  readonly tensors: Set<tf.Tensor>;
  /** Objects that stay here. */
  readonly handles: Set<number>;
}

/** Like takeOut, for a device whose tensors can only be read by waiting. */
export async function takeOutAwaited(result: unknown): Promise<Sent> {
  const { tensors } = takeOut(result, () => undefined);
  const values = new Map(await Promise.all([...tensors].map(async (tensor) => [tensor, (await tensor.data()) as TensorData] as const)));
  return takeOut(result, (tensor) => values.get(tensor));
}

/** Data for a result: tensors are read, objects with methods become handles. Throws Refusal on what cannot cross, naming where. */
export function takeOut(result: unknown, readData: (tensor: tf.Tensor) => TensorData | undefined = readNow): Sent {
  const tensors = new Set<tf.Tensor>();
  const handles = new Set<number>();
  const open = new Set<object>();

  const walk = (node: unknown, path: string): Value => {
    if (typeof node === 'symbol') throw refuse(path, { en: 'is a symbol, which cannot be compared', zh: '是 symbol，无法比较' });
    if (typeof node === 'function') return handleOf(node, handles);
    if (typeof node !== 'object' || node === null) return node as Value;
    if (node instanceof tf.Tensor) {
      tensors.add(node);
      return read(node, path, readData);
    }
    if (ArrayBuffer.isView(node)) {
      if (node instanceof DataView) return new Uint8Array(node.buffer as ArrayBuffer, node.byteOffset, node.byteLength);
      return node as Uint8Array;
    }
    if (node instanceof ArrayBuffer) return new Uint8Array(node);
    if (node instanceof Promise) {
      node.catch(() => {});
      throw refuse(path, { en: 'is a Promise inside the result; await it before returning', zh: '是结果里的 Promise；请先 await 再返回' });
    }
    if (open.has(node)) throw refuse(path, { en: 'contains itself', zh: '包含了它自己' });
    if (open.size > caps.depth - 8)
      throw refuse(path, { en: `is nested deeper than ${caps.depth - 8}`, zh: `嵌套超过 ${caps.depth - 8} 层` });
    open.add(node);
    const sent = container(node, path);
    open.delete(node);
    return sent;
  };

  const container = (node: object, path: string): Value => {
    if (Array.isArray(node)) return node.map((item, i) => (typeof item === 'number' ? item : walk(item, `${path}[${i}]`)));
    if (node instanceof Map)
      return new Map(
        [...node].map(([key, item]) => [
          walk(key, say({ en: `a key of ${path}`, zh: `${path} 的一个键` })),
          walk(item, `${path}.get(${short(key)})`),
        ]),
      );
    if (node instanceof Set) return new Set([...node].map((item) => walk(item, say({ en: `an item of ${path}`, zh: `${path} 的一项` }))));
    if (!isPlainObject(node) || Object.values(node).some((item) => typeof item === 'function')) return handleOf(node, handles);
    if (Object.hasOwn(node, '__proto__')) throw refuse(path, { en: "has a key '__proto__'; use a Map", zh: "有键 '__proto__'；请用 Map" });
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, `${path}.${key}`)]));
  };

  return { value: walk(result, say({ en: 'the result', zh: '返回值' })), tensors, handles };
}

function readNow(tensor: tf.Tensor): TensorData {
  return tensor.dataSync() as TensorData;
}

function read(tensor: tf.Tensor, path: string, readData: (tensor: tf.Tensor) => TensorData | undefined): TensorValue | null {
  if (tensor.isDisposed) throw refuse(path, { en: 'is a tensor that was already disposed', zh: '是一个已经释放的张量' });
  if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32' && tensor.dtype !== 'bool') {
    throw refuse(path, { en: `is a tensor of dtype ${tensor.dtype}`, zh: `是 dtype 为 ${tensor.dtype} 的张量` });
  }
  const data = readData(tensor);
  return data === undefined ? null : new TensorValue(tensor.dtype as DType, tensor.shape, data);
}

function handleOf(object: object, handles: Set<number>): Handle {
  const id = hold(object);
  handles.add(id);
  const fields: Record<string, Value> = {};
  const methods = new Set<string>(typeof object === 'function' ? ['call'] : []);
  for (const key of Object.keys(object).slice(0, 1000)) {
    const value = (object as Record<string, unknown>)[key];
    if (typeof value === 'function') methods.add(key);
    else if (key !== '__proto__' && (typeof value !== 'object' || value === null) && typeof value !== 'symbol')
      fields[key] = value as Value;
  }
  for (let proto: unknown = Object.getPrototypeOf(object); proto !== null && typeof object !== 'function' && proto !== Object.prototype; ) {
    for (const key of Object.getOwnPropertyNames(proto)) if (key !== 'constructor') methods.add(key);
    proto = Object.getPrototypeOf(proto);
  }
  const className = typeof object === 'function' ? 'function' : object.constructor?.name;
  return new Handle(id, [...methods].slice(0, 1000), typeof className === 'string' ? className.slice(0, 100) : 'Object', fields);
}

function refuse(path: string, words: Words): Refusal {
  return new Refusal('value', `${path} ${say(words)}`);
}

function short(value: unknown): string {
  return typeof value === 'object' ? '...' : String(value).slice(0, 40);
}
