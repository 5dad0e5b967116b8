import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ShapeError } from '@llm-ladder/backend/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TensorValue } from '../../src/box/values.ts';
import { loadCatalog, programFor } from '../../src/catalog/catalog.ts';
import { applyChange } from '../../src/format/mutants.ts';
import { setLang } from '../../src/format/words.ts';
import { judge } from '../../src/judge/judge.ts';
import { loadMutants } from '../../src/judge/patterns.ts';
import { onDrawn } from '../../src/suite/drawn.ts';
import { expect as expectClose } from '../../src/suite/expect.ts';
import { literal } from '../../src/suite/literal.ts';
import { Random } from '../../src/suite/random.ts';
import type { Arbitrary, Draw } from '../../src/suite/recipes.ts';

beforeAll(() => setLang('en'));
afterAll(() => setLang(undefined));

/** The message of a check on one tensor [B, T] of random numbers, and on how many it ran. */
async function run(check: (x: TensorValue) => void | Promise<void>): Promise<{ message: string | undefined; calls: number }> {
  const random = Random.for('drawn');
  let calls = 0;
  const message = await onDrawn(
    { B: 3, T: 6 },
    ({ B, T }) => [random.normal([B, T])],
    async (x) => {
      calls++;
      await check(x);
    },
  ).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { message, calls };
}

test('what passes is checked once', async () => {
  expect(await run(() => {})).toEqual({ message: undefined, calls: 1 });
});

test('the smallest sizes that fail are found, then whole numbers, then zeros', async () => {
  const wide = await run((x) => expectClose(x.shape[1]! >= 4 && x.shape[0]! >= 2 ? 1 : 0).toBeAllClose(0));
  expect(wide.message).toContain('\nsmallest failing case: (tf.tensor([[0, 0, 0, 0], [0, 0, 0, 0]]))\n');
  const negative = await run((x) => expectClose(Math.min(...x.values) < -0.5 ? 1 : 0).toBeAllClose(0));
  expect(negative.message).toMatch(/\nsmallest failing case: \(tf\.tensor\(\[\[[-\d, ]*-\d[-\d, ]*\]\]\)\)\n/); // zeros would pass
});

test('the first failure is said before it, and the failure of the smallest case after it', async () => {
  const { message } = await run((x) => expectClose(x.size).toBeAllClose(0));
  expect(message).toMatch(/^expected 0, got 18[\s\S]*smallest failing case: \(tf\.tensor\(\[\[0\]\]\)\)\n {2}expected 0, got 1;/);
});

test('a case that cannot be made smaller stays as it was', async () => {
  const { message } = await run((x) => expectClose(x.size === 18 ? 1 : 0).toBeAllClose(0));
  expect(message).toMatch(/^expected 0, got 1;/);
  expect(message).not.toContain('smallest');
});

test('errors that are no comparison pass as they are, at the first call and in the search', async () => {
  const thrown = await run(() => {
    throw new ShapeError('f', 'a', 'b');
  });
  expect(thrown).toEqual({ message: new ShapeError('f', 'a', 'b').message, calls: 1 });
  const { message } = await run((x) => {
    if (x.shape[1] === 1) throw new ShapeError('f', 'a', 'b');
    expectClose(1).toBeAllClose(0);
  });
  expect(message).toContain('smallest failing case: (tf.tensor([[0, 0]]))');
});

test('the search ends when its time is over', async () => {
  const { message, calls } = await run(async (x) => {
    await wait(60);
    expectClose(x.shape[1]! >= 6 ? 1 : 0).toBeAllClose(0);
  });
  expect(message).toMatch(/^expected 0, got 1;/);
  expect(calls).toBeLessThanOrEqual(4); // the first, and what began within 100 ms
});

test('long inputs are named by their shape', async () => {
  const long = new TensorValue('float32', [2, 40], new Float32Array(80));
  const failed = onDrawn(
    { N: 2 },
    () => [long, { W: long, b: 3 }, true] as const,
    async () => expectClose(1).toBeAllClose(0),
  );
  const shown = 'tf.tensor([0, 0, 0, 0, ...], [2, 40])';
  await expect(failed).rejects.toThrow(`smallest failing case: (${shown}, { W: ${shown}, b: 3 }, true)`);
});

