import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ShapeError } from '@llm-ladder/backend/errors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TensorValue } from '../../src/box/values.ts';
import { loadCatalog, programFor } from '../../src/catalog/catalog.ts';
import { applyChange } from '../../src/format/mutants.ts';
import { setLang } from '../../src/format/words.ts';
import { judge } from '../../src/judge/judge.ts';
import { loadMutants } from '../../src/judge/patterns.ts';
import { onDrawn } from '../../src/suite/drawn.ts';
import { expect as expectClose } from '../../src/suite/expect.ts';
import { Random } from '../../src/suite/random.ts';

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
  expect(wide.message).toContain('\nsmallest failing case: ([[0, 0, 0, 0], [0, 0, 0, 0]])\n');
  const negative = await run((x) => expectClose(Math.min(...x.values) < -0.5 ? 1 : 0).toBeAllClose(0));
  expect(negative.message).toMatch(/\nsmallest failing case: \(\[\[[-\d, ]*-\d[-\d, ]*\]\]\)\n/); // zeros would pass
});

test('the first failure is said before it, and the failure of the smallest case after it', async () => {
  const { message } = await run((x) => expectClose(x.size).toBeAllClose(0));
  expect(message).toMatch(/^worst at .*got 18[\s\S]*smallest failing case: \(\[\[0\]\]\)\n {2}worst at .*got 1;/);
});

test('a case that cannot be made smaller stays as it was', async () => {
  const { message } = await run((x) => expectClose(x.size === 18 ? 1 : 0).toBeAllClose(0));
  expect(message).toMatch(/^worst at/);
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
  expect(message).toContain('smallest failing case: ([[0, 0]])');
});

test('the search ends when its time is over', async () => {
  const { message, calls } = await run(async (x) => {
    await wait(60);
    expectClose(x.shape[1]! >= 6 ? 1 : 0).toBeAllClose(0);
  });
  expect(message).toMatch(/^worst at/);
  expect(calls).toBeLessThanOrEqual(4); // the first, and what began within 100 ms
});

test('long inputs are named by their shape', async () => {
  const long = new TensorValue('float32', [2, 40], new Float32Array(80));
  const failed = onDrawn(
    { N: 2 },
    () => [long, { W: long, b: 3 }, true] as const,
    async () => expectClose(1).toBeAllClose(0),
  );
  await expect(failed).rejects.toThrow(`smallest failing case: (${long}, { W: ${long}, b: 3 }, true)`);
});

test('a learner reads it: one short row shows that D - 1 is wrong', async () => {
  const exercise = (await loadCatalog(path.resolve(import.meta.dirname, '../../..'))).find('transformer/layernorm');
  const mutant = (await loadMutants(exercise)).mutants.find(({ name }) => name === 'variance divided by D - 1')!;
  const referenceText = applyChange(await readFile(exercise.referenceFile, 'utf8'), mutant, 'mutants.ts');
  const program = await programFor(exercise, { referenceText });
  const { tests } = await judge(exercise, program, { driver: 'plain', backend: 'wasm', thresholds: false, seed: 'one' });
  expect(tests[0]).toMatchObject({ name: 'matches PyTorch', status: 'failed' });
  expect(tests[0]!.message).toMatch(/smallest failing case: \(\[\[[^\]]*\]\], .*, 0\.00001\)\n {2}worst at /); // one row; how short it gets is a matter of time
}, 30_000);
