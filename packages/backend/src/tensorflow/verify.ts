/** Run by install.ts in a fresh process on the new folder (LADDER_TENSORFLOW_FOLDER): a matrix product, a gradient and an op of ours whose values are known. */
import { rmsNorm } from '../fused.ts';
import * as tf from '../tf.ts';
import type { TensorflowBackend } from './binding.ts';
import { loadTensorflow } from './load.ts';

await loadTensorflow();
if (!(await tf.setBackend('tensorflow'))) throw new Error('the backend did not start');

const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
const b = tf.tensor2d([5, 6, 7, 8], [2, 2]);
expectValues('matmul', tf.matMul(a, b), [19, 22, 43, 50]);
const square = tf.grad((x) => tf.sum(tf.mul(x, tf.matMul(x as tf.Tensor2D, b))));
expectValues('gradient', square(a), [36, 45, 82, 103]); // a b + a b^T, by hand: [19 + 17, 22 + 23, 43 + 39, 50 + 53]
expectValues('training ops', rmsNorm(tf.tensor2d([3, 4], [1, 2]), tf.tensor1d([1, 2]), 0), [0.848528, 2.262742]); // 3 and 2 * 4 over sqrt(12.5)

const backend = tf.backend() as TensorflowBackend;
console.log(`verified on ${backend.isUsingGpuDevice ? 'GPU' : 'CPU'}`);

// --- helpers ---

function expectValues(name: string, tensor: tf.Tensor, expected: readonly number[]): void {
  const got = [...tensor.dataSync()];
  if (expected.some((value, i) => Math.abs(value - (got[i] ?? Number.NaN)) > 1e-4 || got[i] === undefined)) {
    throw new Error(`${name}: expected ${expected.join(' ')}, got ${got.join(' ')}`);
  }
}
