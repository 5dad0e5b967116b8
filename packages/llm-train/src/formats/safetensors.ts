/**
 * Safetensors: named tensors in one file, read and written one tensor at a time.
 *   file = length of the header (8 bytes, little-endian) | header: JSON | the tensors' bytes
 *   header = { "<name>": { "dtype", "shape", "data_offsets": [begin, end] }, ..., "__metadata__": { "<key>": "<text>" } }
 *
 * Source: the format section of Hugging Face's safetensors README.
 * - Nothing is believed: the header must fit the file, and the tensors must fill what follows without a gap or an overlap, before any of them is read.
 * - Memory is one tensor, not the file.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '@llm-ladder/backend/errors';
import { fromBf16, fromF16, readBytes, sizeOf, type TensorFile } from './tensor-file.ts';

/** One tensor to write; `data` is called when its turn comes, so that only one is in memory. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: () => Promise<Float32Array>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const LARGEST_HEADER = 100_000_000; // bytes; the limit of the format's own library
const BYTES: Readonly<Record<string, number>> = { F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1 }; // biome-ignore format: a table
const READ: Readonly<Record<string, (bytes: Uint8Array<ArrayBuffer>) => Float32Array<ArrayBuffer>>> = {
  F32: (bytes) => new Float32Array(bytes.buffer),
  F16: fromF16,
  BF16: fromBf16,
};

/** Opens a file and checks its header; F32, F16 and BF16 can be read. The caller closes it. Throws UsageError for a file that is cut off or lies. */
export async function openSafetensors(source: string): Promise<TensorFile> {
  const handle = await open(source);
  try {
    const { entries, start } = await readHeader(handle, source);
    const read = async (name: string) => {
      const entry = entries.get(name);
      if (entry === undefined) throw new UsageError(source, `a tensor ${JSON.stringify(name)}`, `${entries.size} others`);
      const convert = READ[entry.dtype];
      if (convert === undefined) throw new UsageError(source, `F32, F16 or BF16 in ${JSON.stringify(name)}`, entry.dtype);
      return convert(await readBytes(handle, source, start + entry.begin, entry.end - entry.begin));
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
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }; // transformers asks for it
  let end = 0;
  for (const { name, shape } of tensors) {
    const begin = end;
    end += 4 * sizeOf(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20); // spaces, so that the tensors start at a multiple of 8
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(json, 8);
  await handle.writeFile(padded);
  for (const { name, shape, data } of tensors) {
    const numbers = await data();
    if (numbers.length !== sizeOf(shape))
      throw new UsageError('writeSafetensors', `${sizeOf(shape)} numbers of ${name}`, `${numbers.length}`);
    await handle.writeFile(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  }
}

// --- helpers ---

async function readHeader(handle: FileHandle, source: string): Promise<{ entries: Map<string, Entry>; start: number }> {
  const { size } = await handle.stat();
  if (size < 8) throw new UsageError(source, 'a safetensors file, 8 bytes or more', `${size}`);
  const length = Number(new DataView((await readBytes(handle, source, 0, 8)).buffer).getBigUint64(0, true));
  const room = Math.min(size - 8, LARGEST_HEADER);
  if (length > room) throw new UsageError(source, `a safetensors header of at most ${room} bytes`, `${length}`);
  const json = new TextDecoder().decode(await readBytes(handle, source, 8, length));
  const parsed = parseObject(json, source);
  const seen = new Set<string>();
  for (const name of topLevelKeys(json)) {
    if (seen.has(name)) throw new UsageError(source, 'each name once in the header', `${JSON.stringify(name)} twice`);
    seen.add(name);
  }

  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(parsed)) if (name !== '__metadata__') entries.set(name, toEntry(value, `${source}: ${name}`));
  checkCover(entries, size - 8 - length, source);
  return { entries, start: 8 + length };
}

function parseObject(json: string, source: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new UsageError(source, 'a JSON object as the safetensors header', JSON.stringify(json.slice(0, 40)));
  return parsed;
}

function toEntry(value: unknown, where: string): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const sound = typeof dtype === 'string' && Array.isArray(shape) && Array.isArray(offsets) && offsets.length === 2;
  if (!sound) throw new UsageError(where, 'a dtype, a shape and two data_offsets', JSON.stringify(value).slice(0, 120));
  const [begin, end] = offsets as [number, number];
  const width = BYTES[dtype];
  if (width === undefined) throw new UsageError(where, `a dtype among ${Object.keys(BYTES).join(', ')}`, dtype);
  const wanted = sizeOf(shape) * width;
  if (Number.isNaN(wanted)) throw new UsageError(where, 'a shape of whole numbers', JSON.stringify(shape));
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || begin < 0 || end - begin !== wanted)
    throw new UsageError(where, `${wanted} bytes of ${dtype} [${shape}]`, `data_offsets [${offsets}]`);
  return { dtype, shape: shape as number[], begin, end };
}

/** Sorted, each tensor starts where the one before it ends, and the last ends with the file. */
function checkCover(entries: ReadonlyMap<string, Entry>, room: number, source: string): void {
  let at = 0;
  for (const [name, { begin, end }] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) throw new UsageError(`${source}: ${name}`, `its bytes to start at ${at}, without gap or overlap`, `${begin}`);
    at = end;
  }
  if (at !== room) throw new UsageError(source, `${at} bytes of tensors, as its header says`, `${room}`);
}

/** The keys of a JSON object in the order of the text, repeated ones too, which JSON.parse drops without a word. */
function topLevelKeys(json: string): string[] {
  const keys: string[] = [];
  const colon = /\s*:/y;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json[at]!;
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === '"') {
      const from = at;
      for (at++; json[at] !== '"'; at++) if (json[at] === '\\') at++;
      colon.lastIndex = at + 1;
      if (depth === 1 && colon.test(json)) keys.push(JSON.parse(json.slice(from, at + 1)) as string);
    }
  }
  return keys;
}
