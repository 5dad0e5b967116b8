import { UsageError } from '@llm-ladder/backend/errors';
import { draws, seeded } from '@llm-ladder/testing/seeded';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { EOS, NGram, type Smoothing, UNK } from '../src/ngram.ts';

const sents = [
  ['雨', '停', '了'],
  ['rain', '停', '了'],
];

function fitted(text: readonly (readonly string[])[], n: number, options?: Smoothing): NGram {
  const model = new NGram(options);
  model.fit(text, n);
  return model;
}

describe('NGram', () => {
  test('learns from three hundred thousand tokens and is less in doubt about text like it', () => {
    const rng = seeded(17);
    // Each word likes a few followers: there is something to learn.
    const word = (): number => Math.floor(1000 ** rng());
    const sentence = (): string[] => {
      let last = word();
      return Array.from({ length: 20 }, () => {
        last = rng() < 0.7 ? (last * 7 + 1) % 1000 : word();
        return `w${last}`;
      });
    };
    const text = Array.from({ length: 15_000 }, sentence);
    const held = Array.from({ length: 200 }, sentence);
    const perplexities = [1, 2, 3].map((n) => fitted(text, n, { k: 0.01 }).perplexity(held));
    const mixed = fitted(text, 3, { k: 0.01, lambdas: [0.1, 0.6, 0.3] }).perplexity(held);
    expect(perplexities[1]).toBeLessThan(0.2 * perplexities[0]!); // the word before says most
    expect(perplexities[1]).toBeLessThan(perplexities[2]!); // three words are seen too seldom
    expect(mixed).toBeLessThan(perplexities[2]!);
  });

  test('the probabilities of a context sum to 1 over a large vocabulary', () => {
    const rng = seeded(23);
    const words = Array.from({ length: 2000 }, (_, i) => `w${i}`);
    const text = Array.from({ length: 500 }, () => draws(rng, words, 12));
    const model = fitted(text, 3, { k: 0.5, lambdas: [0.2, 0.3, 0.5] });
    const vocab = [...new Set(text.flat()), EOS, UNK];
    for (const ctx of [[], text[0]!.slice(0, 2), ['nothing', 'like it']]) {
      expect(vocab.reduce((sum, word) => sum + model.prob(word, ctx), 0)).toBeCloseTo(1, 9);
    }
  });

  test('what it says is like what it read', () => {
    const model = fitted(sents, 2, { k: 1e-9 });
    const rng = seeded(2);
    const said = new Set(Array.from({ length: 50 }, () => model.generate(rng).join(' ')));
    expect([...said].sort()).toEqual(['rain 停 了', '雨 停 了']);
  });

  test('says what it does not take', () => {
    expect(() => new NGram({ k: 0 })).toThrow('NGram: expected k > 0, got 0');
    expect(() => new NGram().prob('雨', [])).toThrow(UsageError);
    expect(() => new NGram().fit(sents, 0)).toThrow('NGram.fit: expected a whole n of 1 or more, got 0');
    expect(() => fitted(sents, 3, { lambdas: [0.5, 0.5] })).toThrow(
      'NGram.fit: expected 3 lambdas of 0 or more that sum to 1, got [0.5, 0.5]',
    );
    expect(() => fitted([['<s>', '雨']], 2)).toThrow('NGram.fit: expected sentences without <s> and </s>, got <s> 雨');
    expect(() => fitted(sents, 2).perplexity([])).toThrow(UsageError);
  });

  test('a fit that fails leaves the model as it was', () => {
    const model = fitted(sents, 2);
    const before = model.prob('停', ['雨']);
    expect(() => model.fit(sents, 0)).toThrow(UsageError);
    expect(model.prob('停', ['雨'])).toBe(before);
  });

  test('has the types of its documentation', () => {
    expectTypeOf<NGram['prob']>().toEqualTypeOf<(word: string, ctx: readonly string[]) => number>();
    expectTypeOf<NGram['generate']>().toEqualTypeOf<(rng: () => number, maxWords?: number) => string[]>();
  });
});
