import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { hiddenDim, swiglu } from './swiglu.ts';

describe('hiddenDim', () => {
  test('the worked widths of the README', () => {
    expect(hiddenDim(768)).toBe(2048);
    expect(hiddenDim(1024)).toBe(2752);
  });

  test('another multiple', () => {
    expect(hiddenDim(5, 1)).toBe(13); // 40 / 3 = 13.3
    expect(hiddenDim(5, 8)).toBe(16);
  });
});

describe('swiglu', () => {
  const one = (x: number) => tf.tensor2d([[x]]);

  test('the worked number of the README', () => {
    expect(swiglu(one(1), one(2), one(0.5), one(3))).toBeAllClose([[2.642391]]);
  });

  test('a closed gate lets nothing through', () => {
    expect(swiglu(one(1), one(0), one(0.5), one(3))).toBeAllClose([[0]]);
  });

  test('any leading dims, and a hidden width of its own', () => {
    const out = swiglu(tf.ones([2, 3, 4]), tf.ones([4, 5]) as tf.Tensor2D, tf.ones([5, 4]) as tf.Tensor2D, tf.ones([4, 5]) as tf.Tensor2D);
    expect(out.shape).toEqual([2, 3, 4]);
  });
});
