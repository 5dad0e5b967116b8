/** Matchers for tensors, in the form that both Jest's and vitest's `expect.extend` take. */
import { say } from '../format/words.ts';
import { type Comparison, compareClose, firstNotFinite, type Numbers, sameShape, type Tolerance } from './close.ts';

export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

export interface TensorMatchers {
  toBeAllClose(received: unknown, expected: unknown, tolerance?: Tolerance): MatcherResult;
  toHaveShape(received: unknown, shape: readonly number[]): MatcherResult;
  toBeFinite(received: unknown): MatcherResult;
  toBeNonZero(received: unknown): MatcherResult;
}

/** The matchers over anything that `read` turns into numbers (a tensor, nested arrays, a number); it gives undefined for anything else. */
export function tensorMatchers(read: (value: unknown) => Numbers | undefined): TensorMatchers {
  const readable = (received: unknown, check: (numbers: Numbers) => MatcherResult): MatcherResult => {
    const numbers = read(received);
    // Also with .not: what is no tensor has no values that could differ.
    if (numbers === undefined) throw new TypeError(notNumbers(received));
    return check(numbers);
  };
  return {
    toBeAllClose: (received, expected, tolerance) =>
      readable(received, (got) => {
        const wanted = read(expected);
        if (wanted === undefined)
          throw new TypeError(`toBeAllClose: expected a tensor, nested arrays or a number to compare with, got ${describeValue(expected)}`);
        const comparison: Comparison = compareClose(got, wanted, tolerance);
        return {
          pass: comparison.pass,
          message: () =>
            comparison.pass
              ? `${say({ en: 'expected values that differ, but', zh: '应有不同，但' })} ${comparison.message}`
              : comparison.message,
        };
      }),
    toHaveShape: (received, shape) =>
      readable(received, (got) => {
        const pass = sameShape(got.shape, shape);
        const [want, have] = [`[${shape.join(', ')}]`, `[${got.shape.join(', ')}]`];
        const words = pass
          ? { en: `expected a shape other than ${want}, got ${have}`, zh: `形状不应为 ${want}，实为 ${have}` }
          : { en: `expected shape ${want}, got ${have}`, zh: `形状应为 ${want}，实为 ${have}` };
        return { pass, message: () => say(words) };
      }),
    toBeFinite: (received) =>
      readable(received, (got) => {
        const bad = firstNotFinite(got);
        const words =
          bad === undefined
            ? { en: 'expected a value that is not finite', zh: '应有非有限的数' }
            : { en: `expected finite values, got ${bad}`, zh: `应为有限数，实为 ${bad}` };
        return { pass: bad === undefined, message: () => say(words) };
      }),
    toBeNonZero: (received) =>
      readable(received, (got) => {
        const some = Array.prototype.some.call(got.values, (x: number) => x !== 0);
        const { length } = got.values;
        const words = some
          ? { en: 'expected zeros only', zh: '应全为零' }
          : { en: `expected something other than zeros, got ${length} zeros`, zh: `不应全为零，实为 ${length} 个零` };
        return { pass: some, message: () => say(words) };
      }),
  };
}

function notNumbers(received: unknown): string {
  const got = describeValue(received);
  return say({ en: `expected a tensor, got ${got}`, zh: `应为张量，实为 ${got}` });
}

function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `${typeof value} ${String(value).slice(0, 60)}`;
  if (value instanceof Promise) return say({ en: 'a Promise', zh: 'Promise' });
  if (Array.isArray(value)) return say({ en: 'an array that is not of numbers, or ragged', zh: '不全是数字或长短不齐的数组' });
  const keys = Object.keys(value).slice(0, 8).join(', ');
  return say({ en: `an object with keys ${keys || '(none)'}`, zh: keys === '' ? '没有键的对象' : `含有键 ${keys} 的对象` });
}
