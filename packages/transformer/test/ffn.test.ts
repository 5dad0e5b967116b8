import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { dropout, ffn } from '../src/ffn.ts';
import { onEveryBackend } from './every-backend.ts';
import { goldens, kept } from './goldens.ts';

onEveryBackend(() => {
  test('output and gradients match PyTorch for both activations', () => {
    const stored = goldens('05-ffn-dropout', 'ffn');
    const { x, W1, b1, W2, b2, upstream } = stored;
    for (const act of ['relu', 'tanh'] as const) {
      expect(ffn<tf.Tensor3D>(x!, W1!, b1!, W2!, b2!, act)).toBeAllClose(stored[act]!, { rtol: 1e-4, atol: 1e-5 });
      const run = (...[x, W1, b1, W2, b2]: never[]) => ffn<tf.Tensor3D>(x!, W1!, b1!, W2!, b2!, act);
      const gradients = tf.grads(run as (...all: tf.Tensor[]) => tf.Tensor)([x!, W1!, b1!, W2!, b2!], upstream!);
      for (const [i, name] of ['x', 'W1', 'b1', 'W2', 'b2'].entries())
        expect(gradients[i]).toBeAllClose(stored[`${act}.d${name}`]!, { rtol: 1e-4, atol: 1e-5 });
    }
  });

  test('one seed gives one mask, and another seed another', () => {
    const x = tf.ones([20, 30]);
    const mask = (draw: number) => [...dropout(x, 0.5, true, () => draw).dataSync()];
    expect(mask(0.25)).toEqual(mask(0.25));
    expect(mask(0.25)).not.toEqual(mask(0.75));
    expect(mask(0)).toEqual(mask(0)); // TF.js reads a seed of 0 as none
  });

  test('keep one tensor, the result', () => {
    const [x, W, b] = [tf.ones([2, 3, 4]), tf.eye(4), tf.zeros([4]) as tf.Tensor1D];
    expect(kept(() => ffn(x, W, b, W, b))).toBe(1);
    for (const training of [true, false]) expect(kept(() => dropout(x, 0.5, training, () => 0.5))).toBe(1);
  });

  test('what dropout returns outside training may be disposed without harm to its input', () => {
    const x = tf.tensor1d([1, 2]);
    dropout(x, 0.5, false, () => 0.5).dispose();
    expect(x).toBeAllClose([1, 2]);
  });
});

describe('dropout', () => {
  test('refuses a probability outside [0, 1)', () => {
    for (const p of [1, -0.1, Number.NaN]) expect(() => dropout(tf.ones([2]), p, true, () => 0.5)).toThrow(UsageError);
  });

  test('keeps the rank of its input in its type', () => {
    expectTypeOf(dropout(tf.ones([2, 4]) as tf.Tensor2D, 0.5, true, () => 0.5)).toEqualTypeOf<tf.Tensor2D>();
  });
});
