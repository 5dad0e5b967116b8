/** The random ops: right moments (bounds of 6 sigma), repeatable with a seed, on the backends that need nothing installed. */
import { beforeAll, describe, expect, test } from 'vitest';
import { tf, useBackend } from '../src/index.ts';

const N = 10_000;

describe.each(['cpu', 'wasm'] as const)('%s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('randomNormal has the mean and the deviation asked for', () => {
    const x = tf.randomNormal([N], 2, 3, 'float32', 7);
    const { mean, variance } = tf.moments(x);
    expect(Math.abs(mean.dataSync()[0]! - 2)).toBeLessThan((6 * 3) / Math.sqrt(N));
    expect(Math.abs(variance.dataSync()[0]! - 9)).toBeLessThan(6 * 9 * Math.sqrt(2 / N));
  });

  test('randomStandardNormal and truncatedNormal are standard and within two deviations', () => {
    const standard = tf.moments(tf.randomStandardNormal([N], 'float32', 7));
    expect(Math.abs(standard.mean.dataSync()[0]!)).toBeLessThan(6 / Math.sqrt(N));
    const truncated = tf.truncatedNormal([N], 0, 1, 'float32', 7);
    expect(truncated.abs().max().dataSync()[0]).toBeLessThanOrEqual(2);
    expect(Math.abs(truncated.mean().dataSync()[0]!)).toBeLessThan(6 / Math.sqrt(N));
  });

  test('randomUniform stays in its range and fills it', () => {
    const x = tf.randomUniform([N], -1, 3, 'float32', 7);
    expect(x.min().dataSync()[0]).toBeGreaterThanOrEqual(-1);
    expect(x.max().dataSync()[0]).toBeLessThan(3);
    expect(Math.abs(x.mean().dataSync()[0]! - 1)).toBeLessThan((6 * 4) / Math.sqrt(12 * N));
  });

  test('randomUniformInt takes every integer of a half open range', () => {
    const x = tf.randomUniformInt([N], 2, 6, 7);
    expect([...new Set(x.dataSync())].sort()).toEqual([2, 3, 4, 5]);
  });

  test('multinomial draws each class as often as its logit says', () => {
    const probabilities = [0.1, 0.2, 0.7];
    const drawn = tf.multinomial(tf.log(tf.tensor2d([probabilities])) as tf.Tensor2D, N, 7).dataSync();
    for (const [k, p] of probabilities.entries()) {
      const share = drawn.filter((id) => id === k).length / N;
      expect(Math.abs(share - p)).toBeLessThan(6 * Math.sqrt((p * (1 - p)) / N));
    }
  });

  test('dropout zeroes its share and scales the rest', () => {
    const kept = tf.dropout(tf.ones([N]), 0.25, undefined, 7).dataSync();
    const share = kept.filter((v) => v === 0).length / N;
    expect(Math.abs(share - 0.25)).toBeLessThan(6 * Math.sqrt((0.25 * 0.75) / N));
    expect([...new Set(kept)].sort()).toEqual([0, Math.fround(1 / 0.75)]);
  });

  test('the same seed gives the same values, another seed does not', () => {
    const draw = (seed: number) => tf.randomNormal([8], 0, 1, 'float32', seed).dataSync();
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});
