import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { onEveryBackend } from '../../transformer/test/every-backend.ts';
import { kept } from '../../transformer/test/goldens.ts';
import { gqa, repeatKv } from '../src/gqa.ts';
import { goldens } from './goldens.ts';

onEveryBackend(() => {
  test('output and gradients match PyTorch, without and with a mask', () => {
    for (const name of ['gqa', 'gqa-masked']) {
      const { q, k, v, mask, out, upstream, dq, dk, dv } = goldens('12-gqa', name);
      expect(gqa(q!, k!, v!, mask)).toBeAllClose(out!, { rtol: 1e-4, atol: 1e-5 });
      const call = (...[q, k, v]: tf.Tensor[]) => gqa(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, mask);
      const gradients = tf.grads(call)([q!, k!, v!], upstream!);
      for (const [i, expected] of [dq!, dk!, dv!].entries()) expect(gradients[i]).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-5 });
    }
  });

  test('each keeps one tensor, the result', () => {
    const [q, k, mask] = [tf.ones([2, 3, 4, 5]), tf.ones([2, 6, 2, 5]), tf.zeros([1, 1, 3, 6])] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    expect(kept(() => gqa(q, k, k))).toBe(1);
    expect(kept(() => gqa(q, k, k, mask))).toBe(1);
    for (const n of [1, 3]) expect(kept(() => repeatKv(k, n))).toBe(1);
  });
});

describe('gqa', () => {
  test('says which heads do not fit', () => {
    const [q, k] = [tf.ones([1, 2, 4, 5]) as tf.Tensor4D, tf.ones([1, 2, 3, 5]) as tf.Tensor4D];
    expect(() => gqa(q, k, k)).toThrow(ShapeError);
    expect(() => gqa(q, k, k)).toThrow('gqa: expected H query heads divisible by G key heads, got H=4, G=3');
    expect(() => repeatKv(k, 0)).toThrow(UsageError);
  });
});
