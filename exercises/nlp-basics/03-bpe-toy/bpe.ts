/**
 * Byte-pair encoding on words: subwords are learned by merging, again and again, the two neighbours that meet most often.
 *
 * Gage 1994 (compression); Sennrich, Haddow and Birch 2016, "Neural Machine Translation of Rare Words with Subword Units".
 * - A word starts as its characters (code points). It has no mark at its end; who wants one adds it to the word.
 * - Every pair of neighbours counts, also where two of them overlap: "aaa" holds "aa" twice, as in Hugging Face. Merging goes from left to right.
 * - On a tie the pair that comes first in code-point order wins, so the result does not depend on the order of the words.
 * - A merge touches only the words that hold its pair: their pairs are taken out of the counts, and put back when they are merged. A heap says which pair is next.
 */
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

/** Two neighbours that become one symbol. Its place in a list of merges is its rank. */
export type Merge = [left: string, right: string];

/** Learns up to `merges` merges from how often each word occurs; fewer when no pair is left. UsageError for numbers that are not whole. */
export function learnBpe(freq: ReadonlyMap<string, number>, merges: number): Merge[] {
  // TODO: count the pairs of all words, merge the most frequent one, and again
  throw new NotImplemented('nlp-basics/bpe-toy');
}

/** Cuts one word into subwords: of all merges that fit, the earliest learned goes first. The list is looked through once and then remembered by its length. */
export function applyBpe(word: string, merges: readonly Readonly<Merge>[]): string[] {
  // TODO: while some neighbours are in the list, merge the pair of the lowest rank
  throw new NotImplemented('nlp-basics/bpe-toy');
}

/** The symbols with every left-right pair made one, from left to right: "aaa" becomes "aa", "a". */
function mergePair(symbols: readonly string[], [left, right]: Readonly<Merge>): string[] {
  // TODO: walk from the left; two that fit become one, and the walk goes on behind them
  throw new NotImplemented('nlp-basics/bpe-toy');
}

/** Whether pair a stands before pair b: by the left symbol, then by the right one, each in code-point order. */
function comesFirst(a: Readonly<Merge>, b: Readonly<Merge>): boolean {
  // TODO: compare the left symbols, then the right ones, code point by code point
  throw new NotImplemented('nlp-basics/bpe-toy');
}

// --- helpers ---

interface Word {
  symbols: string[];
  readonly count: number;
}

interface Pair {
  readonly merge: Merge;
  readonly words: Set<Word>;
  count: number;
}

interface Entry {
  readonly pair: Pair;
  readonly count: number;
}

function goesBefore(a: Entry, b: Entry): boolean {
  return a.count > b.count || (a.count === b.count && comesFirst(a.pair.merge, b.pair.merge));
}

/** Negative, 0 or positive. JavaScript's own < compares UTF-16 units, which puts an emoji before a full-width letter. */
function compareCodePoints(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = a.codePointAt(i)! - b.codePointAt(i)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A binary heap: `pop` gives the item that goes before all others. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #goesBefore: (a: T, b: T) => boolean;

  constructor(goesBefore: (a: T, b: T) => boolean) {
    this.#goesBefore = goesBefore;
  }

  push(item: T): void {
    let at = this.#items.length;
    for (let above = (at - 1) >> 1; at > 0 && this.#goesBefore(item, this.#items[above]!); above = (at - 1) >> 1) {
      this.#items[at] = this.#items[above]!;
      at = above;
    }
    this.#items[at] = item;
  }

  pop(): T | undefined {
    const [first] = this.#items;
    const item = this.#items.pop();
    const { length } = this.#items;
    if (item === undefined || length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const below = right < length && this.#goesBefore(this.#items[right]!, this.#items[left]!) ? right : left;
      if (below >= length || !this.#goesBefore(this.#items[below]!, item)) break;
      this.#items[at] = this.#items[below]!;
      at = below;
    }
    this.#items[at] = item;
    return first;
  }
}

type Ranks = Map<string, Map<string, number>>;
const remembered = new WeakMap<object, { readonly length: number; readonly ranks: Ranks }>();

/** Left symbol -> right symbol -> rank. */
function ranksOf(merges: readonly Readonly<Merge>[]): Ranks {
  const before = remembered.get(merges);
  if (before?.length === merges.length) return before.ranks;
  const ranks: Ranks = new Map();
  for (const [rank, [left, right]] of merges.entries()) {
    const byRight = ranks.get(left) ?? new Map<string, number>();
    if (!byRight.has(right)) byRight.set(right, rank);
    ranks.set(left, byRight);
  }
  remembered.set(merges, { length: merges.length, ranks });
  return ranks;
}
