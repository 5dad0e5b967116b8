import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { layerNorm } from './layernorm.ts';

const ones = tf.ones([4]) as tf.Tensor1D;
const zeros = tf.zeros([4]) as tf.Tensor1D;

describe('layerNorm', () => {
  test('the worked number of the README', () => {
    expect(layerNorm(tf.tensor2d([[1, 2, 3, 6]]), ones, zeros)).toBeAllClose([[-1.069043, -0.534522, 0, 1.603565]]);
  });

  test('gain scales and bias shifts, after normalising', () => {
    const out = layerNorm(tf.tensor2d([[1, 2, 3, 6]]), tf.tensor1d([1, 2, 0, 1]), tf.tensor1d([0, 1, 5, -1]));
    expect(out).toBeAllClose([[-1.069043, -0.069044, 5, 0.603565]], { atol: 1e-4 });
  });

  test('each row is normalised by itself', () => {
    const out = layerNorm(tf.tensor2d([[1, 2, 3, 6], [100, 200, 300, 600]]), ones, zeros); // biome-ignore format: one row per token
    expect(out).toBeAllClose([[-1.069043, -0.534522, 0, 1.603565], [-1.069045, -0.534522, 0, 1.603567]]); // biome-ignore format: one row per token
  });

  test('a constant row returns the bias', () => {
    expect(layerNorm(tf.fill([1, 4], 7), ones, tf.tensor1d([1, 2, 3, 4]))).toBeAllClose([[1, 2, 3, 4]]);
  });
});
