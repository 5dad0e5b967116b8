/** A check on drawn inputs that, where it fails, goes on to look for the smallest inputs on which it fails too: those can be followed by hand. */
import { LadderError } from '@llm-ladder/backend/errors';
import { isPlainObject, TensorValue, type Value } from '../box/values.ts';
import { say, type Words } from '../format/words.ts';

/** Begins the part of a message that the search found; how far it came depends on the time that it had. */
export const smallestCase: Words = { en: 'smallest failing case:', zh: '最小的失败例子：' };

/** Sizes by name, such as `{ B: 2, T: 5 }`; each may be taken down to 1. */
export type Sizes<Name extends string> = Readonly<Record<Name, number>>;

/** So that a check may name its arguments: a function of `(x, g)` takes no read-only list. */
type Writable<Args extends readonly Value[]> = { -readonly [I in keyof Args]: Args[I] };

/** The search must not be felt between a save and its verdict. */
const SEARCH_MS = 100;
const MOST_NUMBERS = 24;

/**
 * Runs `check` on what `draw` makes for `sizes`. A failed comparison is thrown again with the smallest failing case: each size as small as it goes, then whole
 * numbers instead of fractions, then zeros. `draw` must take any sizes from 1 on.
 */
export async function onDrawn<Name extends string, const Args extends readonly Value[]>(
  sizes: Sizes<Name>,
  draw: (sizes: Sizes<Name>) => Args,
  check: (...args: NoInfer<Writable<Args>>) => Promise<void>,
): Promise<void> {
  const run = async (args: Args): Promise<unknown> => {
    try {
      await check(...(args as Writable<Args>));
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const first = await run(draw(sizes));
  if (first === undefined) return;
  if (!isComparison(first)) throw first;
  const until = performance.now() + SEARCH_MS;
  const fails = async (args: Args): Promise<Error | undefined> => {
    const error = performance.now() < until ? await run(args) : undefined;
    return isComparison(error) ? error : undefined;
  };

  let smallest: { readonly args: Args; readonly error: Error } | undefined;
  let small = sizes;
  for (const name of Object.keys(sizes) as Name[]) {
    for (let size = 1; size < small[name]; size++) {
      const smaller = { ...small, [name]: size };
      const args = draw(smaller);
      const error = await fails(args);
      if (!error) continue;
      smallest = { args, error };
      small = smaller;
    }
  }
  if (!smallest) throw first;
  for (const simpler of [Math.round, () => 0]) {
    for (const [i, arg] of smallest.args.entries()) {
      const args = smallest.args.with(i, mapped(arg, simpler)) as unknown as Args;
      const error = await fails(args);
      if (error) smallest = { args, error };
    }
  }
  const found = smallest.args.map(shown).join(', ');
  throw new Error(`${first.message}\n${say(smallestCase)} (${found})\n  ${smallest.error.message.trim().replaceAll('\n', '\n  ')}`);
}

/** A result that differs from what was expected; not a throw of the learner's code, a limit, or a fault of ours. */
function isComparison(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof TypeError) && !LadderError.isInstance(error);
}

function mapped(value: Value, simpler: (x: number) => number): Value {
  if (value instanceof TensorValue) return value.dtype === 'float32' ? value.map(simpler) : value;
  if (isPlainObject(value)) {
    const entries = Object.entries(value as Record<string, Value>);
    return Object.fromEntries(entries.map(([key, item]) => [key, mapped(item, simpler)]));
  }
  return value;
}

/** `[[1, -2]]`; the shape of what would be too long to read. */
function shown(value: Value): string {
  if (value instanceof TensorValue)
    return value.size > MOST_NUMBERS ? value.toString() : JSON.stringify(value.toArray(), rounded).replaceAll(',', ', ');
  if (isPlainObject(value)) {
    const entries = Object.entries(value as Record<string, Value>);
    return `{ ${entries.map(([key, item]) => `${key}: ${shown(item)}`).join(', ')} }`;
  }
  return typeof value === 'object' && value !== null ? '...' : JSON.stringify(value);
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
