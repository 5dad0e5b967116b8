/** Safetensors files, read and written one tensor at a time: memory is one tensor, not the file. */
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '@llm-ladder/backend/errors';
import { sizeOf } from './numbers.ts';
import {
  float32Header,
  headerLength,
  numbersOf,
  parseHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type StoredTensor,
} from './safetensors.ts';
import { readBytes, type TensorFile } from './tensor-file.ts';

/** One tensor to write; `data` is called when its turn comes, so that only one is in memory. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: () => Promise<Float32Array>;
}

export interface SafetensorsFile extends TensorFile {
  /** One tensor as the file has it, whatever its dtype. Throws UsageError for a name that is not there and for F8. */
  stored(name: string): Promise<StoredTensor>;
}

const FLOATS = ['F32', 'F16', 'BF16'];

/** Opens a file and checks its header; `read` takes F32, F16 and BF16. The caller closes it. Throws UsageError for a file that is cut off or lies. */
export async function openSafetensors(source: string): Promise<SafetensorsFile> {
  const handle = await open(source);
  try {
    const { entries, start } = await readHeader(handle, source);
    const entryOf = (name: string): SafetensorsEntry => {
      const entry = entries.get(name);
      if (entry === undefined) throw new UsageError(source, `a tensor ${JSON.stringify(name)}`, `${entries.size} others`);
      return entry;
    };
    const stored = async (name: string): Promise<StoredTensor> => {
      const { dtype, shape, begin, end } = entryOf(name);
      const bytes = await readBytes(handle, source, start + begin, end - begin);
      return { dtype, shape, numbers: numbersOf(dtype, bytes, source) };
    };
    const read = async (name: string) => {
      const { dtype } = entryOf(name);
      if (!FLOATS.includes(dtype)) throw new UsageError(source, `F32, F16 or BF16 in ${JSON.stringify(name)}`, dtype);
      return (await stored(name)).numbers as Float32Array<ArrayBuffer>;
    };
    const shapes = new Map(Array.from(entries, ([name, { shape }]) => [name, shape]));
    return { source, shapes, read, stored, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Writes float32 tensors in the given order to a file that `open` made. Their sizes are known beforehand, so the header goes first. */
export async function writeSafetensors(handle: FileHandle, tensors: readonly NamedTensor[]): Promise<void> {
  await handle.writeFile(float32Header(tensors));
  for (const { name, shape, data } of tensors) {
    const numbers = await data();
    if (numbers.length !== sizeOf(shape))
      throw new UsageError('writeSafetensors', `${sizeOf(shape)} numbers of ${name}`, `${numbers.length}`);
    await handle.writeFile(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  }
}

async function readHeader(handle: FileHandle, source: string): Promise<Pick<SafetensorsHeader, 'entries'> & { readonly start: number }> {
  const { size } = await handle.stat();
  const length = headerLength(await readBytes(handle, source, 0, Math.min(8, size)), size, source);
  const json = new TextDecoder().decode(await readBytes(handle, source, 8, length));
  const { entries } = parseHeader(json, size - 8 - length, source);
  return { entries, start: 8 + length };
}
