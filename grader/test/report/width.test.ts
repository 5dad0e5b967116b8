import { describe, expect, test } from 'vitest';
import { displayWidth, padDisplay, wrapLines } from '../../src/report/width.ts';

test.each([
  ['matches PyTorch', 15],
  ['与 PyTorch 一致', 15],
  ['（）', 4],
  ['\u001b[32m✓\u001b[39m ok', 4],
  ['e\u0301', 1],
])('%j takes %i columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
  expect(displayWidth(padDisplay(text, 20))).toBe(20);
});

describe('wrapLines', () => {
  const english = '      worst at [1, 1, 0, 2]: expected 0.71978, got 0.395302; error 0.324478';
  const chinese = '      相差最大处 [1, 1, 0, 2]：应为 0.71978，实为 0.395302；误差 0.324478（rtol 0.0001）；共一百二十个元素，全部不符。';

  test.each([
    [english, 40],
    [chinese, 40],
    [`\u001b[31m${english}\u001b[39m`, 33],
    [chinese, 24],
  ])('no line is wider than the terminal, and no word is cut: %j in %i', (text, columns) => {
    const lines = wrapLines(text, columns).split('\n');
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    const words = (all: string): string[] => all.match(/[\w.[\]]+|[^\s\w.]/gu) ?? [];
    expect(words(lines.join(' '))).toEqual(words(text));
    for (const line of lines.slice(1)) expect(line).toMatch(/^(?: {6}|\S)/);
  });

  test('no line of Chinese begins with a comma or a closing bracket', () => {
    for (let columns = 20; columns < 60; columns++)
      for (const line of wrapLines(chinese, columns).split('\n')) expect(line.trim()).not.toMatch(/^[，。；：、）]/);
  });

  test('a short line stays, and a path longer than the terminal is left to it', () => {
    expect(wrapLines('short\n  lines', 20)).toBe('short\n  lines');
    expect(wrapLines(`see ${'a/'.repeat(20)} now`, 20)).toBe(`see\n${'a/'.repeat(20)}\nnow`);
  });
});
