import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { mha } from './mha.ts';

const eye = tf.eye(4);

describe('mha', () => {
  test('the worked number of the README', () => {
    const x = tf.tensor3d([[[2, 0, 1, 0], [0, 2, 1, 0]]]); // biome-ignore format: one row per token
    const out = mha(x, x, { Wq: eye, Wk: eye, Wv: eye, Wo: eye }, 2);
    expect(out).toBeAllClose([[[1.888386, 0.111614, 1, 0], [0.111614, 1.888386, 1, 0]]]); // biome-ignore format: one row per token
  });

  test('two queries, three keys', () => {
    const out = mha(tf.ones([5, 2, 4]), tf.ones([5, 3, 4]), { Wq: eye, Wk: eye, Wv: eye, Wo: eye }, 2);
    expect(out).toBeAllClose(tf.ones([5, 2, 4]));
  });

  test('Wo mixes what the heads found', () => {
    const Wo = tf.tensor2d([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 3], [0, 0, 0, 0]]); // biome-ignore format: one row per input
    const x = tf.tensor3d([[[1, 2, 3, 4]]]); // one token: every head returns its value
    expect(mha(x, x, { Wq: eye, Wk: eye, Wv: eye, Wo }, 2)).toBeAllClose([[[2, 1, 0, 9]]]);
  });

  test('three heads do not fit a width of four', () => {
    const x = tf.ones([1, 2, 4]) as tf.Tensor3D;
    expect(() => mha(x, x, { Wq: eye, Wk: eye, Wv: eye, Wo: eye }, 3)).toThrow(/D=4, H=3/);
  });
});
