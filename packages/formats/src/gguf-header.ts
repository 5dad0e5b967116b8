/**
 * The header of a GGUF file: what the model is, as keys and values, and where its tensors lie.
 *   file = "GGUF" | version | number of tensors | number of keys | keys and values | tensors' names, shapes, types, offsets | padding | data
 *
 * Source: the GGUF page of the ggml documentation, versions 2 and 3 (little-endian).
 * A reader of our own instead of @huggingface/gguf: that one reads only the header, trusts its counts, and brings a package of task descriptions along; the
 * part that remains, with every count checked against the bytes that are left, is this page.
 */
import fs from 'node:fs';
import { UsageError } from '@llm-ladder/backend/errors';
import { sizeOf } from './numbers.ts';

export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

export interface GgufTensor {
  /** As TF.js has it: GGUF counts dimensions from the last one. */
  readonly shape: readonly number[];
  readonly type: number;
  /** From the start of the file, in bytes. */
  readonly begin: number;
}

export interface GgufHeader {
  readonly values: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  readonly size: number;
}

const LARGEST_HEADER = 1 << 28; // bytes; vocabularies of 256 thousand tokens take 20 MB
const MOST_ITEMS = 1 << 24;
const WINDOW = 1 << 20;
const ARRAY = 9;
const SCALARS = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8] as const; // least bytes by type; a string has 8 and an array 12 before the first item

/** Reads the header of an open file. Throws UsageError for another format or version, and for counts, sizes and offsets that the file cannot hold. */
export function readGgufHeader(fd: number, source: string): GgufHeader {
  const { size } = fs.fstatSync(fd);
  const reader = new Reader(fd, size, source);
  const magic = size >= 24 ? reader.bytes(4).toString('latin1') : `${size} bytes`;
  if (magic !== 'GGUF') throw new UsageError(source, 'a GGUF file', JSON.stringify(magic));
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw new UsageError(source, 'GGUF version 2 or 3', `${version}`);
  const tensorCount = reader.count('tensors', 24);
  const keyCount = reader.count('keys', 13);

  const values = new Map<string, GgufValue>();
  for (let i = 0; i < keyCount; i++) {
    const key = reader.string();
    if (values.has(key)) throw new UsageError(source, 'each key once', `${JSON.stringify(key)} twice`);
    values.set(key, reader.value(reader.u32(), key));
  }
  const found = Array.from({ length: tensorCount }, () => readTensor(reader, source));
  const alignment = values.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || alignment < 1 || alignment % 8 !== 0)
    throw new UsageError(source, 'general.alignment as a multiple of 8', `${alignment}`);
  const start = Math.ceil(reader.at / alignment) * alignment;

  const tensors = new Map<string, GgufTensor>();
  for (const { name, shape, type, offset } of found) {
    if (tensors.has(name)) throw new UsageError(source, 'each tensor once', `${JSON.stringify(name)} twice`);
    if (offset % alignment !== 0 || start + offset > size)
      throw new UsageError(source, `${name} at a multiple of ${alignment} within ${size} bytes`, `${start + offset}`);
    tensors.set(name, { shape, type, begin: start + offset });
  }
  return { values, tensors, size };
}

// --- helpers ---

function readTensor(reader: Reader, source: string) {
  const name = reader.string();
  const rank = reader.u32();
  if (rank < 1 || rank > 4) throw new UsageError(source, `1 to 4 dimensions of ${JSON.stringify(name)}`, `${rank}`);
  const shape = Array.from({ length: rank }, () => reader.u64()).reverse();
  if (Number.isNaN(sizeOf(shape))) throw new UsageError(source, `a shape of ${JSON.stringify(name)} that can be counted`, `[${shape}]`);
  return { name, shape, type: reader.u32(), offset: reader.u64() };
}

/** Reads on from byte 0, a window at a time. Whatever a count says, no more is asked for than the file has left. */
class Reader {
  at = 0;
  readonly #fd: number;
  readonly #size: number;
  readonly #source: string;
  #window: Buffer = Buffer.alloc(0);
  #from = 0; // where the window starts in the file

  constructor(fd: number, size: number, source: string) {
    this.#fd = fd;
    this.#size = Math.min(size, LARGEST_HEADER);
    this.#source = source;
  }

  bytes(length: number): Buffer {
    this.#need(length, 'bytes');
    const within = this.at - this.#from;
    this.at += length;
    if (within + length <= this.#window.length) return this.#window.subarray(within, within + length);
    this.#from = this.at - length;
    this.#window = Buffer.alloc(Math.min(Math.max(length, WINDOW), this.#size - this.#from));
    fs.readSync(this.#fd, this.#window, 0, this.#window.length, this.#from);
    return this.#window.subarray(0, length);
  }

  u32(): number {
    return this.bytes(4).readUInt32LE();
  }

  u64(): number {
    return Number(this.bytes(8).readBigUInt64LE());
  }

  string(): string {
    return this.bytes(this.u64()).toString('utf8');
  }

  /** A number of things that take `least` bytes or more each. */
  count(what: string, least: number): number {
    const count = this.u64();
    this.#need(count * least, `of ${count} ${what}`);
    if (count > MOST_ITEMS) throw new UsageError(this.#source, `at most ${MOST_ITEMS} ${what}`, `${count}`);
    return count;
  }

  value(type: number, key: string, depth = 0): GgufValue {
    if (type >= SCALARS.length || depth > 2) throw new UsageError(this.#source, `a known type of ${JSON.stringify(key)}`, `${type}`);
    switch (type) {
      case 8:
        return this.string();
      case ARRAY: {
        const itemType = this.u32();
        const count = this.count(`items of ${JSON.stringify(key)}`, SCALARS[itemType] ?? 1);
        return Array.from({ length: count }, () => this.value(itemType, key, depth + 1));
      }
      default:
        return scalar(type, this.bytes(SCALARS[type]!));
    }
  }

  #need(length: number, what: string): void {
    const left = this.#size - this.at;
    if (length > left) throw new UsageError(this.#source, `at most the ${left} bytes that are left at ${this.at}`, `${length} ${what}`);
  }
}

function scalar(type: number, bytes: Buffer): GgufValue {
  switch (type) {
    case 0:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 7:
      return bytes[0] !== 0;
    case 10:
      return bytes.readBigUInt64LE();
    case 11:
      return bytes.readBigInt64LE();
    default:
      return bytes.readDoubleLE();
  }
}
