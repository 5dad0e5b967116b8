import { describe, expect, test } from 'vitest';
import { tf, useBackend } from '../src/index.ts';

describe.each(['cpu', 'wasm'] as const)('logSigmoid on %s', (backend) => {
  test('has a gradient in the middle of a calculation, as function and as method', async () => {
    await useBackend(backend);
    const values = [-30, -1, 0, 0.5, 30];
    // d log(sigmoid(2 x)) / dx = 2 (1 - sigmoid(2 x))
    const slopes = values.map((x) => 2 / (1 + Math.exp(2 * x)));
    for (const f of [(x: tf.Tensor) => tf.logSigmoid(x), (x: tf.Tensor) => x.logSigmoid()]) {
      const gradient = tf.tidy(() =>
        tf
          .grad((x) => f(x.mul(2)).sum())(tf.tensor1d(values))
          .arraySync(),
      ) as number[];
      for (const [i, slope] of slopes.entries()) expect(gradient[i]).toBeCloseTo(slope, 6);
    }
    const before = tf.memory().numTensors;
    tf.tidy(() => void tf.grad((x) => tf.logSigmoid(x.mul(2)).sum())(tf.tensor1d(values)));
    expect(tf.memory().numTensors).toBe(before);
  });
});
