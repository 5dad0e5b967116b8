import '@llm-ladder/grader/matchers';
import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { seeded } from '@llm-ladder/testing/seeded';
import { beforeAll, describe, expect, test } from 'vitest';
import { bagOfWords, bowLogReg, classify, holdOut, logPosteriors, macroF1, naiveBayes, scoreHeldOut } from '../src/text-classify.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('naive Bayes', () => {
  test('keeps its classes in order, and words with names of object fields', () => {
    const model = naiveBayes([['constructor', 'toString'], ['__proto__']], ['z', 'a'], 1);
    expect(model.classes).toEqual(['a', 'z']);
    expect(classify(model, ['constructor'])).toBe('z');
    expect(logPosteriors(model, ['hasOwnProperty'])).toBeAllClose([Math.log(0.5), Math.log(0.5)]);
  });
});

describe('scores', () => {
  test('random labels cannot be guessed, however well the training rows fit', () => {
    const random = seeded(5);
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
