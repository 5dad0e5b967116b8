import { UsageError } from '@llm-ladder/backend/errors';
import { draws, seeded } from '@llm-ladder/testing/seeded';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { applyBpe, learnBpe, type Merge } from '../src/bpe.ts';

/** Words of one to four syllables; the first syllables are much more frequent, as in real text. */
function drawCorpus(count: number): Map<string, number> {
  const rng = seeded(9);
  const syllables = Array.from({ length: 200 }, () => draws(rng, [...'etaoinshrdlu'], 2 + Math.floor(rng() * 2)).join(''));
  const freq = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const word = Array.from({ length: 1 + Math.floor(rng() * 4) }, () => syllables[Math.floor(200 * rng() ** 3)]).join('');
    freq.set(word, (freq.get(word) ?? 0) + 1);
  }
  return freq;
}

describe('learnBpe', () => {
  test('learns two thousand merges from sixty thousand words, and cuts them short', () => {
    const freq = drawCorpus(60_000);
    const merges = learnBpe(freq, 2000);
    expect(merges).toHaveLength(2000);
    expect(new Set(merges.map((merge) => merge.join(' '))).size).toBe(2000); // no merge twice
    const cut = [...freq].map(([word, count]) => ({ word, count, pieces: applyBpe(word, merges) }));
    expect(cut.every(({ word, pieces }) => pieces.join('') === word)).toBe(true);
    const sum = (size: (one: (typeof cut)[number]) => number) => cut.reduce((total, one) => total + one.count * size(one), 0);
    expect(sum(({ pieces }) => pieces.length)).toBeLessThan(0.4 * sum(({ word }) => word.length));
  });

  test('a prefix of a longer list is the shorter list', () => {
    const freq = drawCorpus(3000);
    expect(learnBpe(freq, 300).slice(0, 120)).toEqual(learnBpe(freq, 120));
  });

  test('each merge is the most frequent pair left, counted anew', () => {
    const freq = drawCorpus(400);
    const merges = learnBpe(freq, 60);
    for (const [rank, merge] of merges.entries()) {
      const counts = new Map<string, number>();
      for (const [word, count] of freq) {
        const symbols = applyBpe(word, merges.slice(0, rank));
        for (let i = 1; i < symbols.length; i++) {
          const pair = `${symbols[i - 1]} ${symbols[i]}`;
          counts.set(pair, (counts.get(pair) ?? 0) + count);
        }
      }
      expect(counts.get(merge.join(' '))).toBe(Math.max(...counts.values()));
    }
  });

  test('says which numbers it takes', () => {
    expect(() => learnBpe(new Map(), -1)).toThrow(UsageError);
    expect(() => learnBpe(new Map(), -1)).toThrow('learnBpe: expected a whole number of merges, 0 or more, got -1');
    expect(() => learnBpe(new Map([['ab', 1.5]]), 1)).toThrow('learnBpe: expected a whole count of "ab", got 1.5');
  });
});

describe('applyBpe', () => {
  test('a list that grows is read again', () => {
    const merges: Merge[] = [['a', 'b']];
    expect(applyBpe('abc', merges)).toEqual(['ab', 'c']);
    merges.push(['ab', 'c']);
    expect(applyBpe('abc', merges)).toEqual(['abc']);
  });

  test('a merge that stands twice in the list has its first rank', () => {
    expect(applyBpe('abc', [['a', 'b'], ['b', 'c'], ['a', 'b']])).toEqual(['ab', 'c']); // biome-ignore format: one line
  });

  test('takes lists that nobody may change', () => {
    expectTypeOf(applyBpe).toEqualTypeOf<(word: string, merges: readonly Readonly<Merge>[]) => string[]>();
    expectTypeOf(learnBpe).returns.toEqualTypeOf<[left: string, right: string][]>();
  });
});
