import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { kept } from '@llm-ladder/testing/kept';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { type Attended, attention } from '../src/attention.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('attention', () => {
  const x = (...shape: number[]) => tf.ones(shape);

  test('keeps two tensors, out and w, also with a mask', () => {
    const [q, mask] = [x(2, 3, 4), tf.zeros([3, 3])];
    expect(kept(() => attention(q, q, q))).toBe(2);
    expect(kept(() => attention(q, q, q, mask))).toBe(2);
  });

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
