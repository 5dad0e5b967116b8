import { UsageError } from '@llm-ladder/backend/errors';
import { draws, seeded } from '@llm-ladder/testing/seeded';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Mode, segment } from '../src/max-match.ts';

const modes = ['fwd', 'bwd', 'bi'] as const;

describe('segment', () => {
  test('finds the words of a text of two million characters', () => {
    // No word is a part of another, or of two neighbours: there is one way to cut.
    const words = ['语言', '模型', '阅读', '🚀', 'ladder', '!'];
    const expected = draws(seeded(11), words, 700_000);
    const text = expected.join('');
    expect(text.length).toBeGreaterThan(1_500_000);
    const dict = new Set(words);
    for (const mode of modes) {
      const found = segment(text, dict, mode);
      expect(found.length).toBe(expected.length);
      expect(found.every((word, i) => word === expected[i])).toBe(true);
    }
  });

  test('a large dictionary is looked through once, not once per sentence', () => {
    const rng = seeded(5);
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    const words = Array.from({ length: 200_000 }, () => draws(rng, letters, 2 + Math.floor(rng() * 7)).join(''));
    const dict = new Counted(words);
    for (let sentence = 0; sentence < 50; sentence++) {
      const text = draws(rng, letters, 30).join('');
      expect(segment(text, dict, 'bi').join('')).toBe(text);
    }
    expect(dict.walks).toBe(1);
  });

  test('a word that is added later is found', () => {
    const dict = new Set(['语言']);
    expect(segment('语言模型', dict, 'fwd')).toEqual(['语言', '模', '型']);
    dict.add('语言模型');
    expect(segment('语言模型', dict, 'fwd')).toEqual(['语言模型']);
  });

  test('half of a surrogate pair stands alone', () => {
    const text = '\udc00语言\ud83d';
    for (const mode of modes) expect(segment(text, new Set(['语言']), mode)).toEqual(['\udc00', '语言', '\ud83d']);
  });

  test('says which modes it takes', () => {
    expect(() => segment('语言', new Set(), 'both' as Mode)).toThrow(UsageError);
    expect(() => segment('语言', new Set(), 'both' as Mode)).toThrow(`segment: expected mode 'fwd', 'bwd' or 'bi', got "both"`);
  });

  test('takes any set of strings and gives an array of its own', () => {
    expectTypeOf(segment).toEqualTypeOf<(text: string, dict: ReadonlySet<string>, mode: Mode) => string[]>();
  });
});

/** A set that counts how often it is walked. */
class Counted extends Set<string> {
  walks = 0;

  override [Symbol.iterator](): SetIterator<string> {
    this.walks = (this.walks ?? 0) + 1;
    return super[Symbol.iterator]();
  }
}
