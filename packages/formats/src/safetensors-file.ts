/** Safetensors files, read and written one tensor at a time: memory is one tensor, not the file. */
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '@llm-ladder/backend/errors';
import { sizeOf } from './numbers.ts';
import { float32Header, headerLength, numbersOf, parseHeader, type SafetensorsHeader } from './safetensors.ts';
import { readBytes, type TensorFile } from './tensor-file.ts';

/** One tensor to write; `data` is called when its turn comes, so that only one is in memory. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: () => Promise<Float32Array>;
}

const FLOATS = ['F32', 'F16', 'BF16'];

/** Opens a file and checks its header; F32, F16 and BF16 can be read. The caller closes it. Throws UsageError for a file that is cut off or lies. */
export async function openSafetensors(source: string): Promise<TensorFile> {
  const handle = await open(source);
  try {
    const { entries, start } = await readHeader(handle, source);
    const read = async (name: string) => {
      const entry = entries.get(name);
      if (entry === undefined) throw new UsageError(source, `a tensor ${JSON.stringify(name)}`, `${entries.size} others`);
      const { dtype, begin, end } = entry;
      if (!FLOATS.includes(dtype)) throw new UsageError(source, `F32, F16 or BF16 in ${JSON.stringify(name)}`, dtype);
      const bytes = await readBytes(handle, source, start + begin, end - begin);
      return numbersOf(dtype, bytes, source) as Float32Array<ArrayBuffer>;
    };
    const shapes = new Map(Array.from(entries, ([name, { shape }]) => [name, shape]));
    return { source, shapes, read, close: () => handle.close() };
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
