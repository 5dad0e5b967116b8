import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { gqa, repeatKv } from './gqa.ts';

describe('repeatKv', () => {
  test('neighbours together, as in the README', () => {
    const x = tf.tensor4d([10, 20], [1, 1, 2, 1]);
    expect(repeatKv(x, 2).flatten()).toBeAllClose([10, 10, 20, 20]);
    expect(repeatKv(x, 3).shape).toEqual([1, 1, 6, 1]);
    expect(repeatKv(x, 1)).toBeAllClose(x);
  });
});

describe('gqa', () => {
  const q = tf.ones([1, 1, 4, 1]) as tf.Tensor4D;
  const x = tf.tensor4d([10, 20], [1, 1, 2, 1]);

  test('one key per head: every query head returns the values of its key head', () => {
    expect(gqa(q, x, x).flatten()).toBeAllClose([10, 10, 20, 20]);
  });

  test('a mask hides a key from every head', () => {
    const [k, v] = [tf.zeros([1, 3, 2, 1]) as tf.Tensor4D, tf.tensor4d([1, 10, 3, 30, 100, 1000], [1, 3, 2, 1])];
    expect(gqa(q, k, v, tf.tensor4d([0, 0, -1e9], [1, 1, 1, 3])).flatten()).toBeAllClose([2, 2, 20, 20]);
  });

  test('the shape is that of the queries', () => {
    const out = gqa(tf.ones([2, 3, 6, 4]), tf.ones([2, 5, 2, 4]), tf.ones([2, 5, 2, 4]));
    expect(out.shape).toEqual([2, 3, 6, 4]);
  });
});
