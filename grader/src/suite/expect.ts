/** `expect` of hidden suites: Jest's, with matchers for tensors that say index, expected, got and worst error. */
import { expect as jestExpect, type MatcherContext } from 'expect';
import { compareClose, firstNotFinite, type Numbers, numbersOf, sameShape, type Tolerance } from '../box/close.ts';
import { type Nested, TensorValue } from '../box/values.ts';
import { say } from '../format/words.ts';

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> {
    /** Same shape and |got - expected| <= atol + rtol * |expected| everywhere (1e-5, 1e-4); NaN equals nothing. */
    toBeAllClose(expected: TensorValue | Nested | ArrayLike<number>, tolerance?: Tolerance): R;
    toHaveShape(shape: readonly number[]): R;
    /** No NaN and no infinity anywhere. */
    toBeFinite(): R;
    /** At least one element is not zero. */
    toBeNonZero(): R;
    /** The call throws a ShapeError or a UsageError (whose message fits), not NotImplemented and not a TypeError. */
    toReject(message?: RegExp): Promise<void>;
    /** Keeps T used. */
    readonly __received?: T;
  }
}

type Result = { pass: boolean; message: () => string };

jestExpect.extend({
  toBeAllClose(received: unknown, expected: unknown, tolerance: Tolerance = {}): Result {
    const got = asNumbers(received);
    const want = asNumbers(expected);
    if (want === undefined) throw new TypeError(`toBeAllClose: expected a tensor or numbers to compare with, got ${describe(expected)}`);
    if (got === undefined) return { pass: false, message: () => notNumbers(received) };
    const { pass, message } = compareClose(got, want, tolerance);
    return { pass, message: () => (pass ? `${say({ en: 'expected a difference, but', zh: '应有不同，但' })} ${message}` : message) };
  },

  toHaveShape(received: unknown, shape: readonly number[]): Result {
    const got = asNumbers(received);
    if (got === undefined) return { pass: false, message: () => notNumbers(received) };
    const [want, have] = [`[${shape.join(', ')}]`, `[${got.shape.join(', ')}]`];
    return {
      pass: sameShape(got.shape, shape),
      message: () => say({ en: `shape: expected ${want}, got ${have}`, zh: `形状：应为 ${want}，实为 ${have}` }),
    };
  },

  toBeFinite(received: unknown): Result {
    const got = asNumbers(received);
    if (got === undefined) return { pass: false, message: () => notNumbers(received) };
    const bad = firstNotFinite(got);
    if (bad === undefined) return { pass: true, message: () => say({ en: 'every element is finite', zh: '所有元素都是有限数' }) };
    return { pass: false, message: () => say({ en: `expected finite numbers, got ${bad}`, zh: `应为有限数，实为 ${bad}` }) };
  },

  toBeNonZero(received: unknown): Result {
    const got = asNumbers(received);
    if (got === undefined) return { pass: false, message: () => notNumbers(received) };
    const pass = Array.from(got.values).some((x) => x !== 0);
    const words = pass ? { en: 'some element is not zero', zh: '有非零元素' } : { en: 'every element is zero', zh: '所有元素都是零' };
    return { pass, message: () => `${say(words)} [${got.shape.join(', ')}]` };
  },

  toEqual(this: MatcherContext, received: unknown, expected: unknown): Result {
    const pass = this.equals(received, expected, [...this.customTesters, this.utils.iterableEquality]);
    return { pass, message: () => difference(this, 'toEqual', received, expected) };
  },

  toBe(this: MatcherContext, received: unknown, expected: unknown): Result {
    return {
      pass: sameZero(received, expected) ?? Object.is(received, expected),
      message: () => difference(this, 'toBe', received, expected),
    };
  },

  async toReject(received: unknown, message?: RegExp): Promise<Result> {
    const thrown = await outcome(received);
    if (thrown === undefined) {
      return {
        pass: false,
        message: () =>
          say({
            en: 'expected a ShapeError or a UsageError, but nothing was thrown',
            zh: '应抛出 ShapeError 或 UsageError，但没有抛出任何错误',
          }),
      };
    }
    const { name, code, text } = thrown;
    if (code !== 'shape' && code !== 'usage')
      return {
        pass: false,
        message: () =>
          say({
            en: `expected a ShapeError or a UsageError, got ${name}: ${text}`,
            zh: `应抛出 ShapeError 或 UsageError，实为 ${name}：${text}`,
          }),
      };
    const pass = message === undefined || message.test(text);
    return {
      pass,
      message: () => say({ en: `expected a message that fits ${message}, got: ${text}`, zh: `错误信息应符合 ${message}，实为：${text}` }),
    };
  },
});

