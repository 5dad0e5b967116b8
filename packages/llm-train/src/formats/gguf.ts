/**
 * GGUF files of llama.cpp: a LLaMA with its tokenizer and chat template, its numbers brought to float32.
 *
 * Source: the GGUF page of the ggml documentation; the block layouts of ggml (ggml-common.h). A block is 32 numbers with a scale d in float16:
 *   Q8_0: d, 32 signed bytes q: q d          Q4_0: d, 16 bytes: (q - 8) d          Q4_1: d, m, 16 bytes: q d + m
 * A byte of the 4-bit kinds holds number i in its low half and number i + 16 in its high half.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '@llm-ladder/backend/errors';
import type { LlamaConfig } from '../llama.ts';
import { type GgufHeader, type GgufTensor, type GgufValue, readGgufHeader } from './gguf-header.ts';
import { fromBf16, fromF16, halfTable, readBytes, sizeOf, type TensorFile } from './tensor-file.ts';
import type { TokenizerParts } from './tokenizer-parts.ts';

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

/** What a GGUF file says beside its tensors. */
export interface GgufModel {
  readonly cfg: LlamaConfig;
  readonly tokenizer: TokenizerParts;
  readonly bos?: number;
  readonly pad?: number;
  readonly eos: readonly number[];
  readonly chatTemplate?: string;
}

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

/** The model that the keys of a header describe. Throws UsageError for what our LLaMA or our tokenizer is not. */
export function ggufModel({ values, tensors }: GgufHeader, source: string): GgufModel {
  const keys = new Keys(values, source);
  keys.mustBe('general.architecture', ['llama']);
  keys.mustBe('llama.rope.scaling.type', ['none', undefined]);
  keys.mustBe('llama.expert_count', [0, undefined]);
  const [D, H] = [keys.whole('llama.embedding_length'), keys.whole('llama.attention.head_count')];
  for (const name of ['rope.dimension_count', 'attention.key_length', 'attention.value_length'])
    keys.mustBe(`llama.${name}`, [D / H, undefined]);
  const tokenizer = tokenizerOf(keys, source);
  const cfg: LlamaConfig = {
    V: tokenizer.vocab.size,
    D,
    L: keys.whole('llama.block_count'),
    H,
    G: keys.whole('llama.attention.head_count_kv', H),
    F: keys.whole('llama.feed_forward_length'),
    maxLen: keys.whole('llama.context_length'),
    eps: keys.positive('llama.attention.layer_norm_rms_epsilon'),
    theta: keys.positive('llama.rope.freq_base', 10_000),
    style: 'interleaved',
    tied: !tensors.has('output.weight'),
  };
  const id = (name: string) => keys.id(`tokenizer.ggml.${name}_token_id`, cfg.V);
  const [bos, pad, template] = [id('bos'), id('padding'), values.get('tokenizer.chat_template')];
  const eos = [...new Set([id('eos'), id('eot'), id('eom')])].filter((one) => one !== undefined);
  return {
    cfg,
    tokenizer,
    eos,
    ...(bos !== undefined && { bos }),
    ...(pad !== undefined && { pad }),
    ...(typeof template === 'string' && { chatTemplate: template }),
  };
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

/** Control and user-defined tokens are special: text never makes them. */
function tokenizerOf(keys: Keys, source: string): TokenizerParts {
  keys.mustBe('tokenizer.ggml.model', ['gpt2']);
  const pre = keys.mustBe('tokenizer.ggml.pre', ['smollm', 'gpt-2']);
  const tokens = keys.strings('tokenizer.ggml.tokens');
  const types = keys.get('tokenizer.ggml.token_type');
  const vocab = new Map(tokens.map((token, id) => [token, id]));
  if (vocab.size !== tokens.length) throw new UsageError(source, 'tokens that differ', `${tokens.length - vocab.size} twice`);
  const merges = keys.strings('tokenizer.ggml.merges').map((merge): [string, string] => {
    const [left, right, ...rest] = merge.split(' ');
    if (!left || !right || rest.length > 0) throw new UsageError(source, 'two tokens in each merge', JSON.stringify(merge));
    return [left, right];
  });
  const special = Array.isArray(types) ? tokens.filter((_, id) => types[id] === 3 || types[id] === 4) : [];
  return { vocab, merges, special, ...(pre === 'smollm' && { singleDigits: true }) };
}

/** The keys of a header, each asked for as what it must be. */
class Keys {
  readonly #values: ReadonlyMap<string, GgufValue>;
  readonly #source: string;

  constructor(values: ReadonlyMap<string, GgufValue>, source: string) {
    this.#values = values;
    this.#source = source;
  }

  get(key: string): GgufValue | undefined {
    return this.#values.get(key);
  }

  mustBe(key: string, known: readonly unknown[]): GgufValue | undefined {
    const value = this.get(key);
    if (!known.includes(value)) throw this.#odd(key, known.map((one) => one ?? 'none').join(' or '));
    return value;
  }

  whole(key: string, otherwise?: number): number {
    const value = this.get(key) ?? otherwise;
    if (!Number.isSafeInteger(value) || (value as number) < 1) throw this.#odd(key, 'a whole number of 1 or more');
    return value as number;
  }

  positive(key: string, otherwise?: number): number {
    const value = this.get(key) ?? otherwise;
    if (typeof value !== 'number' || !(value > 0 && value < Number.POSITIVE_INFINITY)) throw this.#odd(key, 'a number above 0');
    return value;
  }

  id(key: string, V: number): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) >= V) throw this.#odd(key, `an id below ${V}`);
    return value as number;
  }

  strings(key: string): string[] {
    const value = this.get(key);
    if (!Array.isArray(value) || value.some((one) => typeof one !== 'string')) throw this.#odd(key, 'a list of strings');
    return value as string[];
  }

  #odd(key: string, expected: string): UsageError {
    const value = this.get(key);
    const got = value === undefined ? 'none' : Array.isArray(value) ? `${value.length} values` : JSON.stringify(`${value}`);
    return new UsageError(this.#source, `${key}: ${expected}`, got);
  }
}
