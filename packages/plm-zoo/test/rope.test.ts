import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { kept } from '@llm-ladder/testing/kept';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyRope, type RopeStyle, ropeCache } from '../src/rope.ts';

const styles: readonly RopeStyle[] = ['interleaved', 'half'];

beforeAll(async () => void (await useBackend('wasm')));

describe('rope', () => {
  test('the cache keeps two tensors, a turn keeps one', () => {
    const { cos, sin } = ropeCache(4, 3);
    const [x, pos] = [tf.ones([2, 3, 2, 4]) as tf.Tensor4D, tf.zeros([2, 3], 'int32') as tf.Tensor2D];
    expect(kept(() => ({ ...ropeCache(4, 3) }))).toBe(2);
    for (const style of styles) expect(kept(() => applyRope(x, cos, sin, pos, style))).toBe(1);
  });

  test('says which width and which shapes do not fit', () => {
    expect(() => ropeCache(5, 3)).toThrow(UsageError);
    expect(() => ropeCache(5, 3)).toThrow('ropeCache: expected an even head width K, got K=5');
    const { cos, sin } = ropeCache(4, 3);
    const pos = tf.zeros([2, 3], 'int32') as tf.Tensor2D;
    expect(() => applyRope(tf.ones([2, 3, 2, 6]), cos, sin, pos, 'half')).toThrow(ShapeError);
    expect(() => applyRope(tf.ones([1, 3, 2, 4]), cos, sin, pos, 'half')).toThrow(
      'applyRope: expected cos [.., K / 2] and pos [B, T] for x [B, T, H, K], got x [1,3,2,4], cos [3,2], pos [2,3]',
    );
  });
});
