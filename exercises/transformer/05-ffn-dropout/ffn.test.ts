import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { dropout, ffn } from './ffn.ts';

const W1 = tf.tensor2d([[1, -1]]); // D = 1, F = 2
const b1 = tf.tensor1d([1, 1]);
const W2 = tf.tensor2d([[-2], [3]]);
const b2 = tf.tensor1d([-1]);

describe('ffn', () => {
  test('the worked number of the README', () => {
    expect(ffn(tf.tensor2d([[2], [-3]]), W1, b1, W2, b2)).toBeAllClose([[-7], [11]]);
  });

  test('tanh instead of relu', () => {
    expect(ffn(tf.tensor2d([[2]]), W1, b1, W2, b2, 'tanh')).toBeAllClose([[-5.274892]]);
  });
});

describe('dropout', () => {
  test('outside training nothing happens', () => {
    expect(dropout(tf.tensor1d([1, 2, 3]), 0.9, false, () => 0.5)).toBeAllClose([1, 2, 3]);
  });

  test('in training an element is 0 or doubled, for p = 0.5', () => {
    const out = dropout(tf.ones([50, 50]), 0.5, true, () => 0.123).dataSync();
    expect([...new Set(out)].sort()).toEqual([0, 2]);
  });

  test('the same rng gives the same mask', () => {
    const [first, second] = [1, 2].map(() => dropout(tf.ones([50, 50]), 0.5, true, () => 0.123));
    expect(first).toBeAllClose(second!);
  });
});
