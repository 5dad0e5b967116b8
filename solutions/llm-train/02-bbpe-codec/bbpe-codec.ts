/**
 * Encoding and decoding with a learned byte-level BPE vocabulary, also one token at a time.
 *
 * Papers: Sennrich et al. 2016, section 3.2; Radford et al. 2019 (GPT-2), section 2.2. Ids equal Hugging Face's for the same vocabulary and merges.
 * - A pre-token starts as bytes. Of all pairs of neighbours the one that was learned first is merged first; of equals, the leftmost.
 * - Text is never read as a special token unless the caller says so: a user who types the end token must not end the turn.
 * - A lone surrogate is no text; it is encoded as U+FFFD, as TextEncoder does.
 * - One token may hold a part of a character. Bytes are decoded together, and a stream holds back what is not yet whole.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import { NumberHeap } from '@llm-ladder/llm-train/number-heap';
import { PairRanks } from '@llm-ladder/llm-train/pair-ranks';
import { BYTE_CHARS, eachPretoken } from '@llm-ladder/llm-train/pretokens';

export interface TokenizerOptions {
  readonly vocab: ReadonlyMap<string, number>;
  readonly merges: readonly (readonly [left: string, right: string])[];
  /** Tokens that text makes only where the caller allows it. They are in `vocab` too. */
  readonly special?: readonly string[];
  /** Brings text to this form before it is encoded. Not done unless asked: it turns full-width Chinese punctuation into ASCII. */
  readonly normalize?: 'NFKC';
}

const CACHED = 1 << 15; // pre-tokens whose ids are kept; then the cache starts anew, so that memory stays bounded
const ENCODER = new TextEncoder();
const UTF8 = { ignoreBOM: true }; // U+FEFF at the start is a character like any other

/** Text to ids and back. Throws UsageError for bytes, merges or specials that `vocab` does not hold. */
export class Tokenizer {
  readonly #idOfByte: Int32Array;
  readonly #ranks: PairRanks;
  readonly #merged: Int32Array; // by rank, the id of the result
  readonly #specials: ReadonlyMap<string, number>;
  readonly #literals: RegExp | undefined;
  readonly #normalize: 'NFKC' | undefined;
  readonly #bytes: TokenBytes;
  readonly #cache = new Map<string, readonly number[]>();

  constructor({ vocab, merges, special = [], normalize }: TokenizerOptions) {
    this.#normalize = normalize;
    this.#bytes = new TokenBytes(vocab, special);
    this.#specials = new Map(special.map((literal) => [literal, idOf(vocab, literal)]));
    this.#literals = anyOf(special);
    this.#idOfByte = Int32Array.from(BYTE_CHARS, (char) => idOf(vocab, char));
    this.#merged = Int32Array.from(merges, ([left, right]) => idOf(vocab, left + right));
    this.#ranks = new PairRanks(merges.length);
    for (const [rank, [left, right]] of merges.entries()) this.#ranks.add(idOf(vocab, left), idOf(vocab, right), rank);
  }

