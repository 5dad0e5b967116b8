import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { onEveryBackend } from '../../transformer/test/every-backend.ts';
import { kept } from '../../transformer/test/goldens.ts';
import { applyRope, type RopeStyle, ropeCache } from '../src/rope.ts';
import { goldens } from './goldens.ts';

const styles: readonly RopeStyle[] = ['interleaved', 'half'];

onEveryBackend(() => {
  test('both styles match Meta and Hugging Face, with gradients', () => {
    const { x, pos, upstream, ...expected } = goldens('11-rope', 'rope');
    const { cos, sin } = ropeCache(8, 64);
    expect(cos).toBeAllClose(expected.cos!, { rtol: 1e-4, atol: 1e-5 });
    expect(sin).toBeAllClose(expected.sin!, { rtol: 1e-4, atol: 1e-5 });
    for (const style of styles) {
      expect(applyRope(x!, cos, sin, pos!, style)).toBeAllClose(expected[style]!, { rtol: 1e-4, atol: 1e-5 });
      const dx = tf.grad((y) => applyRope(y as tf.Tensor4D, cos, sin, pos!, style))(x!, upstream!);
      expect(dx).toBeAllClose(expected[`dx.${style}`]!, { rtol: 1e-4, atol: 1e-5 });
    }
  });

  test('the cache keeps two tensors, a turn keeps one', () => {
    const { cos, sin } = ropeCache(4, 3);
    const [x, pos] = [tf.ones([2, 3, 2, 4]) as tf.Tensor4D, tf.zeros([2, 3], 'int32') as tf.Tensor2D];
    expect(kept(() => ({ ...ropeCache(4, 3) }))).toBe(2);
    for (const style of styles) expect(kept(() => applyRope(x, cos, sin, pos, style))).toBe(1);
  });
});

describe('rope', () => {
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
