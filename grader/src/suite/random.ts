/** Inputs that nobody can know beforehand: a generator seeded afresh by the system in each run, whose seed a failure prints. */
import { createHash, randomBytes } from 'node:crypto';
import { UsageError } from '@llm-ladder/backend/errors';
import { TensorValue } from '../box/values.ts';

/** 64 bits from the system, as hex. */
export function freshSeed(): string {
  return randomBytes(8).toString('hex');
}

/** xoshiro128** seeded through SHA-256: a seed of any text, and no way back from a drawn number to it. */
export class Random {
  // The state as four fields: an array in a field would make each number three times as slow.
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest();
    this.#a = digest.readInt32LE(0) | 1; // never the all-zero state
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    this.#d = digest.readInt32LE(12);
  }

  /** Independent random numbers for each name under one seed, so that adding a test does not change the inputs of the others. */
  static for(seed: string, ...names: string[]): Random {
    return new Random([seed, ...names].join('\0'));
  }

  /** A number in [0, 1). */
  next(): number {
    const high = this.#draw() >>> 5;
    const low = this.#draw() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A whole number in [min, max). */
  integer(min: number, max: number): number {
    if (!(Number.isInteger(min) && Number.isInteger(max) && min < max))
      throw new UsageError('random.integer', 'whole min < max', `${min}, ${max}`);
    return min + Math.floor(this.next() * (max - min));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length)]!;
  }

  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.integer(0, i + 1);
      [copy[i], copy[j]] = [copy[j]!, copy[i]!];
    }
    return copy;
  }

  /** 0 ... n-1 in random order. */
  permutation(n: number): number[] {
    return this.shuffle(Array.from({ length: n }, (_, i) => i));
  }

  /** A seed for `rng` in the box, from which this generator cannot be computed. */
  seed(): number {
    return this.#draw() & 0x7fffffff;
  }

  normal(shape: readonly number[], { mean = 0, std = 1 }: { mean?: number; std?: number } = {}): TensorValue {
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
    // Marsaglia's polar method: two independent numbers at a time, no sine.
    for (let i = 0; i < values.length; i += 2) {
      let x = 0;
      let y = 0;
      let square = 0;
      do {
        x = 2 * this.next() - 1;
        y = 2 * this.next() - 1;
        square = x * x + y * y;
      } while (square >= 1 || square === 0);
      const scale = std * Math.sqrt((-2 * Math.log(square)) / square);
      values[i] = mean + scale * x;
      if (i + 1 < values.length) values[i + 1] = mean + scale * y;
    }
    return new TensorValue('float32', shape, values);
  }

  uniform(shape: readonly number[], { min = 0, max = 1 }: { min?: number; max?: number } = {}): TensorValue {
    return this.#fill(shape, 'float32', () => min + (max - min) * this.next());
  }

  /** int32 in [min, max). */
  integers(shape: readonly number[], { min = 0, max }: { min?: number; max: number }): TensorValue {
    return this.#fill(shape, 'int32', () => this.integer(min, max));
  }

  #fill(shape: readonly number[], dtype: 'float32' | 'int32', draw: () => number): TensorValue {
    const size = shape.reduce((product, n) => product * n, 1);
    const values = dtype === 'float32' ? new Float32Array(size) : new Int32Array(size);
    for (let i = 0; i < size; i++) values[i] = draw();
    return new TensorValue(dtype, shape, values);
  }

  #draw(): number {
    const times5 = Math.imul(this.#b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }
}
