/**
 * A training run on disk: everything that the next step depends on as one block of bytes, bit for bit, and a way back that notices damage.
 *
 * What a run needs to go on as if nothing had happened: weights, the optimizer's means and its count, the state of the random numbers, the place in the
 * data, the step of the schedule. `save` takes any tree of those and does not ask what they mean.
 *   bytes = "LADDERCK" | length of the header | header: JSON | tensors and typed arrays, each at a multiple of 8 | checksum of all before it
 * - The size is known before the first tensor is read, so the bytes are allocated once, and one tensor at a time passes through JavaScript.
 * - A tensor that stands in two places (a tied head) is stored once, and is one tensor again after loading.
 * - A file is found by the number in its name, not by its place in the alphabet; one that does not load is passed over.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';

const MAGIC = 'LADDERCK';
const ARRAYS = { Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array } as const;
type Data = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

/** Plain data with tensors (float32, int32, bool) and typed arrays among its leaves. */
export type Saved =
  | null
  | boolean
  | number
  | string
  | Data
  | tf.Tensor
  | readonly Saved[]
  | { readonly [name: string]: Saved }; // biome-ignore format: one kind a line

/** One block of data: where it lies, and what it is. A tensor has a dtype and a shape. */
interface Block {
  readonly array: keyof typeof ARRAYS;
  readonly length: number;
  readonly offset: number;
  readonly tensor?: { readonly dtype: 'float32' | 'int32' | 'bool'; readonly shape: readonly number[] };
}

/** The header: the tree, in which a block is `{ $: its number }` and a number that JSON lacks is `{ $: its name }`; and the blocks. */
interface Header {
  readonly tree: unknown;
  readonly blocks: readonly Block[];
}

/** Bytes of a whole state. Throws UsageError for what it cannot keep: functions, undefined, other classes. */
export function save(state: Saved): Uint8Array {
  const leaves = new Map<tf.Tensor | Data, number>();
  const blocks: Block[] = [];
  let offset = 0;
  const blockOf = (leaf: tf.Tensor | Data): number => {
    const known = leaves.get(leaf);
    if (known !== undefined) return known;
    const block = describe(leaf, offset);
    offset = aligned(offset + block.length * ARRAYS[block.array].BYTES_PER_ELEMENT);
    leaves.set(leaf, blocks.length);
    return blocks.push(block) - 1;
  };
  const encode = (node: unknown, path: string): unknown => {
    if (node === null || typeof node === 'boolean' || typeof node === 'string') return node;
    if (typeof node === 'number')
      return Number.isFinite(node) && !Object.is(node, -0) ? node : { $: Object.is(node, -0) ? '-0' : `${node}` };
    if (node instanceof tf.Tensor || isData(node)) return { $: blockOf(node) };
    if (Array.isArray(node)) return node.map((item, i) => encode(item, `${path}[${i}]`));
    if (typeof node === 'object' && Object.getPrototypeOf(node) === Object.prototype && !('$' in node))
      return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, encode(item, `${path}.${name}`)]));
    throw new UsageError('save', 'plain data, tensors and typed arrays', `${path}, which is ${typeof node}`);
  };
  const header = new TextEncoder().encode(JSON.stringify({ tree: encode(state, 'state'), blocks } satisfies Header));

  const start = aligned(MAGIC.length + 4 + header.length);
  const bytes = new Uint8Array(start + offset + 4);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(MAGIC.length, header.length, true);
  bytes.set(header, MAGIC.length + 4);
  for (const [leaf, number] of leaves) {
    const data = leaf instanceof tf.Tensor ? (leaf.dataSync() as Data) : leaf;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + blocks[number]!.offset);
  }
  view.setUint32(start + offset, checksum(bytes.subarray(0, -4)), true);
  return bytes;
}

