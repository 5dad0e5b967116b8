import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { rmsNorm } from './rmsnorm.ts';

const ones = tf.ones([4]) as tf.Tensor1D;

describe('rmsNorm', () => {
  test('the worked number of the README', () => {
    expect(rmsNorm(tf.tensor2d([[1, 2, 3, 4]]), ones)).toBeAllClose([[0.365148, 0.730296, 1.095444, 1.460593]]);
  });

  test('the gain scales each feature by its own number', () => {
    const out = rmsNorm(tf.tensor2d([[1, 2, 3, 4]]), tf.tensor1d([1, 0, -1, 2]));
    expect(out).toBeAllClose([[0.365148, 0, -1.095444, 2.921186]]);
  });

  test('a row ten times as long gives the same output', () => {
    const out = rmsNorm(tf.tensor2d([[1, 2, 3, 4], [10, 20, 30, 40]]), ones); // biome-ignore format: one row per token
    expect(out).toBeAllClose([[0.365148, 0.730296, 1.095444, 1.460593], [0.365148, 0.730297, 1.095445, 1.460593]]); // biome-ignore format: one row per token
  });

  test('a constant row is not centred', () => {
    expect(rmsNorm(tf.fill([1, 4], 7), tf.tensor1d([1, 2, 3, 4]))).toBeAllClose([[1, 2, 3, 4]]);
  });
});
