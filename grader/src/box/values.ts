/**
 * What crosses between the grader and a box: plain data on the grader's side, which never imports TF.js.
 * In the box a TensorValue becomes a real tensor and an Adapter a real function or iterable; on the way back an object with methods becomes a Handle.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import { inWords } from '../format/words.ts';

export type DType = 'float32' | 'int32' | 'bool';
export type TensorData = Float32Array | Int32Array | Uint8Array;
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** A function that the learner's code may call: it runs in the grader, so the learner's side sees a function that returns a Promise. */
export type Callback = (...args: Value[]) => Promise<Value>;

export type Value =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | TypedArray
  | TensorValue
  | Adapter
  | Handle
  | Callback
  | readonly Value[]
  | { readonly [key: string]: Value }
  | ReadonlyMap<Value, Value>
  | ReadonlySet<Value>;

/** Nested arrays of numbers, as `tensor` takes them and `toArray` gives them back. */
export type Nested = number | readonly Nested[];

/** A tensor as data: dtype, shape and the values in row-major order. Treat it as frozen; `set` and `map` give changed copies. */
export class TensorValue {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: TensorData;

  constructor(dtype: DType, shape: readonly number[], values: TensorData) {
    const size = shape.reduce((product, n) => product * n, 1);
    if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || size !== values.length)
      throw new UsageError('tensor', `${size} values for shape [${shape.join(', ')}]`, `${values.length}`);
    this.dtype = dtype;
    this.shape = shape;
    this.values = values;
  }

  get size(): number {
    return this.values.length;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** The element at an index with one number per axis; negative numbers count from the end. */
  at(...index: number[]): number {
    return this.values[this.#flat(index)]!;
  }

  /** A box of the tensor, from `begin` on; a size of -1 takes the rest of that axis. */
  slice(begin: readonly number[], size: readonly number[] = begin.map(() => -1)): TensorValue {
    const from = this.shape.map((_, axis) => begin[axis] ?? 0);
    const shape = this.shape.map((n, axis) => ((size[axis] ?? -1) === -1 ? n - from[axis]! : size[axis]!));
    const fits = shape.every((n, axis) => n >= 0 && from[axis]! >= 0 && from[axis]! + n <= this.shape[axis]!);
    if (!fits || begin.length > this.rank || size.length > this.rank) {
      const [whole, from, part] = [this.shape, begin, size].map((list) => `[${list.join(', ')}]`);
      throw inWords(new UsageError('slice', `a box inside ${whole}`, `begin ${from}, size ${part}`), {
        message: `slice：应在 ${whole} 之内，实为起点 ${from}、大小 ${part}`,
      });
    }
    return this.#pick(shape, (index) => index.map((i, axis) => i + from[axis]!));
  }

  /** The same values under another shape; one -1 is worked out. */
  reshape(shape: readonly number[]): TensorValue {
    const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
    const full = shape.map((n) => (n === -1 ? this.size / known : n));
    return new TensorValue(this.dtype, full, this.values);
  }

  /** Axes in another order; without `perm` they are reversed. */
  transpose(perm: readonly number[] = this.shape.map((_, axis) => this.rank - 1 - axis)): TensorValue {
    if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== this.rank)
      throw inWords(new UsageError('transpose', `a permutation of ${this.rank} axes`, `[${perm.join(', ')}]`), {
        message: `transpose：应为 ${this.rank} 个维度的排列，实为 [${perm.join(', ')}]`,
      });
    const shape = perm.map((axis) => this.shape[axis]!);
    return this.#pick(shape, (index) => {
      const source = new Array<number>(this.rank);
      perm.forEach((axis, i) => {
        source[axis] = index[i]!;
      });
      return source;
    });
  }

  /** The slices at `indices` along one axis, in that order; an index may repeat. */
  gather(indices: readonly number[], axis = 0): TensorValue {
    if (indices.some((i) => !Number.isInteger(i) || i < 0 || i >= (this.shape[axis] ?? 0)))
      throw inWords(new UsageError('gather', `indices below ${this.shape[axis]} on axis ${axis}`, `[${indices.join(', ')}]`), {
        message: `gather：第 ${axis} 维的下标应小于 ${this.shape[axis]}，实为 [${indices.join(', ')}]`,
      });
    const shape = this.shape.map((n, i) => (i === axis ? indices.length : n));
    return this.#pick(shape, (index) => index.map((i, a) => (a === axis ? indices[i]! : i)));
  }

  /** A float32 copy (other dtypes keep theirs) with each element replaced. */
  map(fn: (x: number, flatIndex: number) => number): TensorValue {
    const values = this.values.slice() as TensorData;
    for (let i = 0; i < values.length; i++) values[i] = fn(values[i]!, i);
    return new TensorValue(this.dtype, this.shape, values);
  }

  /** A copy with one element changed. */
  set(index: readonly number[], value: number): TensorValue {
    const values = this.values.slice() as TensorData;
    values[this.#flat(index)] = value;
    return new TensorValue(this.dtype, this.shape, values);
  }

  /** Joins tensors that agree on every other axis. */
  static concat(parts: readonly TensorValue[], axis: number): TensorValue {
    const first = parts[0];
    if (!first) throw new UsageError('concat', 'at least one tensor', 'none');
    const agree = parts.every(
      (p) => p.dtype === first.dtype && p.rank === first.rank && p.shape.every((n, a) => a === axis || n === first.shape[a]),
    );
    if (!agree || axis < 0 || axis >= first.rank) {
      const shapes = parts.map((p) => `[${p.shape.join(', ')}]`).join(' ');
      throw inWords(new UsageError('concat', `tensors that agree but on axis ${axis}`, shapes), {
        message: `concat：各张量除第 ${axis} 维外形状应相同，实为 ${shapes}`,
      });
    }
    const shape = first.shape.map((n, a) => (a === axis ? parts.reduce((sum, p) => sum + p.shape[a]!, 0) : n));
    const values = makeData(
      first.dtype,
      shape.reduce((a, b) => a * b, 1),
    );
    const outer = first.shape.slice(0, axis).reduce((a, b) => a * b, 1);
    let offset = 0;
    for (let row = 0; row < outer; row++) {
      for (const part of parts) {
        const run = part.size / outer;
        values.set(part.values.subarray(row * run, (row + 1) * run), offset);
        offset += run;
      }
    }
    return new TensorValue(first.dtype, shape, values);
  }

  /** Nested arrays of plain numbers (bool as 0 and 1); a scalar gives a number. */
  toArray(): Nested {
    const build = (axis: number, offset: number, run: number): Nested => {
      if (axis === this.rank) return this.values[offset]!;
      const step = run / this.shape[axis]!;
      return Array.from({ length: this.shape[axis]! }, (_, i) => build(axis + 1, offset + i * step, step));
    };
    return build(0, 0, this.size);
  }

  /** A short form for messages: dtype, shape and the first values. */
  toString(): string {
    const head = Array.from(this.values.subarray(0, 6), (x) => Number(x.toPrecision(5))).join(', ');
    return `${this.dtype} [${this.shape.join(', ')}] {${head}${this.size > 6 ? ', ...' : ''}}`;
  }

  #flat(index: readonly number[]): number {
    if (index.length !== this.rank)
      throw inWords(new UsageError('tensor index', `${this.rank} numbers`, `[${index.join(', ')}]`), {
        message: `张量下标：应为 ${this.rank} 个数，实为 [${index.join(', ')}]`,
      });
    return index.reduce((flat, given, axis) => {
      const n = this.shape[axis]!;
      const i = given < 0 ? given + n : given;
      if (!(Number.isInteger(i) && i >= 0 && i < n))
        throw inWords(new UsageError('tensor index', `inside [${this.shape.join(', ')}]`, `[${index.join(', ')}]`), {
          message: `张量下标：应在 [${this.shape.join(', ')}] 之内，实为 [${index.join(', ')}]`,
        });
      return flat * n + i;
    }, 0);
  }

  #pick(shape: readonly number[], source: (index: number[]) => number[]): TensorValue {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = makeData(this.dtype, size);
    const index = new Array<number>(shape.length).fill(0);
    for (let i = 0; i < size; i++) {
      values[i] = this.values[source(index).reduce((flat, at, axis) => flat * this.shape[axis]! + at, 0)]!;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        index[axis] = index[axis]! + 1;
        if (index[axis]! < shape[axis]!) break;
        index[axis] = 0;
      }
    }
    return new TensorValue(this.dtype, shape, values);
  }
}

