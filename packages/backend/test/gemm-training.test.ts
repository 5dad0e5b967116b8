/** The fused training ops of the wasm backend against float64 loops; fused.test.ts compares backends, this file looks at edges. */
import { beforeAll, expect, test } from 'vitest';
import { SPARSE_CROSS_ENTROPY } from '../src/fused/kernel.ts';
import { Adam, sparseCrossEntropy } from '../src/fused.ts';
import { tf, useBackend } from '../src/index.ts';
import { numbers } from './gemm-oracle.ts';

beforeAll(async () => {
  await useBackend('wasm');
});

/** Mean loss and its gradient in float64. */
function slowCrossEntropy(logits: Float32Array, targets: readonly number[], V: number) {
  let loss = 0;
  const gradient = new Float64Array(logits.length);
  targets.forEach((target, i) => {
    const row = Array.from(logits.subarray(i * V, (i + 1) * V));
    const most = Math.max(...row);
    const sum = row.reduce((total, x) => total + Math.exp(x - most), 0);
    loss += (Math.log(sum) + most - row[target]!) / targets.length;
    row.forEach((x, j) => {
      gradient[i * V + j] = (Math.exp(x - most) / sum - Number(j === target)) / targets.length;
    });
  });
  return { loss, gradient };
}

/** NaN when a value is NaN, which no bound accepts. */
const worst = (got: ArrayLike<number>, expected: ArrayLike<number>) =>
  Array.from(expected).reduce((max, x, i) => Math.max(max, Math.abs(got[i]! - x)), 0);

test.each([
  [1, 1, 1],
  [3, 5, 1],
  [7, 13, 20],
  [4, 64, 1000],
  [9, 1027, 30],
])('cross-entropy of %i rows of %i logits up to %i agrees with float64', (N, V, spread) => {
  expect(tf.getKernel(SPARSE_CROSS_ENTROPY, 'wasm')).toBeDefined();
  const logits = numbers(N * V, N + V).map((x) => x * spread);
  const targets = Array.from({ length: N }, (_, i) => (i * 5) % V);
  const expected = slowCrossEntropy(logits, targets, V);
  const [loss, gradient] = tf.tidy(() => {
    const ids = tf.tensor1d(targets, 'int32');
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => sparseCrossEntropy(x, ids))(tf.tensor2d(logits, [N, V]));
    return [value.dataSync()[0]!, grad.dataSync()] as const;
  });
  expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-6 * Math.max(1, spread));
  expect(worst(gradient, expected.gradient)).toBeLessThan(3e-7);
  const off = Float32Array.from(gradient); // control
  off[0]! += 1e-5;
  expect(worst(off, expected.gradient)).toBeGreaterThan(3e-7);
});

test('a masked logit gets no gradient, and a target outside the vocabulary or a NaN shows as NaN', () => {
  const gradientOf = (values: number[], target: number) =>
    tf.tidy(() => [
      ...tf
        .grad((x: tf.Tensor) => sparseCrossEntropy(x, tf.tensor1d([target], 'int32')))(tf.tensor2d(values, [1, 5]))
        .dataSync(),
    ]);
  const masked = gradientOf([1, Number.NEGATIVE_INFINITY, 2, -1e9, 3], 2);
  expect(masked[1]).toBe(0);
  expect(masked[3]).toBe(0);
  expect(masked[0]).toBeGreaterThan(0);
  expect(gradientOf([1, 2, 3, 4, 5], 5).every(Number.isNaN)).toBe(true);
  expect(gradientOf([1, 2, 3, 4, 5], -1).every(Number.isNaN)).toBe(true);
  expect(gradientOf([1, 2, Number.NaN, 4, 5], 0).every(Number.isNaN)).toBe(true);
});

test('Adam follows the formula over ten steps, and leaves clones of the weights as they were', () => {
  const count = 13;
  const start = numbers(count, 3);
  const expected = Float64Array.from(start);
  const [first, second] = [new Float64Array(count), new Float64Array(count)];
  const w = tf.variable(tf.tensor1d(start), true, 'adamWasm');
  const optimizer = new Adam([w], { learningRate: 0.01 });
  const before = w.clone();
  for (let step = 1; step <= 10; step++) {
    const gradient = numbers(count, 100 + step);
    for (let i = 0; i < count; i++) {
      first[i] = 0.9 * first[i]! + 0.1 * gradient[i]!;
      second[i] = 0.999 * second[i]! + 0.001 * gradient[i]! ** 2;
      expected[i]! -= (0.01 * (first[i]! / (1 - 0.9 ** step))) / (Math.sqrt(second[i]! / (1 - 0.999 ** step)) + 1e-8);
    }
    const g = tf.tensor1d(gradient);
    optimizer.step({ adamWasm: g });
    g.dispose();
  }
  expect(worst(w.dataSync(), expected)).toBeLessThan(2e-6);
  expect(worst(w.dataSync(), start)).toBeGreaterThan(1e-2);
  expect([...before.dataSync()]).toEqual([...start]);
  const tensors = tf.memory().numTensors;
  optimizer.dispose();
  expect(tf.memory().numTensors).toBe(tensors - 2);
  tf.dispose([w, before]);
});
