/**
 * Training of byte-level BPE: start from the 256 bytes, and merge the most frequent pair of neighbours again and again.
 *
 * Papers: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units", section 3.2; Radford et al. 2019 (GPT-2), section 2.2.
 * - Ids: the special tokens first, then the bytes in the order of their characters, then one id per merge. Hugging Face's trainer gives the very same.
 * - Ties: the highest count, then the lowest left id, then the lowest right id.
 * - A text is read once. Equal pre-tokens are counted and kept once, as a word with a number of times.
 * - A merge visits only the words that hold its pair, and changes only the counts of the pairs beside it. Counting again after every merge would take
 *   the time of the whole corpus thousands of times.
 */
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';
import { IntLists } from '@llm-ladder/llm-train/int-lists';
import { Neighbours } from '@llm-ladder/llm-train/neighbours';
import { type Pair, PairQueue } from '@llm-ladder/llm-train/pair-queue';
import { BYTE_CHARS, BYTES_IN_ORDER, eachPretoken } from '@llm-ladder/llm-train/pretokens';

export interface BpeOptions {
  /** How many tokens in all, specials and bytes included. */
  readonly vocab: number;
  /** A pair that is rarer is not merged. 2 unless given. */
  readonly minFreq?: number;
  /** Tokens that the text never makes: ids 0, 1, 2 ... Their literals in a text are cut out. */
  readonly special?: readonly string[];
}

/** What a tokenizer is made of. Tokens are written in the characters of `BYTE_CHARS`, specials as they are. */
export interface BpeModel {
  readonly vocab: Map<string, number>;
  /** In the order in which they were learned: the first is the most frequent. */
  readonly merges: [left: string, right: string][];
}

/** The words of a corpus as ids: word w is ids[start[w]] .. ids[end[w] - 1], and occurs times[w] times. Merging shortens a word in its place. */
interface Words {
  readonly ids: Int32Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly times: Float64Array;
}

/** Learns a vocabulary from texts, which are read once; no pre-token spans two texts. Throws UsageError for a `vocab` that cannot hold specials and bytes. */
export function trainBpe(texts: Iterable<string>, { vocab, minFreq = 2, special = [] }: BpeOptions): BpeModel {
  // TODO: check vocab, count the pre-tokens, then merge the most frequent pair until the vocabulary is full or no pair is frequent enough
  throw new NotImplemented('llm-train/bbpe-train');
}

/** How often each pre-token occurs. The literal of a special token is nobody's pre-token, and no pre-token reaches over it. */
function countPretokens(texts: Iterable<string>, special: readonly string[]): Map<string, number> {
  // TODO: cut each text at the specials, cut the rest into pre-tokens, count
  throw new NotImplemented('llm-train/bbpe-train');
}

/** Pre-tokens as ids of their UTF-8 bytes. */
function toWords(counts: ReadonlyMap<string, number>, specials: number): Words {
  // TODO: UTF-8 bytes of each pre-token, each byte as its id
  throw new NotImplemented('llm-train/bbpe-train');
}

/** Every pair of neighbours that is frequent enough: how often it occurs, in which words, which is next. No count rises once its pair is known. */
class Pairs {
  readonly #words: Words;
  readonly #vocab: number;
  readonly #minFreq: number;
  readonly #queue = new PairQueue();
  readonly #numbers = new Map<number, number>(); // left * vocab + right -> number in the queue
  readonly #wordsOf = new IntLists(); // by number, rising
  readonly #before: Neighbours;
  readonly #after: Neighbours;

  constructor(words: Words, { vocab, minFreq }: { readonly vocab: number; readonly minFreq: number }) {
    this.#words = words;
    this.#vocab = vocab;
    this.#minFreq = Math.max(1, minFreq);
    this.#before = new Neighbours(vocab);
    this.#after = new Neighbours(vocab);
  }

  /** The next pair to merge; undefined when none is frequent enough. */
  takeBest(): Pair | undefined {
    // TODO: the first pair of the queue, unless it is too rare
    throw new NotImplemented('llm-train/bbpe-train');
  }

  /** Counts the pairs of bytes, whose ids are `first` .. `first` + 255, and lists the words of each. */
  countBytes(first: number): void {
    // TODO: go through all neighbours twice, first to count, then to list the words of the pairs that are frequent enough
    throw new NotImplemented('llm-train/bbpe-train');
  }

  /** Replaces the pair by `id` in all its words, from left to right, and brings the counts of the pairs beside it up to date. */
  merge({ pair, left, right }: Pair, id: number): void {
    // TODO: merge in each word of the pair; what stood beside it loses its pairs with left and right and gains one with id
    throw new NotImplemented('llm-train/bbpe-train');
  }

  #keep(left: number, right: number, count: number, words: () => Int32Array): void {
    if (count < this.#minFreq) return; // it can only fall from here
    const number = this.#queue.add(left, right, count);
    this.#wordsOf.add(words());
    this.#numbers.set(this.#key(left, right), number);
  }

  #lower(left: number, right: number, count: number): void {
    const number = this.#numbers.get(this.#key(left, right));
    if (number !== undefined) this.#queue.lower(number, count);
  }

  #key(left: number, right: number): number {
    return left * this.#vocab + right;
  }
}
