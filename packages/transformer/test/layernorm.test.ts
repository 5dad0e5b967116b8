import { tf, useBackend } from '@llm-ladder/backend';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { layerNorm } from '../src/layernorm.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('layerNorm', () => {
  test('keeps the rank of its input in its type', () => {
    const g = tf.ones([4]) as tf.Tensor1D;
    expectTypeOf(layerNorm(tf.ones([2, 4]) as tf.Tensor2D, g, g)).toEqualTypeOf<tf.Tensor2D>();
    // @ts-expect-error -- a gain is one number per feature
    const wrongGain = () => layerNorm(tf.ones([2, 4]), tf.ones([2, 4]) as tf.Tensor2D, g);
    expect(wrongGain).toBeTypeOf('function');
  });
});
