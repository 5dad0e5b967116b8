/**
 * Frames on the pipe: four bytes of length, then MessagePack with one extension per kind of value that MessagePack lacks.
 * Decoding makes data only: never code, never a prototype of the sender's choice; sizes, depth and counts are capped before anything is built.
 */
import { Decoder, Encoder, ExtensionCodec } from '@msgpack/msgpack';
import { skim } from './skim.ts';
import {
  Adapter,
  type AdapterKind,
  type DType,
  Handle,
  isPlainObject,
  type TensorData,
  TensorValue,
  type TypedArray,
  type Value,
} from './values.ts';

export const caps = {
  frameBytes: 256 * 2 ** 20,
  /** Arrays, maps and their like inside one another. */
  depth: 64,
  /** What the values of one frame may cost to build, by the prices of skim.ts: 8 million numbers, or 130,000 tensors whatever their size. */
  cost: 256 * 2 ** 20,
  rank: 8,
  bigintDigits: 100_000,
} as const;

/** Functions cross by number: `send` keeps one and says its number, `receive` makes the stand-in. Without them functions are refused. */
export interface FunctionTable {
  readonly send?: (fn: (...args: never[]) => unknown) => number;
  readonly receive?: (id: number) => (...args: never[]) => unknown;
}

interface Context extends FunctionTable {
  depth: number;
}

export const extension = {
  tensor: 1,
  view: 2,
  bigint: 3,
  map: 4,
  set: 5,
  handle: 6,
  adapter: 7,
  callback: 8,
  holes: 9,
  blanks: 10,
} as const;

const dtypes: readonly DType[] = ['float32', 'int32', 'bool'];
const views = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;
const adapterKinds: readonly AdapterKind[] = ['rng', 'iterable', 'table', 'boxed', 'stream'];

const codec = new ExtensionCodec<Context>();

codec.register({
  type: extension.tensor,
  encode: (value) => {
    if (!(value instanceof TensorValue)) return null;
    const header = 2 + 4 * value.rank;
    const bytes = new Uint8Array(header + value.values.byteLength);
    const view = new DataView(bytes.buffer);
    bytes[0] = dtypes.indexOf(value.dtype);
    bytes[1] = value.rank;
    value.shape.forEach((n, axis) => {
      view.setUint32(2 + 4 * axis, n);
    });
    bytes.set(bytesOf(value.values), header);
    return bytes;
  },
  decode: (bytes) => {
    const dtype = dtypes[bytes[0] ?? 255];
    const rank = bytes[1] ?? 255;
    if (dtype === undefined || rank > caps.rank || bytes.length < 2 + 4 * rank) throw new FrameError('a malformed tensor');
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(2 + 4 * axis));
    const size = shape.reduce((a, b) => a * b, 1);
    const data = bytes.slice(2 + 4 * rank);
    if (data.length !== size * (dtype === 'bool' ? 1 : 4)) throw new FrameError('a tensor whose bytes do not fit its shape');
    return new TensorValue(dtype, shape, tensorData(dtype, data));
  },
});

codec.register({
  type: extension.view,
  encode: (value) => {
    const kind = views.findIndex((View) => value instanceof View);
    if (kind < 0) return null;
    const view = value as TypedArray;
    const bytes = new Uint8Array(1 + view.byteLength);
    bytes[0] = kind;
    bytes.set(bytesOf(view), 1);
    return bytes;
  },
  decode: (bytes) => {
    const View = views[bytes[0] ?? 255];
    if (View === undefined || (bytes.length - 1) % View.BYTES_PER_ELEMENT !== 0) throw new FrameError('a malformed typed array');
    return new View(bytes.slice(1).buffer as ArrayBuffer);
  },
});

codec.register({
  type: extension.bigint,
  encode: (value) => (typeof value === 'bigint' ? new TextEncoder().encode(value.toString(16)) : null),
  decode: (bytes) => {
    const text = new TextDecoder().decode(bytes.subarray(0, caps.bigintDigits + 1));
    if (!/^-?[0-9a-f]+$/.test(text) || text.length > caps.bigintDigits) throw new FrameError('a malformed bigint');
    return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  },
});

codec.register({
  type: extension.map,
  encode: (value, context) => (value instanceof Map ? pack([...value].flat(1), context) : null),
  decode: (bytes, _type, context) => {
    const flat = unpackList(bytes, context);
    if (flat.length % 2 !== 0) throw new FrameError('a malformed Map');
    return new Map(Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]));
  },
});

codec.register({
  type: extension.set,
  encode: (value, context) => (value instanceof Set ? pack([...value], context) : null),
  decode: (bytes, _type, context) => new Set(unpackList(bytes, context)),
});

codec.register({
  type: extension.handle,
  encode: (value, context) => (value instanceof Handle ? pack([value.id, value.methods, value.className, value.fields], context) : null),
  decode: (bytes, _type, context) => {
    const [id, methods, className, fields] = unpackList(bytes, context);
    const named = Array.isArray(methods) && methods.every((name) => typeof name === 'string');
    if (!Number.isSafeInteger(id) || !named || typeof className !== 'string' || !isRecord(fields))
      throw new FrameError('a malformed handle');
    return new Handle(id as number, methods, className, fields as Record<string, Value>);
  },
});

