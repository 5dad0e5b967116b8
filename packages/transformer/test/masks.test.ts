import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { attention } from '../src/attention.ts';
import { causalMask, combine, paddingMask } from '../src/masks.ts';
import { onEveryBackend } from './every-backend.ts';
import { kept } from './goldens.ts';

onEveryBackend(() => {
  test('causal and padding masks hold 0 and -1e9 where they should', () => {
    expect(causalMask(2, 4)).toBeAllClose([[[[0, 0, 0, -1e9], [0, 0, 0, 0]]]]); // biome-ignore format: one row per query
    expect(paddingMask([2, 0, 3], 3)).toBeAllClose([[[[0, 0, -1e9]]], [[[-1e9, -1e9, -1e9]]], [[[0, 0, 0]]]]);
    expect(combine(causalMask(2), paddingMask([1, 2], 2))).toBeAllClose([
      [[[0, -1e9], [0, -1e9]]],
      [[[0, -1e9], [0, 0]]],
    ]); // biome-ignore format: one row per query
  });

  test('keep one tensor each', () => {
    expect(kept(() => causalMask(3, 5, 1))).toBe(1);
    expect(kept(() => paddingMask([1, 2], 3))).toBe(1);
    const mask = causalMask(3);
    expect(kept(() => combine(mask))).toBe(1);
    expect(kept(() => combine(mask, mask, mask))).toBe(1);
  });

  test('what combine returns for one mask may be disposed without harm to the mask', () => {
    const mask = causalMask(2);
    combine(mask).dispose();
    expect(mask).toBeAllClose([[[[0, -1e9], [0, 0]]]]); // biome-ignore format: one row per query
  });

  test('a sentence without any token attends to nothing and stays finite', () => {
    const x = tf.ones([2, 1, 3, 4]) as tf.Tensor4D;
    const { out } = attention(x, x, x, combine(causalMask(3), paddingMask([0, 3], 3)));
    expect(out).toBeAllClose(tf.concat([tf.zeros([1, 1, 3, 4]), tf.ones([1, 1, 3, 4])]));
  });
});

describe('combine', () => {
  test('of no mask is a usage error', () => {
    expect(() => combine()).toThrow(UsageError);
  });

  test('takes and gives four dims', () => {
    const mask = causalMask(2);
    expectTypeOf(combine(mask, mask)).toEqualTypeOf<tf.Tensor4D>();
    // @ts-expect-error -- a mask has four dims
    const wrongRank = () => combine(tf.zeros([2, 2]) as tf.Tensor2D);
    expect(wrongRank).toBeTypeOf('function');
  });
});