/** A result of -0 is 0 to whoever expects 0, and only to them. */
function sameZero(received: unknown, expected: unknown): boolean | undefined {
  return received === 0 && expected === 0 ? !Object.is(expected, -0) || Object.is(received, -0) : undefined;
}

jestExpect.addEqualityTesters([
  function zeros(received, expected, testers) {
    // Typed arrays are compared bit by bit: they are what files and devices hold.
    if (ArrayBuffer.isView(received) && ArrayBuffer.isView(expected))
      return this.equals(received, expected, testers.filter((tester) => tester !== zeros)); // biome-ignore format: one line
    return sameZero(received, expected);
  },
  // Jest's toEqual takes undefined at the end of a list for nothing: [0, undefined] would equal [0].
  (received, expected) => (Array.isArray(received) && Array.isArray(expected) && received.length !== expected.length ? false : undefined),
]);

export const expect = jestExpect;

/** Jest's diff is quadratic: two lists of 100 000 would keep the grader busy for ten minutes, and a learner's program chooses what it returns. */
const LARGEST_DIFF = 1000;

function difference({ utils, isNot, expand }: MatcherContext, matcher: string, received: unknown, expected: unknown): string {
  if (sizeOf(received, LARGEST_DIFF) > LARGEST_DIFF) {
    const [want, have] = [describe(expected), describe(received)];
    return isNot
      ? say({ en: `expected something other than ${want}`, zh: `不应等于 ${want}` })
      : say({ en: `expected ${want}, got ${have} of other content`, zh: `应为 ${want}，实为 ${have}，内容不同` });
  }
  const hint = utils.matcherHint(matcher, undefined, undefined, { isNot: isNot ?? false });
  if (isNot) return `${hint}\n\nExpected: not ${utils.printExpected(expected)}`;
  return `${hint}\n\n${utils.printDiffOrStringify(expected, received, 'Expected', 'Received', expand !== false)}`;
}

/** Numbers, keys and tens of characters in a value; counting ends above `enough`. */
function sizeOf(value: unknown, enough: number): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / 10);
  if (typeof value !== 'object' || value === null) return 1;
  if (ArrayBuffer.isView(value)) return 1 + value.byteLength / 4;
  if (value instanceof TensorValue) return 1 + value.size;
  const parts: Iterable<unknown> = value instanceof Map ? [...value].flat() : value instanceof Set ? value : Object.entries(value).flat();
  let size = 1;
  for (const part of parts) {
    size += sizeOf(part, enough - size);
    if (size > enough) break;
  }
  return size;
}

/** Anything that reads as an array of numbers: a tensor, nested arrays, a typed array, one number; undefined otherwise. */
export function asNumbers(value: unknown): Numbers | undefined {
  return value instanceof TensorValue ? value : numbersOf(value);
}

/** What a promise was rejected with, as far as a test may look at it; our own errors pass through. */
async function outcome(received: unknown): Promise<{ name: string; code: string; text: string } | undefined> {
  try {
    await (typeof received === 'function' ? (received as () => unknown)() : received);
    return undefined;
  } catch (error) {
    const { code, remote, name, message } = error as {
      code?: string;
      name?: string;
      message?: string;
      remote?: { name?: string; code?: string; message?: string };
    };
    if (remote === undefined || code !== 'threw') throw error;
    return { name: remote.name ?? name ?? 'Error', code: remote.code ?? '', text: remote.message ?? message ?? '' };
  }
}

function notNumbers(received: unknown): string {
  const got = describe(received);
  return say({ en: `expected a tensor, got ${got}`, zh: `应为张量，实为 ${got}` });
}

/** A short name of any value, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value instanceof TensorValue) return value.toString();
  if (Array.isArray(value)) return say({ en: `an array of ${value.length}`, zh: `长度 ${value.length} 的数组` });
  if (typeof value === 'object') {
    const keys = Object.keys(value).slice(0, 6).join(', ');
    return say({ en: `an object {${keys}}`, zh: `对象 {${keys}}` });
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `${typeof value} ${text.length > 60 ? `${text.slice(0, 60)}...` : text}`;
}
