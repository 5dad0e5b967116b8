/**
 * Safetensors: named tensors in one file. The format itself, over bytes in memory; safetensors-file.ts reads and writes files a tensor at a time.
 *   file = length of the header (8 bytes, little-endian) | header: JSON | the tensors' bytes
 *   header = { "<name>": { "dtype", "shape", "data_offsets": [begin, end] }, ..., "__metadata__": { "<key>": "<text>" } }
 *
 * Source: the format section of Hugging Face's safetensors README.
 * - Nothing is believed: the header must fit the file, and the tensors must fill what follows without a gap or an overlap, before any of them is read.
 * - No TF.js and no file system here: tensors.ts makes TF.js tensors.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import { fromBf16, fromF16, sizeOf } from './numbers.ts';

/** Where a tensor lies, counted from the end of the header. */
export interface SafetensorsEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  /** `__metadata__`; empty when there is none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The numbers of a tensor as the file has them; F16 and BF16, which JavaScript has not, as float32, BOOL as bytes. */
export type Numbers =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly numbers: Numbers;
}

/** A tensor in a dtype of TF.js. */
export interface NarrowTensor {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly numbers: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
}

/** The largest header that is read, in bytes: the limit of the format's own library. */
export const LARGEST_HEADER = 100_000_000;

/** Bytes of one number, and how they are read; F8 is known and not read. */
const DTYPES: Readonly<Record<string, { readonly width: number; readonly read?: (bytes: Uint8Array<ArrayBuffer>) => Numbers }>> = {
  F64: { width: 8, read: ({ buffer }) => new Float64Array(buffer) },
  I64: { width: 8, read: ({ buffer }) => new BigInt64Array(buffer) },
  U64: { width: 8, read: ({ buffer }) => new BigUint64Array(buffer) },
  F32: { width: 4, read: ({ buffer }) => new Float32Array(buffer) },
  I32: { width: 4, read: ({ buffer }) => new Int32Array(buffer) },
  U32: { width: 4, read: ({ buffer }) => new Uint32Array(buffer) },
  F16: { width: 2, read: fromF16 },
  BF16: { width: 2, read: fromBf16 },
  I16: { width: 2, read: ({ buffer }) => new Int16Array(buffer) },
  U16: { width: 2, read: ({ buffer }) => new Uint16Array(buffer) },
  I8: { width: 1, read: ({ buffer }) => new Int8Array(buffer) },
  U8: { width: 1, read: (bytes) => bytes },
  BOOL: { width: 1, read: (bytes) => bytes },
  F8_E4M3: { width: 1 },
  F8_E5M2: { width: 1 },
};

/** Every tensor of a file that is in memory, and its metadata. Throws UsageError for bytes that are cut off or lie, and for F8. */
export function readSafetensors(
  bytes: Uint8Array,
  source: string,
): { readonly tensors: ReadonlyMap<string, StoredTensor>; readonly metadata: Readonly<Record<string, string>> } {
  const length = headerLength(bytes, bytes.length, source);
  const start = 8 + length;
  const { entries, metadata } = parseHeader(new TextDecoder().decode(bytes.subarray(8, start)), bytes.length - start, source);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, begin, end }] of entries) {
    // `slice` copies, so that the numbers start at a multiple of their width.
    const own = new Uint8Array(bytes.subarray(start + begin, start + end));
    tensors.set(name, { dtype, shape, numbers: numbersOf(dtype, own, `${source}: ${name}`) });
  }
  return { tensors, metadata };
}

/** How long the header is, from the first 8 bytes of a file of `size` bytes. Throws UsageError when the file has no room for it. */
export function headerLength(first: Uint8Array, size: number, source: string): number {
  if (size < 8) throw new UsageError(source, 'a safetensors file, 8 bytes or more', `${size}`);
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  const room = Math.min(size - 8, LARGEST_HEADER);
  if (length > room) throw new UsageError(source, `a safetensors header of at most ${room} bytes`, `${length}`);
  return length;
}

