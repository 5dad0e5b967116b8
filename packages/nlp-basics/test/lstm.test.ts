import '@llm-ladder/grader/matchers';
import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { kept } from '@llm-ladder/testing/kept';
import { beforeAll, describe, expect, test } from 'vitest';
import { lstmSeq, lstmStep } from '../src/lstm.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('lstmSeq', () => {
  test('a sequence of one step keeps three tensors', () => {
    const [x, mask] = [tf.ones<tf.Rank.R3>([2, 1, 3]), tf.ones<tf.Rank.R2>([2, 1])];
    expect(kept(() => lstmSeq(x, mask, tf.ones([5, 8]), tf.ones([8])))).toBe(5); // and the two weights
  });

  test('takes a mask of any dtype, and rows without a token end at zero', () => {
    const [x, W, b] = [tf.ones<tf.Rank.R3>([2, 3, 4]), tf.ones<tf.Rank.R2>([6, 8]), tf.ones<tf.Rank.R1>([8])];
    const mask = tf.tensor2d([[1, 1, 0], [0, 0, 0]]); // biome-ignore format: one row per sentence
    const { h } = lstmSeq(x, mask, W, b);
    for (const dtype of ['bool', 'int32'] as const) expect(lstmSeq(x, mask.cast(dtype), W, b).h).toBeAllClose(h);
    expect(h.slice([1], [1])).toBeAllClose([[0, 0]]);
  });
});

describe('errors', () => {
  test('name the shapes that do not fit', () => {
    const [W, b] = [tf.ones<tf.Rank.R2>([7, 12]), tf.ones<tf.Rank.R1>([12])];
    const state = tf.ones<tf.Rank.R2>([2, 3]);
    expect(() => lstmStep(tf.ones([2, 5]), state, state, W, b)).toThrow(ShapeError);
    expect(() => lstmStep(tf.ones([2, 5]), state, state, W, b)).toThrow(
      'lstmStep: expected x [B, E], h [B, D], c [B, D], W [E + D, 4D], b [4D], got x [2,5], h [2,3], c [2,3], W [7,12], b [12]',
    );
    expect(() => lstmStep(tf.ones([1, 4]), state, state, W, b)).toThrow(ShapeError);
    expect(() => lstmSeq(tf.ones([2, 3, 4]), tf.ones([2, 5]), W, b)).toThrow(ShapeError);
    expect(() => lstmSeq(tf.ones([2, 0, 4]), tf.ones([2, 0]), W, b)).toThrow(/T >= 1/);
  });
});
