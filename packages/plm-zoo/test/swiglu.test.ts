import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { onEveryBackend } from '../../transformer/test/every-backend.ts';
import { kept } from '../../transformer/test/goldens.ts';
import { hiddenDim, swiglu } from '../src/swiglu.ts';
import { goldens } from './goldens.ts';

const call = (...[x, w1, w2, w3]: tf.Tensor[]) => swiglu(x!, w1 as tf.Tensor2D, w2 as tf.Tensor2D, w3 as tf.Tensor2D);

onEveryBackend(() => {
  test('output and gradients match Hugging Face', () => {
    const { x, w1, w2, w3, out, upstream, dx, dw1, dw2, dw3 } = goldens('13-swiglu', 'swiglu');
    expect(call(x!, w1!, w2!, w3!)).toBeAllClose(out!, { rtol: 1e-4, atol: 1e-5 });
    const gradients = tf.grads(call)([x!, w1!, w2!, w3!], upstream!);
    for (const [i, expected] of [dx!, dw1!, dw2!, dw3!].entries()) expect(gradients[i]).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-5 });
  });

  test('keeps one tensor, the result', () => {
    const [x, w1, w2] = [tf.ones([2, 3, 4]), tf.ones([4, 5]) as tf.Tensor2D, tf.ones([5, 4]) as tf.Tensor2D];
    expect(kept(() => swiglu(x, w1, w2, w1))).toBe(1);
  });
});

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
