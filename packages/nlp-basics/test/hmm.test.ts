import '@llm-ladder/grader/matchers';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { decode, fitHmm } from '../src/hmm.ts';

const parse = (line: string) => line.split(' ').map((pair) => pair.split('/') as [word: string, tag: string]);

describe('a tagger of two languages', () => {
  const hmm = fitHmm(
    [
      'the/D light/N fades/V slowly/R',
      'they/P light/V the/D lamp/N',
      'the/D lamp/N is/V light/A',
      'we/P walk/V slowly/R',
      'the/D walk/N is/V long/A',
      '他/P 锁/V 门/N',
      '这/D 锁/N 很/R 旧/A',
      '她/P 画/V 这/D 门/N',
      '这/D 画/N 很/R 美/A',
    ].map(parse),
    0.2,
  );

  test('tells the uses of one word apart', () => {
    expect(decode(hmm, ['the', 'light', 'is', 'long'])).toEqual(['D', 'N', 'V', 'A']);
    expect(decode(hmm, ['we', 'light', 'the', 'lamp'])).toEqual(['P', 'V', 'D', 'N']);
    expect(decode(hmm, ['她', '锁', '这', '门'])).toEqual(['P', 'V', 'D', 'N']);
    expect(decode(hmm, ['这', '锁', '很', '美'])).toEqual(['D', 'N', 'R', 'A']);
  });

  test('guesses words that it has never seen', () => {
    expect(decode(hmm, ['the', 'zeppelin', 'is', 'old'])).toEqual(['D', 'N', 'V', 'A']);
    expect(decode(hmm, ['他', '擦', '门'])).toEqual(['P', 'V', 'N']);
    expect(decode(hmm, [])).toEqual([]);
  });

  test('every distribution sums to 1', () => {
    const total = (logs: readonly number[]) => logs.reduce((sum, log) => sum + Math.exp(log), 0);
    expect(total(hmm.start)).toBeCloseTo(1, 9);
    for (const y of hmm.tags.keys()) {
      expect(total([...hmm.trans[y]!, hmm.end[y]!])).toBeCloseTo(1, 9);
      expect(total([...[...hmm.emit.values()].map((logs) => logs[y]!), hmm.unknown[y]!])).toBeCloseTo(1, 9);
    }
  });
});

describe('errors', () => {
  test('k of 0 and a text without words are refused', () => {
    expect(() => fitHmm([parse('a/X')], 0)).toThrow('fitHmm: expected k > 0, got 0');
    expect(() => fitHmm([[], []], 1)).toThrow(UsageError);
  });
});
