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
import { UsageError } from '@llm-ladder/backend/errors';
import { IntLists } from './int-lists.ts';
import { Neighbours } from './neighbours.ts';
import { type Pair, PairQueue } from './pair-queue.ts';
import { BYTE_CHARS, BYTES_IN_ORDER, eachPretoken } from './pretokens.ts';

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
  // #region exercise: check vocab, count the pre-tokens, then merge the most frequent pair until the vocabulary is full or no pair is frequent enough
  const least = special.length + 256;
  if (!Number.isInteger(vocab) || vocab < least) throw new UsageError('trainBpe', `vocab of at least ${least}`, `${vocab}`);
  if (special.includes('') || new Set(special).size < special.length)
    throw new UsageError('trainBpe', 'special tokens that are not empty and all different', JSON.stringify(special));

  const tokens = [...special, ...BYTES_IN_ORDER.map((byte) => BYTE_CHARS[byte]!)]; // by id
  const merges: [string, string][] = [];
  const words = toWords(countPretokens(texts, special), special.length);
  const pairs = new Pairs(words, { vocab, minFreq });
  pairs.countBytes(special.length);

  while (tokens.length < vocab) {
    const best = pairs.takeBest();
    if (best === undefined) break;
    const [left, right] = [tokens[best.left]!, tokens[best.right]!];
    merges.push([left, right]);
    pairs.merge(best, tokens.push(left + right) - 1);
  }
  return { vocab: new Map(tokens.map((token, id) => [token, id])), merges };
  // #endregion
}

/** How often each pre-token occurs. The literal of a special token is nobody's pre-token, and no pre-token reaches over it. */
function countPretokens(texts: Iterable<string>, special: readonly string[]): Map<string, number> {
  // #region exercise: cut each text at the specials, cut the rest into pre-tokens, count
  const counts = new Map<string, number>();
  const count = (pretoken: string) => void counts.set(pretoken, (counts.get(pretoken) ?? 0) + 1);
  const literals = special.toSorted((a, b) => b.length - a.length).map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const border = literals.length > 0 ? new RegExp(literals.join('|')) : undefined;
  for (const text of texts) for (const part of border ? text.split(border) : [text]) eachPretoken(part, count);
  return counts;
  // #endregion
}

/** Pre-tokens as ids of their UTF-8 bytes. */
function toWords(counts: ReadonlyMap<string, number>, specials: number): Words {
  // #region exercise: UTF-8 bytes of each pre-token, each byte as its id
  const idOfByte = new Int32Array(256);
  for (const [order, byte] of BYTES_IN_ORDER.entries()) idOfByte[byte] = specials + order;

  const encoder = new TextEncoder();
  const words = new IntLists();
  for (const pretoken of counts.keys()) words.add(Int32Array.from(encoder.encode(pretoken), (byte) => idOfByte[byte]!));
  const { numbers, start, end } = words.flat();
  return { ids: numbers, start, end, times: Float64Array.from(counts.values()) };
  // #endregion
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
    // #region exercise: the first pair of the queue, unless it is too rare
    const best = this.#queue.pop();
    return best !== undefined && best.count >= this.#minFreq ? best : undefined;
    // #endregion
  }

  /** Counts the pairs of bytes, whose ids are `first` .. `first` + 255, and lists the words of each. */
  countBytes(first: number): void {
    // #region exercise: go through all neighbours twice, first to count, then to list the words of the pairs that are frequent enough
    const { ids, start, end, times } = this.#words;
    const pairs = 256 * 256;
    const [count, size, lastWord] = [new Float64Array(pairs), new Int32Array(pairs), new Int32Array(pairs)];
    const eachPair = (visit: (pair: number, word: number, isNew: boolean) => void) => {
      lastWord.fill(-1);
      for (let word = 0; word < times.length; word++) {
        for (let at = start[word]!; at < end[word]! - 1; at++) {
          const pair = (ids[at]! - first) * 256 + ids[at + 1]! - first;
          visit(pair, word, lastWord[pair] !== word);
          lastWord[pair] = word;
        }
      }
    };
    eachPair((pair, word, isNew) => {
      count[pair]! += times[word]!;
      if (isNew) size[pair]!++;
    });
    const lists = Array.from(size, (length, pair) => (count[pair]! >= this.#minFreq ? new Int32Array(length) : undefined));
    size.fill(0);
    eachPair((pair, word, isNew) => {
      const list = lists[pair];
      if (isNew && list) list[size[pair]!++] = word;
    });
    for (const [pair, list] of lists.entries()) if (list) this.#keep(first + (pair >> 8), first + (pair & 255), count[pair]!, () => list);
    // #endregion
  }

  /** Replaces the pair by `id` in all its words, from left to right, and brings the counts of the pairs beside it up to date. */
  merge({ pair, left, right }: Pair, id: number): void {
    // #region exercise: merge in each word of the pair; what stood beside it loses its pairs with left and right and gains one with id
    const { ids, start, end, times } = this.#words;
    const [before, after] = [this.#before, this.#after];
    for (const word of this.#wordsOf.at(pair)) {
      const [from, to] = [start[word]!, end[word]!];
      let write = from;
      for (let read = from; read < to; read++) {
        const merges = ids[read] === left && read + 1 < to && ids[read + 1] === right;
        if (merges) {
          if (write > from) before.add(ids[write - 1]!, word, times[word]!);
          if (read + 2 < to) after.add(ids[read + 2]!, word, times[word]!);
          read++;
        }
        ids[write++] = merges ? id : ids[read]!;
      }
      end[word] = write;
    }
    this.#numbers.delete(this.#key(left, right));

    // Two merges in a row, as in abab: the second left was counted after the first id, and is gone.
    const inARow = before.countOf(id);
    before.drain((other, count, where) => {
      this.#lower(other, left, count);
      this.#keep(other, id, count, where);
    });
    after.drain((other, count, where) => {
      this.#lower(right, other, count);
      this.#keep(id, other, other === left ? count - inARow : count, where);
    });
    // #endregion
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
