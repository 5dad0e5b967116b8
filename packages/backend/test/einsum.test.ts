/** Einsum beyond the fixtures: more than two operands, their gradients, and what it refuses. */
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeEinsum } from '../src/einsum.ts';
import { ShapeError, UsageError } from '../src/errors.ts';
import { tf, useBackend } from '../src/index.ts';

describe.each(['cpu', 'wasm'] as const)('%s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('three operands equal two products, and so do their gradients', () => {
    const [a, b, c] = [tf.randomNormal([2, 3]), tf.randomNormal([3, 4]), tf.randomNormal([4, 5])];
    const direct = tf.grads((x, y, z) => tf.matMul(tf.matMul(x!, y!), z!).square().sum());
    const viaEinsum = tf.grads((x, y, z) => tf.einsum('ij,jk,kl->il', x!, y!, z!).square().sum());
    const expected = direct([a, b, c]);
    for (const [i, g] of viaEinsum([a, b, c]).entries()) {
      expect(tf.max(tf.abs(g.sub(expected[i]!))).dataSync()[0]).toBeLessThan(1e-4);
      expect(tf.max(tf.abs(g)).dataSync()[0]).toBeGreaterThan(1e-3);
    }
  });

  test('attention by einsum equals attention by matMul', () => {
    const [q, k, v] = [tf.randomNormal([2, 3, 4, 5]), tf.randomNormal([2, 3, 6, 5]), tf.randomNormal([2, 3, 6, 7])] as const;
    const weights = tf.softmax(tf.einsum('bhqk,bhsk->bhqs', q, k));
    const out = tf.einsum('bhqs,bhsd->bhqd', weights, v);
    const expected = tf.matMul(tf.softmax(tf.matMul(q, k, false, true)), v);
    expect(out.shape).toEqual([2, 3, 4, 7]);
    expect(tf.max(tf.abs(out.sub(expected))).dataSync()[0]).toBeLessThan(1e-5);
  });

  test('sizes that do not fit are named', () => {
    expect(() => tf.einsum('ij,jk->ik', tf.ones([2, 3]), tf.ones([4, 5]))).toThrow(ShapeError);
    expect(() => tf.einsum('ij,jk->ik', tf.ones([2, 3]), tf.ones([4, 5]))).toThrow('one size for "j" in ij,jk->ik, got 3 and 4');
    expect(() => tf.einsum('ij->i', tf.ones([2, 3, 4]))).toThrow('rank 2 for "ij" in ij->i, got shape [2,3,4]');
    expect(() => tf.einsum('i,i->', tf.ones([2]))).toThrow('2 operands for i,i->, got 1');
  });
});

test.each(['ij,jk', 'ij->k', 'ii->i', '...i->i', 'i->i->i'])('%s is refused with the equation in the message', (equation) => {
  expect(() => decodeEinsum(equation)).toThrow(UsageError);
  expect(() => decodeEinsum(equation)).toThrow(equation);
});