  /** Ids of a text. With `allowSpecial`, literals of special tokens become their ids; without, they are bytes like all text. */
  encode(text: string, { allowSpecial = false }: { readonly allowSpecial?: boolean } = {}): number[] {
    const ids: number[] = [];
    const addPretoken = (pretoken: string) => {
      for (const id of this.#idsOf(pretoken)) ids.push(id);
    };
    const parts = allowSpecial && this.#literals ? text.split(this.#literals) : [text]; // every second part is a special
    for (const [i, part] of parts.entries()) {
      if (i % 2 === 1) ids.push(this.#specials.get(part)!);
      else eachPretoken(this.#normalize ? part.normalize(this.#normalize) : part, addPretoken);
    }
    return ids;
  }

  /** The text of some ids; `skipSpecial` leaves special tokens out. Bytes that are no UTF-8 become U+FFFD. Throws UsageError for an id that is no token. */
  decode(ids: Iterable<number>, { skipSpecial = false }: { readonly skipSpecial?: boolean } = {}): string {
    const parts: Uint8Array[] = [];
    for (const id of ids) if (!(skipSpecial && this.#bytes.isSpecial(id))) parts.push(this.#bytes.of(id));
    return new TextDecoder('utf-8', UTF8).decode(joined(parts));
  }

  #idsOf(pretoken: string): readonly number[] {
    const known = this.#cache.get(pretoken);
    if (known) return known;
    const ids = this.#merge(Array.from(ENCODER.encode(pretoken), (byte) => this.#idOfByte[byte]!));
    if (this.#cache.size >= CACHED) this.#cache.clear();
    this.#cache.set(pretoken, ids);
    return ids;
  }

  /** Merges the bytes of one pre-token, given as ids: [n] -> [n or fewer]. */
  #merge(ids: number[]): number[] {
    const n = ids.length;
    const next = ids.map((_, at) => at + 1); // n stands for the end
    const before = ids.map((_, at) => at - 1);
    const ranks = ids.map(() => -1); // of the pair that starts here
    const queue = new NumberHeap(); // rank * n + place: the lowest rank first, then the leftmost
    const look = (at: number) => {
      const right = next[at]!;
      const rank = right < n ? this.#ranks.get(ids[at]!, ids[right]!) : -1;
      ranks[at] = rank;
      if (rank >= 0) queue.push(rank * n + at);
    };
    for (let at = 0; at < n; at++) look(at);

    for (let first = queue.pop(); first !== undefined; first = queue.pop()) {
      const at = first % n;
      const rank = (first - at) / n;
      if (ranks[at] !== rank) continue; // one of the two was merged meanwhile
      const right = next[at]!;
      ids[at] = this.#merged[rank]!;
      next[at] = next[right]!;
      if (next[at]! < n) before[next[at]!] = at;
      ranks[right] = -1;
      look(at);
      if (before[at]! >= 0) look(before[at]!);
    }
    const merged: number[] = [];
    for (let at = 0; at < n; at = next[at]!) merged.push(ids[at]!);
    return merged;
  }
}

/** Turns ids into text as they arrive: a character is given out as soon as its last byte is there, never before. */
export class StreamDecoder {
  readonly #bytes: TokenBytes;
  readonly #decoder = new TextDecoder('utf-8', UTF8);

  constructor({ vocab, special = [] }: TokenizerOptions) {
    this.#bytes = new TokenBytes(vocab, special);
  }

  /** The text that is whole now; '' while a character is not. */
  push(id: number): string {
    return this.#decoder.decode(this.#bytes.of(id), { stream: true });
  }

  /** What is left: U+FFFD if the last character never became whole, else ''. The decoder can then be used for another text. */
  end(): string {
    return this.#decoder.decode();
  }
}

// --- helpers ---

/** The bytes of every token, specials as the UTF-8 of their literals. */
class TokenBytes {
  readonly #bytes = new Map<number, Uint8Array>();
  readonly #special = new Set<number>();

  constructor(vocab: ReadonlyMap<string, number>, special: readonly string[]) {
    const byteOf = new Map(BYTE_CHARS.map((char, byte) => [char, byte]));
    for (const literal of special) this.#special.add(idOf(vocab, literal));
    for (const [token, id] of vocab) {
      const literal = this.#special.has(id);
      this.#bytes.set(id, literal ? ENCODER.encode(token) : Uint8Array.from(token, (char) => byteOf.get(char) ?? 0x3f));
    }
  }

  of(id: number): Uint8Array {
    const bytes = this.#bytes.get(id);
    if (bytes === undefined) throw new UsageError('decode', `ids of the vocabulary's ${this.#bytes.size} tokens`, String(id));
    return bytes;
  }

  isSpecial(id: number): boolean {
    return this.#special.has(id);
  }
}

function idOf(vocab: ReadonlyMap<string, number>, token: string): number {
  const id = vocab.get(token);
  if (id === undefined)
    throw new UsageError('Tokenizer', 'a vocab with every byte, merge and special', `none for ${JSON.stringify(token)}`);
  return id;
}

/** Finds any of the literals, the longest first; the group makes `split` keep them. */
function anyOf(literals: readonly string[]): RegExp | undefined {
  if (literals.length === 0) return undefined;
  const longestFirst = literals.toSorted((a, b) => b.length - a.length);
  return new RegExp(`(${longestFirst.map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
