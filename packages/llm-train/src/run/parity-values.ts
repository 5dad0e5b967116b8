/** Small random inputs, and the comparison of results. */
import { tf } from '@llm-ladder/backend';
import { Dice } from '@llm-ladder/data/corpus/phrases';

/** Independent normal numbers (Box and Muller 1958). */
export function normal(count: number, dice: Dice, deviation = 1): number[] {
  return Array.from({ length: count }, () => deviation * Math.sqrt(-2 * Math.log(1 - dice.next())) * Math.cos(2 * Math.PI * dice.next()));
}

export function normalTensor<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> {
  const size = (shape as number[]).reduce((product, n) => product * n, 1);
  return tf.tensor<R>(normal(size, new Dice(seed)), shape);
}

/** Shape and numbers in a row: the shape counts as a part of the result. */
export function floats(tensor: tf.Tensor): number[] {
  return [...tensor.shape, ...tensor.dataSync()];
}

/** Where two results differ by more than rounding: `expected 0.5, got 0.25`; undefined where they agree. */
export function difference(expected: readonly number[] | string, got: readonly number[] | string | undefined): string | undefined {
  if (typeof expected === 'string' || !Array.isArray(got)) {
    if (expected === got) return undefined;
    const [a, b] = [String(expected), String(got)];
    const at = Array.from(a).findIndex((_, i) => a[i] !== b[i]);
    const from = Math.max(0, (at < 0 ? a.length : at) - 10);
    return `expected "${a.slice(from, from + 30)}", got "${b.slice(from, from + 30)}" (at character ${at < 0 ? a.length : at})`;
  }
  if (got.length !== expected.length) return `expected ${expected.length} numbers, got ${got.length}`;
  const at = expected.findIndex((value, i) => !(Math.abs(value - got[i]) <= 1e-4 + 1e-3 * Math.abs(value)));
  return at < 0 ? undefined : `expected ${short(expected[at]!)}, got ${short(got[at])}`;
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(5);
}
