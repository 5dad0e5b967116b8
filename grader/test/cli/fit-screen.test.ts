import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fitScreen } from '../../src/cli/fit-screen.ts';
import { setLang } from '../../src/format/words.ts';
import { displayWidth } from '../../src/report/width.ts';

beforeAll(() => setLang('en'));
afterAll(() => setLang(undefined));

const tests = Array.from({ length: 30 }, (_, n) => `  ✓ test ${n}`);
const failing = Array.from(
  { length: 12 },
  (_, n) => `  ✗ 与 PyTorch 一致 ${n}\n      相差最大处 [0, 1]：应为 0.5，实为 0.25；误差 0.25；全部不符`,
);
const screen = {
  head: 'LLM Ladder  transformer 0/10',
  body: (short: boolean) => ['✗ 01 sdpa', ...(short ? ['  ✓ 30 tests pass'] : tests), ...failing].join('\n'),
  below:
    'Hint 1 of 3  Draw the score matrix first: one row per query, one column per key. Everything else keeps that matrix or shrinks it.',
  foot: 'h hint   s solution   n next   d docs   q quit',
};
const lines = (columns: number, rows: number): string[] => fitScreen(screen, { columns, rows }).split('\n');

describe('fitScreen', () => {
  test('shows everything where there is room', () => {
    expect(lines(120, 100)).toEqual(expect.arrayContaining(tests));
  });

  test('counts what passed where there is less', () => {
    const shown = lines(120, 40);
    expect(shown).toContain('  ✓ 30 tests pass');
    expect(shown).toContain('  ✗ 与 PyTorch 一致 11');
  });

  test.each([
    [80, 24],
    [40, 24],
    [120, 16],
    [60, 30],
  ])('keeps head, hint and keys on a screen of %i x %i', (columns, rows) => {
    const shown = lines(columns, rows);
    expect(shown.length).toBeLessThan(rows);
    for (const line of shown) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(shown[0]).toBe(screen.head);
    expect(shown.at(-1)).toMatch(/q quit$/);
    expect(shown.join(' ')).toContain('Hint 1 of 3');
    expect(shown.join(' ').replace(/ +/g, ' ')).toContain('... more: ladder check shows all of it');
  });
});
