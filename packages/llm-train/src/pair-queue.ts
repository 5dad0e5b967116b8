/** Which pair is merged next: a binary heap of pairs whose counts may fall after they were put in. */

export interface Pair {
  /** Its number in the queue. */
  readonly pair: number;
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** Pairs of ids, highest count first, then lowest left id, then lowest right id. A pair that fell takes its new place when it comes up. */
export class PairQueue {
  readonly #left: number[] = []; // by pair, as are the next two
  readonly #right: number[] = [];
  readonly #count: number[] = [];
  readonly #placedBy: number[] = []; // the count that the pair's place in the heap is right for
  readonly #heap: number[] = []; // pairs

  /** Adds a pair and gives its number: 0, 1, 2 ... in the order of adding. */
  add(left: number, right: number, count: number): number {
    const pair = this.#left.push(left) - 1;
    this.#right.push(right);
    this.#count.push(count);
    this.#placedBy.push(count);
    this.#heap.push(pair);
    this.#rise(this.#heap.length - 1);
    return pair;
  }

  /** Takes `count` occurrences away from a pair. */
  lower(pair: number, count: number): void {
    this.#count[pair]! -= count;
  }

  /** Takes out the first pair; undefined when none is left. */
  pop(): Pair | undefined {
    for (;;) {
      const pair = this.#heap[0];
      if (pair === undefined) return undefined;
      const count = this.#count[pair]!;
      if (count === this.#placedBy[pair]) {
        const last = this.#heap.pop()!;
        if (this.#heap.length > 0) this.#sink(last);
        return { pair, left: this.#left[pair]!, right: this.#right[pair]!, count };
      }
      this.#placedBy[pair] = count;
      this.#sink(pair);
    }
  }

  /** Moves the pair at a place of the heap up to where it belongs. */
  #rise(from: number): void {
    const heap = this.#heap;
    const pair = heap[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(pair, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = pair;
  }

  /** Puts a pair at the top and moves it down to where it belongs. */
  #sink(pair: number): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, pair)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = pair;
  }

  #before(a: number, b: number): boolean {
    const byCount = this.#placedBy[b]! - this.#placedBy[a]!;
    if (byCount !== 0) return byCount < 0;
    const byLeft = this.#left[a]! - this.#left[b]!;
    return byLeft !== 0 ? byLeft < 0 : this.#right[a]! < this.#right[b]!;
  }
}
