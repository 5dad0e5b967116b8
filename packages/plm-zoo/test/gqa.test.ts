import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { kept } from '@llm-ladder/testing/kept';
import { beforeAll, describe, expect, test } from 'vitest';
import { gqa, repeatKv } from '../src/gqa.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('gqa', () => {
  test('each keeps one tensor, the result', () => {
    const [q, k, mask] = [tf.ones([2, 3, 4, 5]), tf.ones([2, 6, 2, 5]), tf.zeros([1, 1, 3, 6])] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    expect(kept(() => gqa(q, k, k))).toBe(1);
    expect(kept(() => gqa(q, k, k, mask))).toBe(1);
    for (const n of [1, 3]) expect(kept(() => repeatKv(k, n))).toBe(1);
  });

  test('says which heads do not fit', () => {
    const [q, k] = [tf.ones([1, 2, 4, 5]) as tf.Tensor4D, tf.ones([1, 2, 3, 5]) as tf.Tensor4D];
    expect(() => gqa(q, k, k)).toThrow(ShapeError);
    expect(() => gqa(q, k, k)).toThrow('gqa: expected H query heads divisible by G key heads, got H=4, G=3');
    expect(() => repeatKv(k, 0)).toThrow(UsageError);
  });
});
