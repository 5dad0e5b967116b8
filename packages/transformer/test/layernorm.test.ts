import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { layerNorm } from '../src/layernorm.ts';
import { onEveryBackend } from './every-backend.ts';
import { goldens, kept } from './goldens.ts';

onEveryBackend(() => {
  test('output and gradients match PyTorch', () => {
    const { x, g, b, out, upstream, dx, dg, db } = goldens('04-layernorm', 'layernorm');
    expect(layerNorm<tf.Tensor3D>(x!, g!, b!)).toBeAllClose(out!, { rtol: 1e-4, atol: 1e-5 });
    const gradients = tf.grads((...[x, g, b]: tf.Tensor[]) => layerNorm(x!, g as tf.Tensor1D, b as tf.Tensor1D))([x!, g!, b!], upstream!);
    for (const [i, expected] of [dx!, dg!, db!].entries()) expect(gradients[i]).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-5 });
  });

  test('keeps one tensor, the result', () => {
    const [x, g] = [tf.ones([2, 3, 4]), tf.ones([4]) as tf.Tensor1D];
    expect(kept(() => layerNorm(x, g, g))).toBe(1);
  });
});

describe('layerNorm', () => {
  test('keeps the rank of its input in its type', () => {
    const g = tf.ones([4]) as tf.Tensor1D;
    expectTypeOf(layerNorm(tf.ones([2, 4]) as tf.Tensor2D, g, g)).toEqualTypeOf<tf.Tensor2D>();
    // @ts-expect-error -- a gain is one number per feature
    const wrongGain = () => layerNorm(tf.ones([2, 4]), tf.ones([2, 4]) as tf.Tensor2D, g);
    expect(wrongGain).toBeTypeOf('function');
  });
});
