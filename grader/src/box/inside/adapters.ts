/** Makes real objects of the recipes that a grader sends: rng, iterable, table, boxed, stream. */
import { tf } from '@llm-ladder/backend';
import { say } from '../../format/words.ts';
import { Refusal } from './errors.ts';

/** sfc32 seeded through splitmix32: small, fast and without short cycles. */
export function makeRng(seed: number): () => number {
  let mixed = seed | 0;
  const next = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed ^ (mixed >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [a, b, c, d] = [next(), next(), next(), 1];
  const draw = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) draw();
  return draw;
}

/** A generator: the second walk over it finds nothing, as with a stream. */
export function makeIterable(items: readonly unknown[]): IterableIterator<unknown> {
  return (function* () {
    yield* items;
  })();
}

/** An async generator over items that lie with the grader. */
export function makeStream(
  next: () => Promise<{ readonly done: boolean; readonly value: unknown }>,
  stop: () => Promise<unknown>,
): AsyncGenerator<unknown> {
  return (async function* () {
    let finished = false;
    try {
      while (!finished) {
        const item = await next().catch((error: unknown) => {
          finished = true;
          throw error;
        });
        finished = item.done;
        if (!finished) yield item.value;
      }
    } finally {
      if (!finished) await stop();
    }
  })();
}

/** A pure function given as data. A key is the list of arguments, or the one argument. */
export function makeTable(entries: readonly (readonly [key: unknown, value: unknown])[]): (...args: unknown[]) => unknown {
  const byArguments = new Map<string, unknown>();
  for (const [key, value] of entries) {
    if (Array.isArray(key) && !byArguments.has(keyOf(key))) byArguments.set(keyOf(key), value);
    byArguments.set(keyOf([key]), value);
  }
  return (...args) => {
    const key = keyOf(args);
    if (!byArguments.has(key)) throw new RangeError(unknownArguments(key.slice(1, -1).slice(0, 200)));
    const value = byArguments.get(key);
    // The caller owns what it gets, and may dispose it.
    return value instanceof tf.Tensor ? value.clone() : value;
  };
}

/** What the export `name` of boxed.ts gives for these arguments; an export that is not a function is given as it is. */
export function makeBoxed(exports: Readonly<Record<string, unknown>>, name: string, args: readonly unknown[]): unknown {
  if (!(name in exports)) throw new Refusal('value', `boxed.ts has no export '${name}'`);
  const found = exports[name];
  return typeof found === 'function' ? found(...args) : found;
}

function unknownArguments(shown: string): string {
  return say({ en: `this function does not know the arguments ${shown}`, zh: `这个函数没有定义参数 ${shown}` });
}

function keyOf(args: readonly unknown[]): string {
  return JSON.stringify(args, (_key, value: unknown) => {
    if (value instanceof tf.Tensor) return value.arraySync();
    if (typeof value === 'bigint') return `${value}n`;
    if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
    if (value instanceof Map || value instanceof Set) return [...value];
    return value;
  });
}
