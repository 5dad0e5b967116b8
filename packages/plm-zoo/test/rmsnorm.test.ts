import { tf, useBackend } from '@llm-ladder/backend';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { rmsNorm } from '../src/rmsnorm.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('rmsNorm', () => {
  test('keeps the rank of its input in its type', () => {
    const g = tf.ones([4]) as tf.Tensor1D;
    expectTypeOf(rmsNorm(tf.ones([2, 4]) as tf.Tensor2D, g)).toEqualTypeOf<tf.Tensor2D>();
    // @ts-expect-error -- a gain is one number per feature
    const wrongGain = () => rmsNorm(tf.ones([2, 4]), tf.ones([2, 4]) as tf.Tensor2D);
    expect(wrongGain).toBeTypeOf('function');
  });
});
