import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { onEveryBackend } from '../../transformer/test/every-backend.ts';
import { kept } from '../../transformer/test/goldens.ts';
import { rmsNorm } from '../src/rmsnorm.ts';
import { goldens } from './goldens.ts';

onEveryBackend(() => {
  test('output and gradients match Hugging Face', () => {
    const { x, g, out, upstream, dx, dg } = goldens('10-rmsnorm', 'rmsnorm');
    expect(rmsNorm<tf.Tensor3D>(x!, g!)).toBeAllClose(out!, { rtol: 1e-4, atol: 1e-5 });
    const gradients = tf.grads((...[x, g]: tf.Tensor[]) => rmsNorm(x!, g as tf.Tensor1D))([x!, g!], upstream!);
    for (const [i, expected] of [dx!, dg!].entries()) expect(gradients[i]).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-5 });
  });

  test('keeps one tensor, the result', () => {
    const [x, g] = [tf.ones([2, 3, 4]), tf.ones([4]) as tf.Tensor1D];
    expect(kept(() => rmsNorm(x, g))).toBe(1);
  });
});

describe('rmsNorm', () => {
  test('keeps the rank of its input in its type', () => {
    const g = tf.ones([4]) as tf.Tensor1D;
    expectTypeOf(rmsNorm(tf.ones([2, 4]) as tf.Tensor2D, g)).toEqualTypeOf<tf.Tensor2D>();
    // @ts-expect-error -- a gain is one number per feature
    const wrongGain = () => rmsNorm(tf.ones([2, 4]), tf.ones([2, 4]) as tf.Tensor2D);
    expect(wrongGain).toBeTypeOf('function');
  });
});
