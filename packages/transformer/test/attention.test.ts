import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Attended, attention } from '../src/attention.ts';
import { onEveryBackend } from './every-backend.ts';
import { goldens, kept } from './goldens.ts';

onEveryBackend(() => {
  test('output and weights match PyTorch, without and with a mask', () => {
    const plain = goldens('01-sdpa', 'sdpa');
    const { out, w } = attention<tf.Tensor4D>(plain.q!, plain.k!, plain.v!);
    expect(out).toBeAllClose(plain.out!, { rtol: 1e-4, atol: 1e-5 });
    expect(w).toBeAllClose(plain.w!, { rtol: 1e-4, atol: 1e-5 });

    const masked = goldens('01-sdpa', 'sdpa-masked');
    const hidden = attention<tf.Tensor4D>(masked.q!, masked.k!, masked.v!, masked.mask!);
    expect(hidden.out).toBeAllClose(masked.out!, { rtol: 1e-4, atol: 1e-5 });
    expect(hidden.w).toBeAllClose(masked.w!, { rtol: 1e-4, atol: 1e-5 });
  });

  test('keeps two tensors, out and w', () => {
    const [x, mask] = [tf.ones([2, 3, 4]), tf.zeros([3, 3])];
    expect(kept(() => attention(x, x, x))).toBe(2);
    expect(kept(() => attention(x, x, x, mask))).toBe(2);
  });
});

describe('attention', () => {
  const x = (...shape: number[]) => tf.ones(shape);

  test('keeps the rank of its queries in its type', () => {
    const q = tf.ones([2, 3, 4]) as tf.Tensor3D;
    expectTypeOf(attention(q, q, q)).toEqualTypeOf<Attended<tf.Tensor3D>>();
    expectTypeOf(attention(q, q, q).w).toEqualTypeOf<tf.Tensor3D>();
  });

  test('names the shapes that do not fit', () => {
    expect(() => attention(x(3, 4), x(5, 6), x(5, 2))).toThrow(ShapeError);
    expect(() => attention(x(3, 4), x(5, 6), x(5, 2))).toThrow(
      'attention: expected q [.., Tq, K], k [.., Tk, K], v [.., Tk, Kv] with equal leading dims, got q [3,4], k [5,6], v [5,2]',
    );
    expect(() => attention(x(3, 4), x(5, 4), x(6, 2))).toThrow(ShapeError);
    expect(() => attention(x(2, 3, 4), x(1, 5, 4), x(2, 5, 4))).toThrow(ShapeError);
    expect(() => attention(x(4), x(4), x(4))).toThrow(ShapeError);
  });

  test('a mask must broadcast to the scores and never widen them', () => {
    const [q, k] = [x(2, 3, 4), x(2, 5, 4)];
    for (const shape of [[5], [3, 5], [3, 1], [2, 1, 5]]) expect(attention(q, k, k, tf.zeros(shape)).w.shape).toEqual([2, 3, 5]);
    for (const shape of [[3], [5, 3], [3, 1, 5], [2, 1, 3, 5], []]) {
      expect(() => attention(q, k, k, tf.zeros(shape))).toThrow(/a mask that broadcasts to the scores \[2,3,5\]/);
    }
  });
});
