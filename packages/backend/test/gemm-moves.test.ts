/** The kernels of src/gemm/moves.ts against the cpu backend, which is plain JavaScript. */
import fc from 'fast-check';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { tf, useBackend } from '../src/index.ts';

beforeAll(async () => {
  await useBackend('cpu');
  await useBackend('wasm');
});
beforeEach(() => tf.setBackend('wasm').then(() => undefined));

type Dtype = 'float32' | 'int32' | 'bool';

function numbered(shape: number[], dtype: Dtype = 'float32'): tf.Tensor {
  const count = tf.util.sizeFromShape(shape);
  const values = Array.from({ length: count }, (_, i) => (dtype === 'bool' ? Number((i * 7) % 3 === 0) : i - 5));
  return tf.tensor(values, shape, dtype);
}

/** Runs on wasm and on cpu and compares shapes, dtypes and values. */
function agree(run: () => tf.Tensor[]): void {
  const results = ['wasm', 'cpu'].map((backend) => {
    tf.setBackend(backend);
    return tf.tidy(() => run().map((out) => ({ shape: out.shape, dtype: out.dtype, values: [...out.dataSync()] })));
  });
  tf.setBackend('wasm');
  expect(results[0]).toEqual(results[1]);
}

test('slice takes any block of any rank and dtype', () => {
  const seed = Number(process.env.LADDER_SEED ?? Date.now() % 2 ** 31);
  const dims = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(), fc.nat()), { minLength: 1, maxLength: 5 });
  const check = fc.property(dims, fc.constantFrom<Dtype>('float32', 'int32', 'bool'), (list, dtype) => {
    const shape = list.map(([dim]) => dim);
    const begin = list.map(([dim, b]) => b % dim);
    const size = list.map(([dim, b, s]) => s % (dim - (b % dim) + 1));
    agree(() => [tf.slice(numbered(shape, dtype), begin, size)]);
  });
  fc.assert(check, { seed, numRuns: 200 });
});

test('split and concat undo each other on every axis', () => {
  for (const dtype of ['float32', 'int32', 'bool'] as const) {
    for (const axis of [0, 1, 2, -1]) {
      agree(() => tf.split(numbered([4, 6, 8], dtype), 2, axis));
      agree(() => [tf.concat(tf.split(numbered([4, 6, 8], dtype), 2, axis), axis)]);
    }
    agree(() => tf.split(numbered([3, 70], dtype), [1, 64, 0, 5], 1));
    agree(() => [tf.concat([numbered([2, 1, 3], dtype), numbered([2, 4, 3], dtype), numbered([2, 0, 3], dtype)], 1)]);
  }
  agree(() => [tf.stack([numbered([2, 3]), numbered([2, 3])], 1), ...tf.unstack(numbered([2, 3, 4]), 1)]);
});

test('gather takes rows by any index, and refuses one that is outside', () => {
  agree(() => [
    tf.gather(
      numbered([5, 3]),
      tf.tensor2d(
        [
          [4, 0],
          [4, 2],
        ],
        [2, 2],
        'int32',
      ),
    ),
  ]);
  agree(() => [tf.gather(numbered([5, 3], 'bool'), [1, 1, 0]), tf.gather(numbered([5]), [3]), tf.gather(numbered([5, 3]), [2, 0], 1)]);
  const tensors = tf.memory().numTensors;
  for (const index of [5, -1]) expect(() => tf.tidy(() => tf.gather(numbered([5, 3]), [index]))).toThrow(/GatherV2/);
  expect(tf.memory().numTensors).toBe(tensors);
});

test('a slice that reaches outside is refused', () => {
  expect(() => tf.slice(numbered([4, 4]), [2, 0], [3, 4])).toThrow();
});

test('a clone outlives the original and shares no fate with it', () => {
  const x = tf.tensor([1, 2, 3]);
  const copy = x.clone();
  const same = x.cast('float32');
  x.dispose();
  tf.fill([3], 9).dispose(); // would land where x was
  expect([...copy.dataSync()]).toEqual([1, 2, 3]);
  copy.dispose();
  expect([...same.dataSync()]).toEqual([1, 2, 3]);
  same.dispose();
});

test('reading one row of a large tensor does not copy the tensor', () => {
  const x = tf.zeros([1 << 22, 2]);
  const backend = tf.backend() as unknown as { readSync: (id: object) => unknown };
  const readSync = backend.readSync;
  let copies = 0;
  backend.readSync = (id) => {
    copies += 1;
    return readSync.call(backend, id);
  };
  tf.slice(x, [5, 0], [1, 2]).dispose();
  backend.readSync = readSync;
  x.dispose();
  expect(copies).toBe(0);
});

test('moves keep no tensor and no memory', () => {
  const x = numbered([8, 4, 16]);
  const run = () =>
    tf.tidy(() =>
      tf
        .concat(tf.split(x.clone().cast('float32'), 2, 2), 2)
        .slice([1, 1, 1], [2, 2, 2])
        .gather([1, 0])
        .dispose(),
    );
  run();
  const before = { ...tf.memory(), data: tf.engine().backend.numDataIds() };
  for (let i = 0; i < 100; i++) run();
  expect({ ...tf.memory(), data: tf.engine().backend.numDataIds() }).toEqual(before);
  x.dispose();
});
