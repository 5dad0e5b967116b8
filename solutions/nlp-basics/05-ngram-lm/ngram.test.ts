import { describe, expect, test } from 'vitest';
import { NGram } from './ngram.ts';

const sents = [
  ['我', '爱', '猫'],
  ['我', '爱', '狗'],
  ['猫', '爱', '鱼'],
];

function fitted(n: number, options = {}): NGram {
  const model = new NGram(options);
  model.fit(sents, n);
  return model;
}

describe('NGram', () => {
  test('the worked numbers of the README', () => {
    const model = fitted(2);
    expect(model.prob('爱', ['我'])).toBeCloseTo(1 / 3);
    expect(model.prob('我', [])).toBeCloseTo(0.3);
    expect(model.prob('</s>', ['我', '爱', '鱼'])).toBeCloseTo(0.25);
    expect(model.perplexity([['我', '爱', '鱼']])).toBeCloseTo(3.760603, 5);
    expect(fitted(2, { lambdas: [0.4, 0.6] }).prob('爱', ['我'])).toBeCloseTo(0.284211, 5);
  });

  test('the probabilities of one context sum to 1', () => {
    const vocab = ['我', '爱', '猫', '狗', '鱼', '</s>', '<unk>'];
    for (const ctx of [[], ['爱'], ['飞']]) {
      const sum = vocab.reduce((total, word) => total + fitted(2).prob(word, ctx), 0);
      expect(sum).toBeCloseTo(1);
    }
  });

  test('a sentence is drawn from the numbers of rng', () => {
    // Two of three sentences begin with 我, and 爱 always follows it.
    const words = fitted(2, { k: 1e-6 }).generate(() => 0.5);
    expect(words.slice(0, 2)).toEqual(['我', '爱']);
  });
});
