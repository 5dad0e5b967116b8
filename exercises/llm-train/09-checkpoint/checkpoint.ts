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
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

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
  // TODO: walk the tree, a block for each tensor and array the first time it is met; allocate once; copy one block at a time; checksum
  throw new NotImplemented('llm-train/checkpoint');
}

/** The state that `save` was given; the caller owns its tensors. Throws UsageError for bytes that are cut off, changed or of another kind. */
export function load(bytes: Uint8Array): Saved {
  // TODO: check size, magic and checksum before anything else; then the header, the blocks, the tree
  throw new NotImplemented('llm-train/checkpoint');
}

/** The file names `step-<number>.ckpt` among all names of a folder, newest (largest number) first. */
export function newestFirst(names: readonly string[]): string[] {
  // TODO: keep whole matches, sort by their numbers
  throw new NotImplemented('llm-train/checkpoint');
}

/** The names to delete so that the `keep` newest checkpoints are left. Throws UsageError unless keep >= 1. */
export function expired(names: readonly string[], keep: number): string[] {
  if (!(keep >= 1)) throw new UsageError('expired', 'keep >= 1', `${keep}`);
  // TODO: all but the newest
  throw new NotImplemented('llm-train/checkpoint');
}

/** The newest checkpoint of a folder that is whole, with its name, or undefined. `read` is called for one file at a time, newest first. */
export async function last(
  names: readonly string[],
  read: (name: string) => Promise<Uint8Array>,
): Promise<{ name: string; state: Saved } | undefined> {
  // TODO: try one after the other; a damaged one is passed over
  throw new NotImplemented('llm-train/checkpoint');
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
