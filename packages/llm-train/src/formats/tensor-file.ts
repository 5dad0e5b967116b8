/** A file of named tensors, whatever its format: what both readers give, and the reading of bytes and half-precision numbers that they share. */
import type { FileHandle } from 'node:fs/promises';
import { UsageError } from '@llm-ladder/backend/errors';

export interface TensorFile {
  /** The path, for messages. */
  readonly source: string;
  /** Row-major: the last dimension is the one whose neighbours lie side by side. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The numbers of one tensor as float32. Throws UsageError for a name that is not there and for a kind of number that is not read. */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

const PIECE = 1 << 28; // one read call takes at most 2 GiB

/** `length` bytes from `from` on. Throws UsageError if the file ends before. */
export async function readBytes(handle: FileHandle, source: string, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(PIECE, length - at), from + at);
    if (bytesRead === 0) throw new UsageError(source, `${length} bytes from ${from} on`, `${at}: the file was cut while it was read`);
    at += bytesRead;
  }
  return bytes;
}

/** The product of a shape, or NaN where it is no shape: not whole, negative, or too large to count. */
export function sizeOf(shape: readonly unknown[]): number {
  let size = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || (length as number) < 0) return Number.NaN;
    size *= length as number;
  }
  return Number.isSafeInteger(size) ? size : Number.NaN;
}

/** bfloat16 is the upper half of a float32. */
export function fromBf16(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

export function fromF16(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const table = halfTable();
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) numbers[i] = table[halves[i]!]!;
  return numbers;
}

let halfNumbers: Float32Array | undefined;

/** The number of each of the 65,536 float16 bit patterns (IEEE 754 binary16). */
export function halfTable(): Float32Array {
  halfNumbers ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => {
    const [sign, exponent, fraction] = [bits >> 15 === 1 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return halfNumbers;
}