/** A tensor from a number, nested arrays or a flat (typed) array with a shape; float32 unless told. */
export function tensor(values: Nested | TypedArray, shape?: readonly number[], dtype: DType = 'float32'): TensorValue {
  if (ArrayBuffer.isView(values)) {
    const flat = values as Exclude<TypedArray, BigInt64Array | BigUint64Array>;
    const data = makeData(dtype, flat.length);
    data.set(flat);
    return new TensorValue(dtype, shape ?? [flat.length], data);
  }
  const found: number[] = [];
  for (let level: Nested | undefined = values as Nested; Array.isArray(level); level = level[0] as Nested | undefined)
    found.push(level.length);
  const flat: number[] = [];
  const walk = (node: Nested, axis: number): void => {
    if (typeof node === 'number') {
      if (axis !== found.length) throw new UsageError('tensor', 'arrays of equal length', 'a ragged array');
      flat.push(node);
      return;
    }
    if (node.length !== found[axis]) throw new UsageError('tensor', 'arrays of equal length', 'a ragged array');
    for (const child of node) walk(child, axis + 1);
  };
  walk(values as Nested, 0);
  const data = makeData(dtype, flat.length);
  data.set(flat);
  return new TensorValue(dtype, shape ?? found, data);
}

export type AdapterKind = 'rng' | 'iterable' | 'table' | 'boxed' | 'stream';

