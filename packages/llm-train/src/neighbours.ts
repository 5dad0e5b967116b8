/** What stands beside a merged pair, on one side: how often each id does, and in which words. */

const NONE = -1;

/** Collects the neighbours that one merge finds, then hands them over one id at a time and is empty again. */
export class Neighbours {
  readonly #count: Float64Array; // by id, 0 where the id is no neighbour
  readonly #lastEvent: Int32Array; // by id
  readonly #found: number[] = []; // ids, in the order in which they were met
  readonly #word: number[] = []; // by event
  readonly #eventBefore: number[] = []; // the event before it of the same id

  /** For ids below `ids`. */
  constructor(ids: number) {
    this.#count = new Float64Array(ids);
    this.#lastEvent = new Int32Array(ids).fill(NONE);
  }

  /** The id stands there in this word, which occurs `times` times. Words come in rising order. */
  add(id: number, word: number, times: number): void {
    const before = this.#lastEvent[id]!;
    this.#count[id]! += times;
    if (before === NONE) this.#found.push(id);
    else if (this.#word[before] === word) return; // the word is listed already
    this.#lastEvent[id] = this.#word.push(word) - 1;
    this.#eventBefore.push(before);
  }

  /** How often the id stands there. */
  countOf(id: number): number {
    return this.#count[id]!;
  }

  /** Each neighbour with its count and a way to its words in rising order; forgets them. */
  drain(visit: (id: number, count: number, words: () => Int32Array) => void): void {
    for (const id of this.#found) {
      visit(id, this.#count[id]!, () => this.#wordsOf(id));
      this.#count[id] = 0;
      this.#lastEvent[id] = NONE;
    }
    this.#found.length = 0;
    this.#word.length = 0;
    this.#eventBefore.length = 0;
  }

  #wordsOf(id: number): Int32Array {
    let size = 0;
    for (let event = this.#lastEvent[id]!; event !== NONE; event = this.#eventBefore[event]!) size++;
    const words = new Int32Array(size);
    for (let event = this.#lastEvent[id]!; event !== NONE; event = this.#eventBefore[event]!) words[--size] = this.#word[event]!;
    return words;
  }
}
