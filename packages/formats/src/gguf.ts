/**
 * GGUF files of llama.cpp: their tensors, brought to float32. What the keys beside them say is gguf-keys.ts's.
 *
 * Source: the GGUF page of the ggml documentation; the block layouts of ggml (ggml-common.h). A block is 32 numbers with a scale d in float16:
 *   Q8_0: d, 32 signed bytes q: q d          Q4_0: d, 16 bytes: (q - 8) d          Q4_1: d, m, 16 bytes: q d + m
 * A byte of the 4-bit kinds holds number i in its low half and number i + 16 in its high half.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '@llm-ladder/backend/errors';
import { type GgufHeader, type GgufTensor, readGgufHeader } from './gguf-header.ts';
import { fromBf16, fromF16, halfTable, sizeOf } from './numbers.ts';
import { readBytes, type TensorFile } from './tensor-file.ts';

/** How a type keeps numbers: `count` of them in `bytes`. */
interface Kind {
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
  readonly toFloat: (bytes: Uint8Array<ArrayBuffer>) => Float32Array<ArrayBuffer>;
}

const KINDS: Readonly<Record<number, Kind>> = {
  0: { name: 'F32', count: 1, bytes: 4, toFloat: (bytes) => new Float32Array(bytes.buffer) },
  1: { name: 'F16', count: 1, bytes: 2, toFloat: fromF16 },
  2: { name: 'Q4_0', count: 32, bytes: 18, toFloat: (bytes) => fromNibbles(bytes, 18) },
  3: { name: 'Q4_1', count: 32, bytes: 20, toFloat: (bytes) => fromNibbles(bytes, 20) },
  8: { name: 'Q8_0', count: 32, bytes: 34, toFloat: fromQ8 },
  30: { name: 'BF16', count: 1, bytes: 2, toFloat: fromBf16 },
};
const OTHER_KINDS: Readonly<Record<number, string>> = { 6: 'Q5_0', 7: 'Q5_1', 10: 'Q2_K', 11: 'Q3_K', 12: 'Q4_K', 13: 'Q5_K', 14: 'Q6_K' };

/** Opens a file and checks all of its header; the caller closes it. Throws UsageError for a file that is cut off or lies, and for kinds of numbers that are not read. */
export async function openGguf(source: string): Promise<TensorFile & { readonly header: GgufHeader }> {
  const handle = await open(source);
  try {
    const header = readGgufHeader(handle.fd, source);
    for (const [name, tensor] of header.tensors) checkTensor(name, tensor, header.size, source);
    const shapes = new Map(Array.from(header.tensors, ([name, { shape }]) => [name, shape]));
    return { source, shapes, header, read: (name) => readTensor(handle, source, header, name), close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

// --- helpers ---

function checkTensor(name: string, { shape, type, begin }: GgufTensor, size: number, source: string): void {
  const kind = KINDS[type];
  if (kind === undefined) {
    const got = OTHER_KINDS[type] ?? `type ${type}`;
    const known = Object.values(KINDS).map((one) => one.name);
    throw new UsageError(source, `${name} as one of ${known.join(', ')}`, got, { hint: 'take the Q8_0 or F16 file of the same model' });
  }
  if (shape.at(-1)! % kind.count !== 0) throw new UsageError(source, `${name} in rows of ${kind.count} numbers`, `[${shape}]`);
  const end = begin + (sizeOf(shape) / kind.count) * kind.bytes;
  if (end > size) throw new UsageError(source, `${name} to end within ${size} bytes`, `${end}`);
}

async function readTensor(handle: FileHandle, source: string, { tensors }: GgufHeader, name: string): Promise<Float32Array<ArrayBuffer>> {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new UsageError(source, `a tensor ${JSON.stringify(name)}`, `${tensors.size} others`);
  const kind = KINDS[tensor.type]!;
  return kind.toFloat(await readBytes(handle, source, tensor.begin, (sizeOf(tensor.shape) / kind.count) * kind.bytes));
}

function fromQ8(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const table = halfTable();
  const numbers = new Float32Array((bytes.length / 34) * 32);
  for (let from = 0, to = 0; from < bytes.length; from += 34, to += 32) {
    const d = table[bytes[from]! | (bytes[from + 1]! << 8)]!;
    for (let i = 0; i < 32; i++) numbers[to + i] = ((bytes[from + 2 + i]! << 24) >> 24) * d;
  }
  return numbers;
}

/** Q4_0 in blocks of 18 bytes, Q4_1, which has its own m, in blocks of 20. */
function fromNibbles(bytes: Uint8Array<ArrayBuffer>, block: 18 | 20): Float32Array<ArrayBuffer> {
  const table = halfTable();
  const numbers = new Float32Array((bytes.length / block) * 32);
  const half = (at: number) => table[bytes[at]! | (bytes[at + 1]! << 8)]!;
  for (let from = 0, to = 0; from < bytes.length; from += block, to += 32) {
    const d = half(from);
    const m = block === 20 ? half(from + 2) : -8 * d;
    const quants = from + block - 16;
    for (let i = 0; i < 16; i++) {
      const byte = bytes[quants + i]!;
      numbers[to + i] = (byte & 15) * d + m;
      numbers[to + 16 + i] = (byte >> 4) * d + m;
    }
  }
  return numbers;
}
