import '@llm-ladder/grader/matchers';
import { tf, useBackend } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { attention } from '../src/attention.ts';
import { causalMask, combine, paddingMask } from '../src/masks.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('combine', () => {
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
