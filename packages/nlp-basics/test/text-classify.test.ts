import '@llm-ladder/grader/matchers';
import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  bagOfWords,
  bowLogReg,
  classify,
  holdOut,
  logPosteriors,
  logRegProbs,
  macroF1,
  naiveBayes,
  scoreHeldOut,
} from '../src/text-classify.ts';
import { onEveryBackend } from './every-backend.ts';
import { goldens, kept } from './goldens.ts';

onEveryBackend(() => {
  test('training ends where scikit-learn does', () => {
    const { X, y, W, b, prob } = goldens('10-text-classify', 'logreg');
    const labels = [...(y as unknown as tf.Tensor1D).dataSync()];
    const model = bowLogReg(X!, labels, { Y: 3, steps: 300, lr: 0.05, l2: 0.05 });
    expect(model.W).toBeAllClose(W!, { rtol: 0, atol: 5e-3 });
    expect(model.b.sub(model.b.mean())).toBeAllClose(b!, { rtol: 0, atol: 5e-3 });
    expect(logRegProbs(X!, model)).toBeAllClose(prob!, { rtol: 0, atol: 5e-3 });
  });

  test('training keeps W and b, scoring keeps nothing', () => {
    const [X, y, options] = [tf.ones<tf.Rank.R2>([4, 3]), [0, 1, 0, 1], { Y: 2, steps: 3, lr: 0.1, l2: 0.01 }];
    expect(kept(() => bowLogReg(X, y, options))).toBe(2);
    expect(kept(() => scoreHeldOut(X, y, { train: [0, 1], test: [2, 3] }, options) && undefined)).toBe(0);
    expect(kept(() => logRegProbs(X, { W: tf.ones([3, 2]), b: tf.ones([2]) }))).toBe(3); // and the two weights
  });
});

describe('naive Bayes', () => {
  test('keeps its classes in order, and words with names of object fields', () => {
    const model = naiveBayes([['constructor', 'toString'], ['__proto__']], ['z', 'a'], 1);
    expect(model.classes).toEqual(['a', 'z']);
    expect(classify(model, ['constructor'])).toBe('z');
    expect(logPosteriors(model, ['hasOwnProperty'])).toBeAllClose([Math.log(0.5), Math.log(0.5)]);
  });
});

describe('scores', () => {
  beforeAll(async () => void (await useBackend('wasm')));

  test('macro-F1 matches scikit-learn', () => {
    const { gold, predicted, f1 } = goldens('10-text-classify', 'macro-f1');
    const numbers = (x: unknown) => [...(x as tf.Tensor1D).dataSync()];
    expect(macroF1(numbers(gold), numbers(predicted))).toBeCloseTo(numbers(f1)[0]!, 6);
  });

  test('random labels cannot be guessed, however well the training rows fit', () => {
    const random = mulberry(5);
    const [N, V] = [300, 200]; // fewer training rows than columns: training can fit anything
    const X = tf.randomNormal<tf.Rank.R2>([N, V], 0, 1, 'float32', 3);
    const y = Array.from({ length: N }, () => Math.floor(random() * 2));
    const split = holdOut(N, 0.5, random);
    const options = { Y: 2, steps: 100, lr: 0.1, l2: 1e-4 };
    expect(scoreHeldOut(X, y, split, options)).toBeLessThan(0.5 + 6 * Math.sqrt(0.25 / 150));
    expect(scoreHeldOut(X, y, { train: split.train, test: split.train }, options)).toBeGreaterThan(0.95);
  });
});

describe('bagOfWords', () => {
  test('counts the words of the vocabulary', () => {
    expect(bagOfWords([['a', 'b', 'a'], [], ['c', 'b']], ['b', 'a'])).toBeAllClose([[1, 2], [0, 0], [1, 0]]); // biome-ignore format: one row per text
  });
});

describe('errors', () => {
  test('name what does not fit', () => {
    expect(() => naiveBayes([['a']], [], 1)).toThrow(
      'naiveBayes: expected one label for each text, and at least one, got 1 texts, 0 labels',
    );
    expect(() => naiveBayes([['a']], ['x'], 0)).toThrow(UsageError);
    expect(() => macroF1([1], [1, 2])).toThrow(UsageError);
    expect(() => holdOut(1, 0.5, Math.random)).toThrow(UsageError);
    const options = { Y: 2, steps: 1, lr: 0.1, l2: 0 };
    expect(() => bowLogReg(tf.ones([3, 2]), [0, 1], options)).toThrow(ShapeError);
    expect(() => bowLogReg(tf.ones([2, 2]), [0, 2], options)).toThrow('bowLogReg: expected labels from 0 to 1, got 2');
  });
});

// --- helpers ---

/** A seeded generator of numbers in [0, 1) (mulberry32). */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
