/** Values as text that can be pasted into a program: what a failure shows of its inputs. */
import { Adapter, isPlainObject, TensorValue } from '../box/values.ts';
import type { Words } from '../format/words.ts';

/** Begins the line of a message that tells the last call of the learner's code. */
export const lastCall: Words = { en: 'last call:', zh: '最后一次调用：' };

/** More numbers of one tensor or list say nothing to a reader. */
const MOST_NUMBERS = 24;
const MOST_ENTRIES = 24;
const LONGEST_TEXT = 400;
const DEEPEST = 8;

/** More of one call says nothing to a reader. */
const LONGEST_CALL = 600;

const written = new WeakMap<object, () => string>();

/** Says how an object is written: a handle by the call that made it. */
export function writeAs(object: object, write: () => string): void {
  written.set(object, write);
}

/** `attention(tf.tensor([[1]]), 2)`, cut where it is too long to read. */
export function callLiteral(callee: string, args: readonly unknown[]): string {
  return cut(`${callee}(${list(args, MOST_ENTRIES, 0)})`, LONGEST_CALL);
}

/** The value as an expression; what is too long to read ends in `...`, a large tensor is told by its shape and first values. */
export function literal(value: unknown, depth = 0): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object' && value !== null) return written.get(value)?.() ?? (depth > DEEPEST ? '...' : container(value, depth + 1));
  if (typeof value === 'function') return 'async () => ...';
  return String(value);
}

function container(value: object, depth: number): string {
  if (value instanceof TensorValue) return tensorLiteral(value);
  if (value instanceof Error) return `new ${value.name}(${text(value.message)})`;
  if (value instanceof Adapter) return adapterLiteral(value, depth);
  if (ArrayBuffer.isView(value)) return `new ${value.constructor.name}([${list(Array.from(value as Uint8Array), MOST_NUMBERS, depth)}])`;
  if (Array.isArray(value)) return `[${list(value, MOST_ENTRIES, depth)}]`;
  if (value instanceof Map) return `new Map([${list([...value], MOST_ENTRIES, depth)}])`;
  if (value instanceof Set) return `new Set([${list([...value], MOST_ENTRIES, depth)}])`;
  if (!isPlainObject(value)) return '...';
  const keys = Object.keys(value);
  const shown = keys.slice(0, MOST_ENTRIES).map((key) => `${isName(key) ? key : text(key)}: ${literal(value[key], depth)}`);
  if (shown.length === 0) return '{}';
  return `{ ${shown.join(', ')}${keys.length > MOST_ENTRIES ? ', ...' : ''} }`;
}

function list(items: readonly unknown[], most: number, depth: number): string {
  // By index, so that a hole shows as what reading it gives.
  const shown = Array.from(items.length > most ? items.slice(0, most) : items, (item) => literal(item, depth));
  return items.length > most ? `${shown.join(', ')}, ...` : shown.join(', ');
}

function tensorLiteral(tensor: TensorValue): string {
  const { dtype, shape, size, values } = tensor;
  const kind = dtype === 'float32' ? '' : `, '${dtype}'`;
  if (size > MOST_NUMBERS)
    return `tf.tensor([${Array.from(values.subarray(0, 4), shortest).join(', ')}, ...], [${shape.join(', ')}]${kind})`;
  const nested = (axis: number, offset: number, run: number): string => {
    if (axis === shape.length) return shortest(values[offset]!);
    const step = run / shape[axis]!;
    return `[${Array.from({ length: shape[axis]! }, (_, i) => nested(axis + 1, offset + i * step, step)).join(', ')}]`;
  };
  if (shape.length === 0) return `tf.scalar(${nested(0, 0, size)}${kind})`;
  return `tf.tensor(${nested(0, 0, size)}${kind && `, undefined${kind}`})`;
}

/** The fewest digits that give the same float32 again. */
function shortest(x: number): string {
  if (Object.is(x, -0)) return '-0';
  for (let digits = 4; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return String(short);
  }
  return String(x);
}

function adapterLiteral({ kind, data }: Adapter, depth: number): string {
  if (kind === 'stream') return 'stream(...)';
  if (kind !== 'boxed') return `${kind}(${literal(data, depth)})`;
  const [name, args] = data as unknown as [string, readonly unknown[]];
  return args.length === 0 ? name : `${name}(${list(args, MOST_ENTRIES, depth)})`;
}

function text(value: string): string {
  return value.length <= LONGEST_TEXT ? JSON.stringify(value) : `${JSON.stringify(value.slice(0, LONGEST_TEXT))} ...`;
}

function cut(whole: string, most: number): string {
  return whole.length > most ? `${whole.slice(0, most)} ...` : whole;
}

function isName(key: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key);
}