describe('recipes', () => {
  /** The message of a check on cases of a recipe, and the cases that were drawn. */
  async function search(draw: (any: Draw) => readonly Arbitrary<unknown>[], passes: (...args: never[]) => boolean, seed = 'one') {
    const cases: string[] = [];
    const check = async (...args: unknown[]): Promise<void> => {
      cases.push(args.map((arg) => literal(arg)).join(', '));
      expectClose(passes(...(args as never[])) ? 0 : 1).toBeAllClose(0);
    };
    const message = await onDrawn(new Random(seed), draw, check, { runs: 100 }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    return { message, cases };
  }
  const smallest = (message: string | undefined): string => /smallest failing case: \((.*)\)\n/.exec(message ?? '')?.[1] ?? '';

  test('a text shrinks by whole characters', async () => {
    const { message } = await search(
      (any) => [any.text()],
      (text: string) => !/[\u{10000}-\u{10ffff}]/u.test(text),
    );
    expect(smallest(message)).toBe('"𠮷"');
    const long = await search(
      (any) => [any.text({ of: ['a', '大'] })],
      (text: string) => [...text].length < 4,
    );
    expect(smallest(long.message)).toBe('"aaaa"');
  });

  test('lists, Maps, objects and messages shrink to what fails, and can be pasted', async () => {
    const list = await search(
      (any) => [any.array(any.integer())],
      (items: number[]) => items.every((x) => x < 10),
    );
    expect(smallest(list.message)).toBe('[10]');
    const map = await search(
      (any) => [any.uniqueArray(any.tuple(any.text(), any.nat()), { selector: ([key]) => key }).map((entries) => new Map(entries))],
      (counts: Map<string, number>) => counts.size < 2,
    );
    expect(smallest(map.message)).toMatch(/^new Map\(\[\["", 0\], \["a", 0\]\]\)$|^new Map\(\[\["a", 0\], \["", 0\]\]\)$/);
    const object = await search(
      (any) => [any.record({ k: any.integer({ min: 1, max: 9 }), q: any.text() })],
      ({ k }: { k: number }) => k < 4,
    );
    expect(smallest(object.message)).toBe('{ k: 4, q: "" }');
    const talk = await search(
      (any) => [any.messages()],
      (said: unknown[]) => said.length < 3,
    );
    expect(new Function(`return ${smallest(talk.message)}`)()).toEqual([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'a' },
      { role: 'user', content: 'a' },
    ]);
  });

  test('the seed decides the cases', async () => {
    const all = (seed: string) =>
      search(
        (any) => [any.text(), any.array(any.double())],
        () => true,
        seed,
      );
    const [one, again, other] = [await all('one'), await all('one'), await all('two')];
    expect(one.cases).toHaveLength(100);
    expect(again).toEqual(one);
    expect(other.cases).not.toEqual(one.cases);
  });

  test('a check knows the types of what is drawn', async () => {
    let most = 0;
    await onDrawn(
      new Random('x'),
      (any) => [any.text({ max: 3 }), any.array(any.nat())],
      async (text, list) => {
        most = Math.max(most, text.length, ...list.map((n) => n - n));
      },
    );
    expect(most).toBeGreaterThan(0);
  });

  test('an error that is no comparison passes as it is', async () => {
    const failed = onDrawn(
      new Random('x'),
      (any) => [any.integer()],
      async () => {
        throw new ShapeError('f', 'a', 'b');
      },
    );
    await expect(failed).rejects.toThrow(new ShapeError('f', 'a', 'b').message);
  });
});

test('a learner reads it: one short row shows that D - 1 is wrong', async () => {
  const exercise = (await loadCatalog(path.resolve(import.meta.dirname, '../../..'))).find('transformer/layernorm');
  const mutant = (await loadMutants(exercise)).mutants.find(({ name }) => name === 'variance divided by D - 1')!;
  const referenceText = applyChange(await readFile(exercise.referenceFile, 'utf8'), mutant, 'mutants.ts');
  const program = await programFor(exercise, { referenceText });
  const { tests } = await judge(exercise, program, { driver: 'plain', backend: 'wasm', thresholds: false, seed: 'one' });
  expect(tests[0]).toMatchObject({ name: 'matches PyTorch', status: 'failed' });
  expect(tests[0]!.message).toMatch(/smallest failing case: \(tf\.tensor\(\[\[[^\]]*\]\]\), .*, 0\.00001\)\n {2}worst at /); // one row; how short it gets is a matter of time
}, 30_000);
