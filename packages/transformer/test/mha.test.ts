import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { onEveryBackend } from '@llm-ladder/testing/every-backend';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type AttentionWeights, mha } from '../src/mha.ts';

onEveryBackend(() => {
  test('the gradient of each weight is the slope of the output', () => {
    const D = 4;
    const xs = [tf.randomNormal([2, 3, D], 0, 1, 'float32', 1), tf.randomNormal([2, 5, D], 0, 1, 'float32', 2)] as [
      tf.Tensor3D,
      tf.Tensor3D,
    ];
    const weights = [3, 4, 5, 6].map((seed) => tf.randomNormal([D, D], 0, 0.5, 'float32', seed) as tf.Tensor2D);
    const loss = (...[Wq, Wk, Wv, Wo]: tf.Tensor[]) =>
      mha(...xs, { Wq, Wk, Wv, Wo } as unknown as AttentionWeights, 2)
        .square()
        .sum();
    const gradients = tf.grads(loss)(weights);
    for (const [i, gradient] of gradients.entries()) {
      const step = tf
        .oneHot(tf.tensor1d([i * 4 + 1], 'int32'), D * D)
        .reshape([D, D])
        .mul(0.02) as tf.Tensor; // one element of the weight
      const at = (sign: number) => (loss(...weights.map((W, j) => (i === j ? W.add(step.mul(sign)) : W))) as tf.Scalar).dataSync()[0]!;
      expect(gradient.mul(step).sum().div(0.02)).toBeAllClose((at(1) - at(-1)) / 0.04, { rtol: 2e-2, atol: 2e-2 });
    }
  });
});

describe('mha', () => {
  const x = tf.ones([1, 2, 6]) as tf.Tensor3D;
  const W = tf.eye(6);
  const weights: AttentionWeights = { Wq: W, Wk: W, Wv: W, Wo: W };

  test('says which number of heads does not fit', () => {
    expect(() => mha(x, x, weights, 4)).toThrow(ShapeError);
    expect(() => mha(x, x, weights, 4)).toThrow('mha: expected a whole number of heads H that divides D, got D=6, H=4');
  });

  test('takes variables as weights and gives a Tensor3D', () => {
    const variable = tf.variable(W);
    expectTypeOf(mha(x, x, { ...weights, Wq: variable }, 2)).toEqualTypeOf<tf.Tensor3D>();
    // @ts-expect-error -- Wo is missing
    const incomplete: AttentionWeights = { Wq: W, Wk: W, Wv: W };
    expect(incomplete).toBeDefined();
    variable.dispose();
  });
});