/** The state that `save` was given; the caller owns its tensors. Throws UsageError for bytes that are cut off, changed or of another kind. */
export function load(bytes: Uint8Array): Saved {
  const damaged = (got: string) => new UsageError('load', 'a whole checkpoint', got, { hint: 'use the one before it' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = MAGIC.length + 4;
  if (bytes.length < from + 4 || new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC)
    throw damaged(`${bytes.length} bytes of another kind`);
  if (checksum(bytes.subarray(0, -4)) !== view.getUint32(bytes.length - 4, true)) throw damaged('bytes that are cut off or changed');

  const headerLength = view.getUint32(MAGIC.length, true);
  const { tree, blocks } = JSON.parse(new TextDecoder().decode(bytes.subarray(from, from + headerLength))) as Header;
  const start = aligned(from + headerLength);
  const leaves = blocks.map(({ array, length, offset, tensor }) => {
    const size = length * ARRAYS[array].BYTES_PER_ELEMENT;
    const part = Uint8Array.from(bytes.subarray(start + offset, start + offset + size)); // a copy: aligned, and not holding on to all the rest
    const data = new ARRAYS[array](part.buffer, 0, length);
    return tensor ? tf.tensor(data as Float32Array, [...tensor.shape], tensor.dtype) : data;
  });
  const decode = (node: unknown): Saved => {
    if (typeof node !== 'object' || node === null) return node as Saved;
    if (Array.isArray(node)) return node.map(decode);
    if ('$' in node) return typeof node.$ === 'number' ? leaves[node.$]! : Number(node.$);
    return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, decode(item)]));
  };
  return decode(tree);
}

/** The file names `step-<number>.ckpt` among all names of a folder, newest (largest number) first. */
export function newestFirst(names: readonly string[]): string[] {
  const numbered = names.flatMap((name) => {
    const match = /^step-(\d+)\.ckpt$/.exec(name);
    return match ? [{ name, step: Number(match[1]) }] : [];
  });
  return numbered.sort((a, b) => b.step - a.step).map(({ name }) => name);
}

/** The names to delete so that the `keep` newest checkpoints are left. Throws UsageError unless keep >= 1. */
export function expired(names: readonly string[], keep: number): string[] {
  if (!(keep >= 1)) throw new UsageError('expired', 'keep >= 1', `${keep}`);
  return newestFirst(names).slice(keep);
}

/** The newest checkpoint of a folder that is whole, with its name, or undefined. `read` is called for one file at a time, newest first. */
export async function last(
  names: readonly string[],
  read: (name: string) => Promise<Uint8Array>,
): Promise<{ name: string; state: Saved } | undefined> {
  for (const name of newestFirst(names)) {
    const bytes = await read(name);
    try {
      return { name, state: load(bytes) };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error; // a fault of ours is no damage
    }
  }
  return undefined;
}

// --- helpers ---

/** 32 bits of all bytes: any change within one word of 4 bytes shows for certain, any other but for one in 4 billion. */
export function checksum(bytes: Uint8Array): number {
  const whole = bytes.length >> 2;
  const words =
    bytes.byteOffset % 4 === 0
      ? new Int32Array(bytes.buffer, bytes.byteOffset, whole)
      : new Int32Array(Uint8Array.from(bytes.subarray(0, 4 * whole)).buffer);
  let sum = 0x9e3779b9 ^ bytes.length;
  for (let i = 0; i < whole; i++) sum = mixed(sum, words[i]!);
  for (let i = 4 * whole; i < bytes.length; i++) sum = mixed(sum, bytes[i]!);
  return sum >>> 0;
}

/** One to one in either argument: two sums that differ stay different, whatever word follows. */
function mixed(sum: number, word: number): number {
  const product = Math.imul(sum ^ word, 0x85ebca6b);
  return product ^ (product >>> 15);
}

function isData(value: unknown): value is Data {
  return ArrayBuffer.isView(value) && value.constructor.name in ARRAYS;
}

/** What a leaf is, for the header. */
function describe(leaf: tf.Tensor | Data, offset: number): Block {
  if (!(leaf instanceof tf.Tensor)) return { array: leaf.constructor.name as Block['array'], length: leaf.length, offset };
  const dtype = leaf.dtype as 'float32' | 'int32' | 'bool';
  const array = dtype === 'float32' ? 'Float32Array' : dtype === 'int32' ? 'Int32Array' : 'Uint8Array';
  return { array, length: leaf.size, offset, tensor: { dtype, shape: leaf.shape } };
}

function aligned(size: number): number {
  return Math.ceil(size / 8) * 8;
}
