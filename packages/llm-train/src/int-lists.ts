/** Many short lists of whole numbers in one array: a list as an object of its own would take more memory than its numbers. */

/** Lists that are added at the end and never change. */
export class IntLists {
  #numbers = new Int32Array(1 << 12);
  readonly #ends = [0]; // list i runs from #ends[i] to #ends[i + 1]

  add(list: ArrayLike<number>): void {
    const used = this.#ends.at(-1)!;
    const end = used + list.length;
    if (end > this.#numbers.length) {
      const larger = new Int32Array(Math.max(end, Math.ceil(1.5 * this.#numbers.length)));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.set(list, used);
    this.#ends.push(end);
  }

  /** A view of list i, good until the next `add`. */
  at(i: number): Int32Array {
    return this.#numbers.subarray(this.#ends[i]!, this.#ends[i + 1]!);
  }

  /** All lists in one array: list i is numbers[start[i]] .. numbers[end[i] - 1]. */
  flat(): { readonly numbers: Int32Array; readonly start: Int32Array; readonly end: Int32Array } {
    const end = Int32Array.from(this.#ends.slice(1));
    return { numbers: this.#numbers, start: Int32Array.from(this.#ends.slice(0, -1)), end };
  }
}
