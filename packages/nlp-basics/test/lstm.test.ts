import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { lstmSeq, lstmStep } from '../src/lstm.ts';
import { onEveryBackend } from './every-backend.ts';
import { goldens, kept } from './goldens.ts';

onEveryBackend(() => {
  test('one step matches PyTorch', () => {
    const { x, h, c, W, b, h2, c2 } = goldens('08-lstm-cell', 'step');
    const next = lstmStep(x!, h!, c!, W!, b!);
    expect(next.h).toBeAllClose(h2!);
    expect(next.c).toBeAllClose(c2!);
  });

  test('a padded batch and its gradients match PyTorch', () => {
    const golden = goldens('08-lstm-cell', 'sequence');
    const got = lstmSeq(golden.x!, golden.mask!, golden.W!, golden.b!);
    for (const part of ['out', 'h', 'c'] as const) expect(got[part]).toBeAllClose(golden[part]!);
    const weighted = (x: tf.Tensor, W: tf.Tensor, b: tf.Tensor) =>
      lstmSeq(x as tf.Tensor3D, golden.mask!, W as tf.Tensor2D, b as tf.Tensor1D)
        .out.mul(golden.upstream!)
        .sum();
    const [dx, dW, db] = tf.grads(weighted)([golden.x!, golden.W!, golden.b!]);
    expect(dx).toBeAllClose(golden.dx!);
    expect(dW).toBeAllClose(golden.dW!);
    expect(db).toBeAllClose(golden.db!);
  });

  test('a step keeps two tensors, a sequence three', () => {
    const { x, h, c, W, b } = goldens('08-lstm-cell', 'step');
    expect(kept(() => lstmStep(x!, h!, c!, W!, b!))).toBe(2);
    const sequence = goldens('08-lstm-cell', 'sequence');
    expect(kept(() => lstmSeq(sequence.x!, sequence.mask!, sequence.W!, sequence.b!))).toBe(3);
    const one = [
      tf.ones<tf.Rank.R3>([2, 1, 3]),
      tf.ones<tf.Rank.R2>([2, 1]),
      tf.ones<tf.Rank.R2>([5, 8]),
      tf.ones<tf.Rank.R1>([8]),
    ] as const;
    expect(kept(() => lstmSeq(...one))).toBe(3);
  });
});

describe('lstmSeq', () => {
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