/** A recipe that the box turns into a real object: made by rng, iterable, table, boxed and stream. */
export class Adapter {
  readonly kind: AdapterKind;
  readonly data: Value;

  constructor(kind: AdapterKind, data: Value) {
    this.kind = kind;
    this.data = data;
  }
}

/** In the box: a `() => number` in [0, 1) that starts from this seed (not the run's seed, which never enters a box). */
export function rng(seed: number): Adapter {
  return new Adapter('rng', seed);
}

/** In the box: an iterable that can be walked once, as a file or a stream can. */
export function iterable(items: readonly Value[]): Adapter {
  return new Adapter('iterable', items);
}

/** In the box: a pure function given as data; a key is one argument, or the list of arguments. An unknown argument throws. */
export function table(entries: readonly (readonly [key: Value, value: Value])[]): Adapter {
  return new Adapter('table', entries);
}

/** In the box: what the export `name` of the exercise's boxed.ts returns for `args`; without args, the export itself. */
export function boxed(name: string, ...args: Value[]): Adapter {
  return new Adapter('boxed', [name, args]);
}

/** In the box: an async iterable that fetches each item from here, and says when its reader stops early. */
export function stream(items: AsyncIterable<Value> | Iterable<Value>): Adapter {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const next = async (): Promise<Value> => {
    const { done = false, value } = await iterator.next();
    return { done, value: done ? undefined : (value as Value) };
  };
  const stop = async (): Promise<Value> => void (await iterator.return?.());
  return new Adapter('stream', [next, stop]);
}

/** An object with methods (or a function) that stays in the box; call it through the box. */
export class Handle {
  readonly id: number;
  /** Names of its methods; the box's own word. */
  readonly methods: readonly string[];
  /** Its class's name; the box's own word. */
  readonly className: string;
  /** Plain data fields at the time it was returned. */
  readonly fields: Readonly<Record<string, Value>>;

  constructor(id: number, methods: readonly string[], className: string, fields: Readonly<Record<string, Value>> = {}) {
    this.id = id;
    this.methods = methods;
    this.className = className;
    this.fields = fields;
  }
}

/** True for a value that is walked as a plain object: not an array, a view, a Map, a Set or one of the classes above. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const proto = Object.getPrototypeOf(value) as unknown;
  return proto === null || proto === Object.prototype || Object.getPrototypeOf(proto) === null;
}

function makeData(dtype: DType, size: number): TensorData {
  if (dtype === 'float32') return new Float32Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}
