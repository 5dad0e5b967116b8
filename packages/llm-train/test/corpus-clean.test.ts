import { stories } from '@llm-ladder/data/corpus/stories';
import { describe, expect, test } from 'vitest';
import { filters, lshDedup, minhash, shingles } from '../src/corpus-clean.ts';

describe('shingles', () => {
  test('runs of letters in lower case, across spaces and signs', () => {
    expect([...shingles('Ab, C-dE!')]).toEqual(['abcde']);
    expect([...shingles('中 文，Ａ', 2)]).toEqual(['中文', '文a']); // NFKC
    expect([...shingles('𠮷𠮷ab', 3)]).toEqual(['𠮷𠮷a', '𠮷ab']);
    expect([...shingles('ab')]).toEqual(['ab']);
    expect([...shingles(' !? ')]).toEqual([]);
  });
});

describe('minhash', () => {
  test('a signature does not depend on order or repetition', () => {
    const signature = minhash(['a', 'b', 'c'], 16, 5);
    expect(minhash(['c', 'a', 'b', 'a'], 16, 5)).toEqual(signature);
    expect(minhash(['a', 'b', 'c'], 16, 6)).not.toEqual(signature);
    expect(new Set(signature).size).toBe(16);
  });

  test('says what it cannot take', () => {
    expect(() => minhash([], 0, 1)).toThrow('minhash: expected a whole k >= 1, got 0');
  });
});

describe('lshDedup', () => {
  test('ten thousand texts, each of them there twice: fewer comparisons than texts', async () => {
    const texts = Array.from(
      { length: 5000 },
      (_, n) => `${(n * 7919) % 99991} ${(n * 104729) % 99991} ${(n * 1299709) % 99991} number ${n}`,
    );
    let compared = 0;
    const compare = (one: number, other: number) => {
      compared++;
      return one % 5000 === other % 5000 ? 1 : 0;
    };
    expect(await lshDedup([...texts, ...texts], 0.9, { compare, k: 64 })).toHaveLength(5000);
    expect(compared).toBeLessThan(10_000);
  });

  test('says what it cannot take', async () => {
    await expect(lshDedup(['a'], 0)).rejects.toThrow('lshDedup: expected 0 < thr <= 1, got 0');
  });
});

describe('filters', () => {
  test('our own stories are clean', () => {
    const texts = [...stories(3, 100_000)].map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.flatMap(filters).filter((rule) => rule !== 'short')).toEqual([]); // biome-ignore format: one line
  });
});