/** The header whose tensors fill the `room` bytes behind it. Throws UsageError for one that does not hold. */
export function parseHeader(json: string, room: number, source: string): SafetensorsHeader {
  const parsed = parseObject(json, source);
  const seen = new Set<string>();
  for (const name of topLevelKeys(json)) {
    if (seen.has(name)) throw new UsageError(source, 'each name once in the header', `${JSON.stringify(name)} twice`);
    seen.add(name);
  }
  const entries = new Map<string, SafetensorsEntry>();
  for (const [name, value] of Object.entries(parsed)) if (name !== '__metadata__') entries.set(name, toEntry(value, `${source}: ${name}`));
  checkCover(entries, room, source);
  return { entries, metadata: metadataOf(parsed, source) };
}

/** The header of float32 tensors in this order, with its length before it and spaces behind, so that the tensors start at a multiple of 8. */
export function float32Header(tensors: readonly { readonly name: string; readonly shape: readonly number[] }[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }; // transformers asks for it
  let end = 0;
  for (const { name, shape } of tensors) {
    const begin = end;
    end += 4 * sizeOf(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(json, 8);
  return padded;
}

/** The numbers in the bytes of a whole tensor. Throws UsageError that names `where` for F8. */
export function numbersOf(dtype: string, bytes: Uint8Array<ArrayBuffer>, where: string): Numbers {
  const read = DTYPES[dtype]?.read;
  if (read === undefined) throw new UsageError(where, `one of ${READ.join(', ')}`, dtype);
  return read(bytes);
}

const READ = Object.keys(DTYPES).filter((dtype) => DTYPES[dtype]!.read !== undefined);

/** The same numbers in a dtype of TF.js: floats as float32, whole numbers as int32, BOOL as bool. Throws UsageError for a whole number outside int32. */
export function narrow({ dtype, shape, numbers }: StoredTensor, where: string): NarrowTensor {
  if (dtype === 'BOOL') return { dtype: 'bool', shape, numbers: numbers as Uint8Array<ArrayBuffer> };
  if (numbers instanceof Float32Array) return { dtype: 'float32', shape, numbers };
  if (numbers instanceof Float64Array) return { dtype: 'float32', shape, numbers: Float32Array.from(numbers) };
  if (numbers instanceof Int32Array) return { dtype: 'int32', shape, numbers };
  const whole = new Int32Array(numbers.length);
  for (let i = 0; i < whole.length; i++) {
    whole[i] = Number(numbers[i]);
    if (whole[i] !== Number(numbers[i])) throw new UsageError(where, 'whole numbers that int32 holds', `${numbers[i]}`);
  }
  return { dtype: 'int32', shape, numbers: whole };
}

// --- helpers ---

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

function toEntry(value: unknown, where: string): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const sound = typeof dtype === 'string' && Array.isArray(shape) && Array.isArray(offsets) && offsets.length === 2;
  if (!sound) throw new UsageError(where, 'a dtype, a shape and two data_offsets', JSON.stringify(value).slice(0, 120));
  const [begin, end] = offsets as [number, number];
  const width = DTYPES[dtype]?.width;
  if (width === undefined) throw new UsageError(where, `a dtype among ${Object.keys(DTYPES).join(', ')}`, dtype);
  const wanted = sizeOf(shape) * width;
  if (Number.isNaN(wanted)) throw new UsageError(where, 'a shape of whole numbers', JSON.stringify(shape));
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || begin < 0 || end - begin !== wanted)
    throw new UsageError(where, `${wanted} bytes of ${dtype} [${shape}]`, `data_offsets [${offsets}]`);
  return { dtype, shape: shape as number[], begin, end };
}

function metadataOf(parsed: object, source: string): Readonly<Record<string, string>> {
  const metadata = (parsed as { __metadata__?: unknown }).__metadata__ ?? {};
  const sound =
    typeof metadata === 'object' && !Array.isArray(metadata) && Object.values(metadata).every((value) => typeof value === 'string');
  if (!sound) throw new UsageError(source, '__metadata__ of texts', JSON.stringify(metadata).slice(0, 120));
  return metadata as Record<string, string>;
}

/** Sorted, each tensor starts where the one before it ends, and the last ends with the file. */
function checkCover(entries: ReadonlyMap<string, SafetensorsEntry>, room: number, source: string): void {
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
