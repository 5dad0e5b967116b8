import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BoxPool } from '../../src/box/index.ts';
import { type Catalog, loadCatalog, programFor } from '../../src/catalog/catalog.ts';
import { applyChange } from '../../src/format/mutants.ts';
import { setLang } from '../../src/format/words.ts';
import { sameFigures } from '../../src/judge/diagnosis.ts';
import { type JudgeOptions, judge } from '../../src/judge/judge.ts';
import { loadMutants, readPatterns } from '../../src/judge/patterns.ts';

let catalog: Catalog;
let pool: BoxPool;
beforeAll(async () => {
  setLang('en');
  catalog = await loadCatalog(path.join(import.meta.dirname, '..', '..', '..'));
  pool = new BoxPool({ driver: 'plain', size: 2 });
});
afterAll(async () => {
  setLang(undefined);
  await pool.close();
});

/** The line that says what a program with these edits of the reference looks like. */
async function looksLike(id: string, replace: readonly (readonly [string, string])[], options: Partial<JudgeOptions> = {}) {
  const exercise = catalog.find(id);
  const text = applyChange(await readFile(exercise.referenceFile, 'utf8'), { replace }, id);
  const report = await judge(exercise, await programFor(exercise, { referenceText: text }), {
    driver: 'plain',
    backend: 'wasm',
    thresholds: false,
    open: ({ limits }) => pool.take(limits),
    ...options,
  });
  expect(report.state).toBe('failing');
  return report.tests.flatMap(({ message }) => message?.split('\n') ?? []).find((line) => line.startsWith('Looks like: '));
}

describe('a mistake that others share their failing tests with', () => {
  test.each(['transformer/sdpa', 'transformer/masks', 'transformer/sinusoid-pe'])('%s: each is told by its figures', async (id) => {
    const exercise = catalog.find(id);
    const patterns = (await readPatterns(exercise))!;
    const { mutants } = await loadMutants(exercise);
    const sharing = mutants.filter(({ name }) =>
      mutants.some((other) => other.name !== name && String(patterns[other.name]) === String(patterns[name])),
    );
    expect(sharing.length).toBeGreaterThan(2);
    for (const { name, replace, looksLike: words } of sharing)
      expect({ name, line: await looksLike(id, replace!) }).toEqual({ name, line: `Looks like: ${words.en}` });
  });

  test('written another way it is still that mistake', async () => {
    expect(await looksLike('sdpa', [['.div(Math.sqrt(K))', '.mul(1 / K)']])).toBe(
      'Looks like: the scores are divided by K, not by its square root',
    );
  });

  test('also where --strict leaves tests out', async () => {
    expect(await looksLike('sdpa', [['.div(Math.sqrt(K))', '.div(K)']], { strict: true })).toMatch(/divided by K/);
  });

  test('where training would take minutes, the quick tests are enough', async () => {
    const { mutants } = await loadMutants(catalog.find('copy-reverse'));
    const copies = mutants.find(({ name }) => name === 'trained to copy')!;
    expect(await looksLike('copy-reverse', copies.replace!)).toBe(`Looks like: ${copies.looksLike.en}`);
  });

  test('a mistake that is none of three says nothing', async () => {
    expect(await looksLike('sdpa', [['.div(Math.sqrt(K))', '.div(3 * K)']])).toBeUndefined();
  });

  test('of two that nothing tells apart, both are named', async () => {
    const { mutants } = await loadMutants(catalog.find('seq2seq-model'));
    const forgotten = mutants.find(({ name }) => name === 'final norms forgotten')!;
    expect(await looksLike('seq2seq-model', forgotten.replace!)).toBe(
      'Looks like: the final norms of the pre-norm form are not counted; or: the feed-forward has two biases',
    );
  });

  test('one whose numbers are never the same is told from those that repeat', async () => {
    const { mutants } = await loadMutants(catalog.find('seq2seq-model'));
    const drawn = mutants.find(({ name }) => name === 'Math.random')!;
    expect(await looksLike('seq2seq-model', drawn.replace!)).toBe(`Looks like: ${drawn.looksLike.en}`);
  });
});

describe('sameFigures', () => {
  const message = 'worst at [0, 3]: expected 0.25, got 0.5; error 0.25 (rtol 0.0001, atol 0.00001); 12 of 30 elements differ';
  test.each([
    [message, message, true],
    [message, message.replace('0.5;', '0.500001;'), true],
    [`${message}\nsmallest failing case: ([[1]])\n  worst at [0]`, `${message}\n最小的失败例子：([[2]])`, true],
    [message, message.replace('0.5;', '0.6;'), false],
    [message, message.replace('[0, 3]', '[0, 2]'), false],
    [message, message.replace('got 0.5', 'got NaN'), false],
    ['threw TypeError: oh (softmax.ts:3)', 'threw TypeError: oh (softmax.ts:17)', true],
    ['threw TypeError: oh', 'threw TypeError: ah', false],
    [null, message, false],
  ])('%j and %j: %s', (a, b, same) => {
    expect(sameFigures(a, b)).toBe(same);
  });
});