codec.register({
  type: extension.adapter,
  encode: (value, context) => (value instanceof Adapter ? pack([adapterKinds.indexOf(value.kind), value.data], context) : null),
  decode: (bytes, _type, context) => {
    const [kind, data] = unpackList(bytes, context);
    if (context.receive === undefined || adapterKinds[kind as number] === undefined) throw new FrameError('an adapter');
    return new Adapter(adapterKinds[kind as number]!, data as Value);
  },
});

codec.register({
  type: extension.callback,
  encode: (value, context) => {
    if (typeof value !== 'function') return null;
    if (context.send === undefined) throw new FrameError('a function');
    return pack([context.send(value as never)], context);
  },
  decode: (bytes, _type, context) => {
    const [id] = unpackList(bytes, context);
    if (context.receive === undefined || !Number.isSafeInteger(id)) throw new FrameError('a function');
    return context.receive(id as number);
  },
});

// MessagePack has no undefined, no hole and no -0: a list or an object that holds one says where.
codec.register({
  type: extension.holes,
  encode: (value, context) => {
    if (!Array.isArray(value)) return null;
    const [nothing, holes, zeros]: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (item === undefined) (i in value ? nothing : holes).push(i);
      else if (item === 0 && Object.is(item, -0)) zeros.push(i);
    }
    if (nothing.length + holes.length + zeros.length === 0) return null;
    return pack([nothing, holes, zeros, Array.from(value, filled)], context);
  },
  decode: (bytes, _type, context) => {
    const [nothing, holes, zeros, list] = unpackList(bytes, context);
    if (!Array.isArray(list)) throw new FrameError('a malformed list');
    const each = (at: unknown, change: (i: number) => void): void => {
      if (!Array.isArray(at) || !at.every((i) => Number.isInteger(i) && i >= 0 && i < list.length))
        throw new FrameError('a malformed list');
      at.forEach(change);
    };
    each(nothing, (i) => {
      list[i] = undefined;
    });
    each(holes, (i) => {
      delete list[i];
    });
    each(zeros, (i) => {
      list[i] = -0;
    });
    return list;
  },
});

codec.register({
  type: extension.blanks,
  encode: (value, context) => {
    if (!isPlainObject(value)) return null;
    const keys = Object.keys(value).filter((key) => value[key] === undefined || Object.is(value[key], -0));
    if (keys.length === 0) return null;
    const nothing = keys.filter((key) => value[key] === undefined);
    const entries = Object.entries(value).map(([key, item]) => [key, filled(item)] as const);
    return pack([nothing, keys.filter((key) => value[key] !== undefined), Object.fromEntries(entries)], context);
  },
  decode: (bytes, _type, context) => {
    const [nothing, zeros, record] = unpackList(bytes, context);
    if (!isRecord(record)) throw new FrameError('a malformed object');
    for (const [keys, put] of [
      [nothing, undefined],
      [zeros, -0],
    ] as const) {
      if (!Array.isArray(keys)) throw new FrameError('a malformed object');
      for (const key of keys) {
        if (typeof key !== 'string' || !Object.hasOwn(record, key)) throw new FrameError('a malformed object');
        record[key] = put;
      }
    }
    return record;
  },
});

/** What stands in the place of undefined and -0. */
function filled(item: unknown): unknown {
  return item === 0 ? 0 : (item ?? null);
}

/** What arrived is not a frame of ours; the message is a noun phrase. */
export class FrameError extends Error {}

/** One value as a frame: its length in four bytes and the value. Throws FrameError on what cannot cross (functions without a table, symbols, too deep). */
export function encodeFrame(value: unknown, functions: FunctionTable = {}): Uint8Array {
  const body = pack(value, { ...functions, depth: 0 });
  if (body.length > caps.frameBytes) throw new FrameError(`${body.length} bytes in one frame (at most ${caps.frameBytes})`);
  const frame = new Uint8Array(4 + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, 4);
  return frame;
}

/** The value of one frame without its length. Throws FrameError on anything malformed or over a cap. */
export function decodeFrame(body: Uint8Array, functions: FunctionTable = {}): unknown {
  try {
    skim(body, {
      depth: caps.depth,
      cost: caps.cost,
      known: Object.values(extension),
      nested: [extension.map, extension.set, extension.handle, extension.adapter, extension.holes, extension.blanks],
    });
    return unpack(body, { ...functions, depth: 0 });
  } catch (error) {
    throw error instanceof FrameError ? error : new FrameError(error instanceof Error ? error.message : String(error));
  }
}

function pack(value: unknown, context: Context): Uint8Array {
  if (++context.depth > caps.depth) throw new FrameError(`values nested deeper than ${caps.depth}`);
  const encoder = new Encoder<Context>({ extensionCodec: codec, context, maxDepth: caps.depth, ignoreUndefined: true });
  const bytes = encoder.encode(value);
  context.depth--;
  return bytes;
}

function unpack(bytes: Uint8Array, context: Context): unknown {
  if (++context.depth > caps.depth) throw new FrameError(`values nested deeper than ${caps.depth}`);
  const value = new Decoder<Context>({ extensionCodec: codec, context }).decode(bytes);
  context.depth--;
  return value;
}

function unpackList(bytes: Uint8Array, context: Context): unknown[] {
  const list = unpack(bytes, context);
  if (!Array.isArray(list)) throw new FrameError('a malformed list');
  return list;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function tensorData(dtype: DType, bytes: Uint8Array): TensorData {
  if (dtype === 'bool') return bytes;
  return dtype === 'float32' ? new Float32Array(bytes.buffer as ArrayBuffer) : new Int32Array(bytes.buffer as ArrayBuffer);
}
