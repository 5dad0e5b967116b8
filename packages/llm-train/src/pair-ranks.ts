/** Which pairs of ids merge: a hash table of numbers, several times as fast as a Map with one key for the two. */

/** The rank of each pair that was learned; pairs are added once. */
export class PairRanks {
  readonly #mask: number;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #rank: Int32Array; // -1 where the place is free

  /** Room for `pairs` pairs, at most half full. */
  constructor(pairs: number) {
    const places = 2 ** Math.ceil(Math.log2(2 * pairs + 2));
    this.#mask = places - 1;
    this.#left = new Int32Array(places);
    this.#right = new Int32Array(places);
    this.#rank = new Int32Array(places).fill(-1);
  }

  add(left: number, right: number, rank: number): void {
    let at = this.#place(left, right);
    while (this.#rank[at] !== -1) at = (at + 1) & this.#mask;
    this.#left[at] = left;
    this.#right[at] = right;
    this.#rank[at] = rank;
  }

  /** The rank of the pair, or -1. */
  get(left: number, right: number): number {
    let at = this.#place(left, right);
    while (this.#rank[at] !== -1 && (this.#left[at] !== left || this.#right[at] !== right)) at = (at + 1) & this.#mask;
    return this.#rank[at]!;
  }

  #place(left: number, right: number): number {
    const mixed = Math.imul(left, 0x9e3779b1) + Math.imul(right, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }
}
