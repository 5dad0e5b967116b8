/** What the keys of a GGUF file say of any model: its tokenizer, special ids and chat template. Keys of an architecture are for the model's own loader. */
import { UsageError } from '@llm-ladder/backend/errors';
import type { GgufHeader, GgufValue } from './gguf-header.ts';
import type { TokenIds } from './hf-config.ts';
import type { BpeParts } from './tokenizer-json.ts';

/**
 * The byte-level BPE tokenizer of a file. Control and user-defined tokens are special: text never makes them.
 * Throws UsageError, naming the key, for a tokenizer of another kind.
 */
export function ggufTokenizer(keys: GgufKeys): BpeParts {
  const { source } = keys;
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

/** The special ids and the chat template of a file whose vocabulary has V tokens. Throws UsageError for an id outside it. */
export function ggufChat(keys: GgufKeys, V: number): { readonly tokens: TokenIds; readonly chatTemplate?: string } {
  const id = (name: string) => keys.id(`tokenizer.ggml.${name}_token_id`, V);
  const [bos, pad, template] = [id('bos'), id('padding'), keys.get('tokenizer.chat_template')];
  const eos = [...new Set([id('eos'), id('eot'), id('eom')])].filter((one) => one !== undefined);
  return {
    tokens: { ...(bos !== undefined && { bos }), pad: pad ?? eos[0] ?? 0, eos },
    ...(typeof template === 'string' && { chatTemplate: template }),
  };
}

/** The keys of a header, each asked for as what it must be; each method throws a UsageError that names the key. */
export class GgufKeys {
  /** The path, for messages. */
  readonly source: string;
  readonly #values: ReadonlyMap<string, GgufValue>;

  constructor({ values }: Pick<GgufHeader, 'values'>, source: string) {
    this.#values = values;
    this.source = source;
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
    return new UsageError(this.source, `${key}: ${expected}`, got);
  }
}
