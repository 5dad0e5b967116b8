/**
 * Byte-pair encoding on words: subwords are learned by merging, again and again, the two neighbours that meet most often.
 *
 * Gage 1994 (compression); Sennrich, Haddow and Birch 2016, "Neural Machine Translation of Rare Words with Subword Units".
 * - A word starts as its characters (code points). It has no mark at its end; who wants one adds it to the word.
 * - Every pair of neighbours counts, also where two of them overlap: "aaa" holds "aa" twice, as in Hugging Face. Merging goes from left to right.
 * - On a tie the pair that comes first in code-point order wins, so the result does not depend on the order of the words.
 * - A merge touches only the words that hold its pair: their pairs are taken out of the counts, and put back when they are merged. A heap says which pair is next.
 */
import { UsageError } from '@llm-ladder/backend/errors';

/** Two neighbours that become one symbol. Its place in a list of merges is its rank. */
export type Merge = [left: string, right: string];

/** Learns up to `merges` merges from how often each word occurs; fewer when no pair is left. UsageError for numbers that are not whole. */
export function learnBpe(freq: ReadonlyMap<string, number>, merges: number): Merge[] {
  if (!(Number.isInteger(merges) && merges >= 0)) throw new UsageError('learnBpe', 'a whole number of merges, 0 or more', `${merges}`);

  const pairs = new Map<string, Pair>();
  const changed = new Set<Pair>();
  const tally = (word: Word, times: number): void => {
    for (const [i, right] of word.symbols.entries()) {
      const left = word.symbols[i - 1];
      if (left === undefined) continue;
      const key = `${left.length} ${left}${right}`; // the length tells a|bc from ab|c
      const pair: Pair = pairs.get(key) ?? { merge: [left, right], words: new Set(), count: 0 };
      pair.count += times;
      if (times > 0) pair.words.add(word);
      else pair.words.delete(word);
      if (pair.count > 0) pairs.set(key, pair);
      else pairs.delete(key);
      changed.add(pair);
    }
  };
  const queue = new Heap<Entry>(goesBefore);
  const enqueue = (): void => {
    for (const pair of changed) if (pair.count > 0) queue.push({ pair, count: pair.count });
    changed.clear();
  };

  for (const [word, count] of freq) {
    if (!(Number.isInteger(count) && count >= 0)) throw new UsageError('learnBpe', `a whole count of ${JSON.stringify(word)}`, `${count}`);
    if (count > 0) tally({ symbols: [...word], count }, count);
  }
  enqueue();
  const learned: Merge[] = [];
  while (learned.length < merges && pairs.size > 0) {
    const { pair, count } = queue.pop()!;
    if (pair.count !== count) continue; // an old entry: the pair's count has changed since, and a newer entry stands in the queue
    learned.push(pair.merge);
    for (const word of [...pair.words]) {
      tally(word, -word.count);
      word.symbols = mergePair(word.symbols, pair.merge);
      tally(word, word.count);
    }
    enqueue();
  }
  return learned;
}

/** Cuts one word into subwords: of all merges that fit, the earliest learned goes first. The list is looked through once and then remembered by its length. */
export function applyBpe(word: string, merges: readonly Readonly<Merge>[]): string[] {
  const ranks = ranksOf(merges);
  let symbols = [...word];
  for (;;) {
    let lowest = Number.POSITIVE_INFINITY;
    for (let i = 1; i < symbols.length; i++) lowest = Math.min(lowest, ranks.get(symbols[i - 1]!)?.get(symbols[i]!) ?? lowest);
    const merge = merges[lowest];
    if (merge === undefined) return symbols;
    symbols = mergePair(symbols, merge);
  }
}

/** The symbols with every left-right pair made one, from left to right: "aaa" becomes "aa", "a". */
function mergePair(symbols: readonly string[], [left, right]: Readonly<Merge>): string[] {
  const merged: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const fits = symbols[i] === left && symbols[i + 1] === right;
    merged.push(fits ? left + right : symbols[i]!);
    if (fits) i++;
  }
  return merged;
}

/** Whether pair a stands before pair b: by the left symbol, then by the right one, each in code-point order. */
function comesFirst(a: Readonly<Merge>, b: Readonly<Merge>): boolean {
  return (compareCodePoints(a[0], b[0]) || compareCodePoints(a[1], b[1])) < 0;
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
