/** A check on drawn inputs that, where it fails, goes on to look for the smallest inputs on which it fails too: those can be followed by hand. */
import { LadderError } from '@llm-ladder/backend/errors';
import { isPlainObject, TensorValue, type Value } from '../box/values.ts';
import { say, type Words } from '../format/words.ts';
import { literal } from './literal.ts';
import { Random } from './random.ts';
import type { Arbitrary, Draw } from './recipes.ts';

/** Begins the part of a message that the search found; how far it came depends on the time that it had. */
export const smallestCase: Words = { en: 'smallest failing case:', zh: '最小的失败例子：' };

/** Sizes by name, such as `{ B: 2, T: 5 }`; each may be taken down to 1. */
export type Sizes<Name extends string> = Readonly<Record<Name, number>>;

/** So that a check may name its arguments: a function of `(x, g)` takes no read-only list. */
type Writable<Args extends readonly Value[]> = { -readonly [I in keyof Args]: Args[I] };

/** The search must not be felt between a save and its verdict. */
const SEARCH_MS = 100;

/** How each argument of a case is drawn: fast-check's arbitraries, and those of recipes.ts. */
type Recipes = readonly Arbitrary<unknown>[];
type Drawn<R extends Recipes> = { -readonly [I in keyof R]: R[I] extends Arbitrary<infer T> ? T : never };

/**
 * Runs `check` on what `draw` makes for `sizes`. A failed comparison is thrown again with the smallest failing case: each size as small as it goes, then whole
 * numbers instead of fractions, then zeros. `draw` must take any sizes from 1 on.
 */
export async function onDrawn<Name extends string, const Args extends readonly Value[]>(
  sizes: Sizes<Name>,
  draw: (sizes: Sizes<Name>) => Args,
  check: (...args: NoInfer<Writable<Args>>) => Promise<void>,
): Promise<void>;
/**
 * Runs `check` on cases drawn by recipes, 20 unless told: `(any) => [any.text(), any.array(any.integer())]`. The seed of `random` decides them. A failed
 * comparison is thrown again with the smallest failing case.
 */
export async function onDrawn<const R extends Recipes>(
  random: Random,
  draw: (any: Draw) => R,
  check: (...args: Drawn<R>) => Promise<void>,
  options?: { readonly runs?: number },
): Promise<void>;
export async function onDrawn(
  from: Random | Sizes<string>,
  draw: (from: never) => unknown,
  check: (...args: never[]) => Promise<void>,
  { runs = 20 }: { readonly runs?: number } = {},
): Promise<void> {
  const found =
    from instanceof Random
      ? await searchRecipes(from, draw as (any: Draw) => Recipes, check as Check, runs)
      : await searchSizes(from, draw as (sizes: Sizes<string>) => readonly Value[], check as Check);
  if (!found) return;
  const { first, args, error } = found;
  const shown = args.map((arg) => literal(arg)).join(', ');
  throw new Error(`${first.message}\n${say(smallestCase)} (${shown})\n  ${error.message.trim().replaceAll('\n', '\n  ')}`);
}

type Check = (...args: Value[]) => Promise<void>;

/** The comparison that failed first, and the smallest case on which one fails. */
interface Found {
  readonly first: Error;
  readonly args: readonly Value[];
  readonly error: Error;
}

/** What a check on these arguments throws; undefined where it passes. */
async function outcome(check: Check, args: readonly Value[]): Promise<unknown> {
  try {
    await check(...args);
    return undefined;
  } catch (error) {
    return error;
  }
}

async function searchRecipes(random: Random, draw: (any: Draw) => Recipes, check: Check, runs: number): Promise<Found | undefined> {
  const { fastCheck, drawing } = await import('./recipes.ts');
  let found: Found | undefined;
  let thrown: unknown;
  let until = Number.POSITIVE_INFINITY;
  const cases = fastCheck.tuple(...(draw(drawing) as Arbitrary<Value>[]));
  const property = fastCheck.asyncProperty(cases, async (args) => {
    // When the time is over nothing smaller is found any more, and the search ends by itself.
    if (thrown !== undefined || performance.now() > until) return;
    const error = await outcome(check, args);
    if (error === undefined) return;
    if (!isComparison(error)) {
      if (!found) thrown = error;
      else return;
    } else {
      if (!found) until = performance.now() + SEARCH_MS;
      found = { first: found?.first ?? error, args, error };
    }
    throw error;
  });
  await fastCheck.check(property, { seed: random.seed(), numRuns: runs });
  if (thrown !== undefined) throw thrown;
  return found;
}

async function searchSizes(
  sizes: Sizes<string>,
  draw: (sizes: Sizes<string>) => readonly Value[],
  check: Check,
): Promise<Found | undefined> {
  const first = await outcome(check, draw(sizes));
  if (first === undefined) return undefined;
  if (!isComparison(first)) throw first;
  const until = performance.now() + SEARCH_MS;
  const fails = async (args: readonly Value[]): Promise<Error | undefined> => {
    const error = performance.now() < until ? await outcome(check, args) : undefined;
    return isComparison(error) ? error : undefined;
  };

  let smallest: Found | undefined;
  let small = sizes;
  for (const name of Object.keys(sizes)) {
    for (let size = 1; size < small[name]!; size++) {
      const smaller = { ...small, [name]: size };
      const args = draw(smaller);
      const error = await fails(args);
      if (!error) continue;
      smallest = { first, args, error };
      small = smaller;
    }
  }
  if (!smallest) throw first;
  for (const simpler of [Math.round, () => 0]) {
    for (const [i, arg] of smallest.args.entries()) {
      const args: readonly Value[] = smallest.args.with(i, mapped(arg, simpler));
      const error = await fails(args);
      if (error) smallest = { first, args, error };
    }
  }
  return smallest;
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
