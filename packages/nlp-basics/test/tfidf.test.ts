import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { draws, seeded } from '@llm-ladder/testing/seeded';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { cosine, fitTfidf, type Tfidf, transform } from '../src/tfidf.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('search', () => {
  test('a query finds the document that it was taken from', () => {
    const rng = seeded(3);
    const words = Array.from({ length: 500 }, (_, i) => `w${i}`);
    const docs = Array.from({ length: 40 }, () => draws(rng, words, 30));
    const model = fitTfidf(docs);
    const rows = tf.stack(docs.map((doc) => transform(doc, model))); // [N, V]
    for (const n of [0, 17, 39]) {
      const scores = cosine(transform(docs[n]!.slice(5, 15), model), rows); // [V] x [N, V] -> [N]
      expect(scores.argMax().dataSync()[0]).toBe(n);
    }
  });
});

describe('fitTfidf', () => {
  test('takes fifty thousand documents', () => {
    const rng = seeded(7);
    const words = Array.from({ length: 20_000 }, (_, i) => (i % 2 ? `词${i}` : `w${i}`));
    const docs = Array.from({ length: 50_000 }, () => ['每篇', ...draws(rng, words, 40)]);
    const { vocab, idf } = fitTfidf(docs);
    expect(vocab.size).toBe(words.length + 1);
    expect(idf[vocab.get('每篇')!]).toBe(1);
    expect(Math.min(...idf)).toBe(1);
  });

  test('knows nothing when there are no documents', () => {
    const model = fitTfidf([]);
    expect([model.vocab.size, model.idf.length]).toEqual([0, 0]);
    expect(transform(['雨'], model).shape).toEqual([0]);
  });
});

describe('cosine', () => {
  test('says which shapes it takes', () => {
    const wrong = () => cosine(tf.zeros([2, 5]), tf.zeros([2, 4]));
    expect(wrong).toThrow(ShapeError);
    expect(wrong).toThrow('cosine: expected [.., V] and [.., V] whose leading dims broadcast, got [2,5] and [2,4]');
    expect(() => cosine(tf.zeros([2, 4]), tf.zeros([3, 4]))).toThrow(ShapeError);
    expect(() => cosine(tf.scalar(1), tf.scalar(1))).toThrow(ShapeError);
    expect(cosine(tf.zeros([3, 1, 4]), tf.zeros([2, 4])).shape).toEqual([3, 2]);
  });

  test('has the types of its documentation', () => {
    expectTypeOf(fitTfidf).returns.toEqualTypeOf<Tfidf>();
    expectTypeOf(transform).returns.toEqualTypeOf<tf.Tensor1D>();
  });
});
