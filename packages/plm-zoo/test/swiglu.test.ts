import { tf, useBackend } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { hiddenDim, swiglu } from '../src/swiglu.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('hiddenDim', () => {
  test('says which width it cannot take', () => {
    expect(() => hiddenDim(0)).toThrow(UsageError);
    expect(() => hiddenDim(7, 2.5)).toThrow('hiddenDim: expected whole numbers D and multipleOf above 0, got D=7, multipleOf=2.5');
  });
});

describe('swiglu', () => {
  test('keeps the rank of its input in its type', () => {
    const w = tf.ones([4, 4]) as tf.Tensor2D;
    expectTypeOf(swiglu(tf.ones([2, 3, 4]) as tf.Tensor3D, w, w, w)).toEqualTypeOf<tf.Tensor3D>();
  });
});
