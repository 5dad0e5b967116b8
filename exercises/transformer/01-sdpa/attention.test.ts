import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { attention } from './attention.ts';

describe('attention', () => {
  test('the worked number of the README', () => {
    const { out, w } = attention(tf.tensor2d([[2, 0, 0, 0]]), tf.tensor2d([[1, 0, 0, 0], [0, 1, 0, 0]]), tf.tensor2d([[10], [20]])); // biome-ignore format: one row per key
    expect(w).toBeAllClose([[0.731059, 0.268941]]);
    expect(out).toBeAllClose([[12.689414]]);
  });

  test('a query that matches every key alike takes the mean of the values', () => {
    const { out } = attention(tf.zeros([2, 3]), tf.ones([4, 3]), tf.tensor2d([[1], [2], [3], [6]]));
    expect(out).toBeAllClose([[3], [3]]);
  });

  test('a mask of -1e9 hides a key', () => {
    const { out, w } = attention(tf.zeros([1, 2]), tf.zeros([3, 2]), tf.tensor2d([[1], [3], [100]]), tf.tensor2d([[0, 0, -1e9]]));
    expect(w).toBeAllClose([[0.5, 0.5, 0]]);
    expect(out).toBeAllClose([[2]]);
  });

  test('leading dims are carried along', () => {
    const { out, w } = attention(tf.ones([2, 3, 4, 5]), tf.ones([2, 3, 6, 5]), tf.ones([2, 3, 6, 7]));
    expect(out.shape).toEqual([2, 3, 4, 7]);
    expect(w.shape).toEqual([2, 3, 4, 6]);
  });
});
