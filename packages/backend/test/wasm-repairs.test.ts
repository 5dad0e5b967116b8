/**
 * Dtypes, ranks and empty tensors that the PyTorch fixtures do not reach, with the cpu backend as the second opinion; and that no kernel writes past its
 * output: stock TF.js does for bools, and the process hangs in the allocator much later.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { tf, useBackend } from '../src/index.ts';

type Result = tf.Tensor | tf.Tensor[];
type DType = 'float32' | 'int32' | 'bool';

/** The same values for the same shape and dtype, whatever the backend. */
function values(shape: number[], dtype: DType = 'float32'): tf.Tensor {
  const size = shape.reduce((n, s) => n * s, 1);
  let state = 7 + size;
  const next = () => {
    state = (state * 16807) % 2147483647;
    return dtype === 'bool' ? state % 2 : dtype === 'int32' ? (state % 19) - 9 : (state % 2000) / 500 - 2;
  };
  return tf.tensor(Array.from({ length: size }, next), shape, dtype);
}

const ids = () => tf.tensor2d([0, 3, 1, 1], [2, 2], 'int32');

const everyDtype: Record<string, (d: DType) => Result> = {
  'transpose of rank 5': (d) => values([2, 3, 2, 2, 3], d).transpose([4, 0, 2, 1, 3]),
  'slice of rank 5': (d) => values([2, 3, 2, 4, 3], d).slice([0, 1, 0, 1, 1], [2, 2, 1, 3, 2]),
  'slice of nothing': (d) => values([2, 3], d).slice([0, 1], [2, 0]),
  'concat with an empty cache': (d) => tf.concat([values([2, 0, 3], d), values([2, 2, 3], d)], 1),
  'concat of rank 5': (d) => tf.concat([values([2, 1, 2, 1, 2], d), values([2, 1, 2, 2, 2], d)], 3),
  stack: (d) => tf.stack([values([2, 3], d), values([2, 3], d)], -1),
  unstack: (d) => tf.unstack(values([2, 3], d), -1),
  split: (d) => tf.split(values([2, 6], d), 3, -1),
  tile: (d) => tf.tile(values([2, 1, 3], d), [1, 2, 2]),
  gather: (d) => tf.gather(values([4, 3], d), ids()),
  'gather per batch': (d) => tf.gather(values([2, 4, 3], d), ids(), 1, 1),
  'gather of nothing': (d) => tf.gather(values([4, 3], d), tf.tensor1d([], 'int32')),
  gatherND: (d) => tf.gatherND(values([3, 3], d), tf.tensor2d([1, 2, 0, 0], [2, 2], 'int32')),
  scatterND: (d) => tf.scatterND(tf.tensor2d([1, 0], [2, 1], 'int32'), values([2, 3], d), [3, 3]),
  where: (d) => tf.where(values([2, 3], 'bool'), values([2, 3], d), values([3], d)),
  reverse: (d) => tf.reverse(values([2, 3, 4], d), [0, -1]),
  pad: (d) => tf.pad(values([1, 2, 1, 2], d), [[1, 0], [0, 2], [0, 0], [1, 1]]), // biome-ignore format: pairs
  broadcastTo: (d) => tf.broadcastTo(values([2, 1, 3], d), [2, 2, 2, 3]),
  stridedSlice: (d) => tf.stridedSlice(values([4, 6], d), [3, 1], [-5, 6], [-1, 2]),
  equal: (d) => tf.equal(values([2, 3], d), values([3], d)),
  oneHot: (d) => tf.oneHot(ids(), 3, 1, 0, d),
  'cast to float32': (d) => values([2, 3], d).cast('float32'),
  'cast to int32': (d) => values([2, 3], d).cast('int32'),
  'cast to bool': (d) => values([2, 3], d).cast('bool'),
  'eye, batched': (d) => tf.eye(3, 3, [2], d),
  'sum of nothing': (d) => values([2, 0], d).sum(1),
  bandPart: (d) => tf.linalg.bandPart(values([3, 3], d), -1, 0),
};

const numbers: Record<string, (d: DType) => Result> = {
  'sum over two axes': (d) => tf.sum(values([2, 3, 4], d), [0, -1]),
  'mean of rank 5, kept': (d) => tf.mean(values([2, 3, 2, 2, 2], d), [1, 3], true),
  'max over two axes': (d) => tf.max(values([2, 3, 4], d), [0, -1]),
  'argMax over the first axis': (d) => tf.argMax(values([3, 4, 2], d), 0),
  'argMax of equal values takes the first': (d) => tf.argMax(tf.tensor1d([1, 3, 3, 2], d)),
  'topk of equal values takes the first': (d) => Object.values({ ...tf.topk(tf.tensor2d([[1, 1, 2, 2]], [1, 4], d), 3) }),
  'cumsum in the middle': (d) => tf.cumsum(values([2, 3, 4], d), 1),
  clipByValue: (d) => tf.clipByValue(values([2, 3], d), -2, 2),
  maximum: (d) => tf.maximum(values([2, 1, 3], d), values([4, 1], d)),
  'mod of negative numbers': (d) => tf.mod(values([2, 3], d), tf.scalar(3, d)),
  'sub of nothing': (d) => tf.sub(values([0, 3], d), values([3], d)),
};

const floats: Record<string, () => Result> = {
  'one-hot with other values than 1 and 0': () => tf.oneHot(ids(), 4, 0.9, 0.025, 'float32'),
  'a product over nothing': () => tf.matMul(values([2, 0]), values([0, 3])),
  'scores against an empty cache': () => tf.matMul(values([1, 2, 3, 4]), values([1, 2, 0, 4]), false, true),
  'softmax with a masked value': () => tf.softmax(tf.tensor2d([[0, Number.NEGATIVE_INFINITY, 1]])),
  'the mean of a million values': () => tf.mean(tf.fill([1000, 1000], 0.1)),
  'the sum of long rows': () => tf.sum(tf.fill([2, 100_001], 0.1), -1, true),
  'add of rank 6': () => tf.add(values([1, 2, 1, 2, 1, 2]), values([2, 1, 1, 1, 2, 1])),
  'a product of rank 5': () => tf.matMul(values([2, 1, 2, 3, 2]), values([2, 1, 2, 2, 3])),
};

const calls: [string, () => Result][] = [
  ...Object.entries(everyDtype).flatMap(([name, call]) =>
    (['float32', 'int32', 'bool'] as const).map((d) => [`${name} (${d})`, () => call(d)] as [string, () => Result]),
  ),
  ...Object.entries(numbers).flatMap(([name, call]) =>
    (['float32', 'int32'] as const).map((d) => [`${name} (${d})`, () => call(d)] as [string, () => Result]),
  ),
  ...Object.entries(floats),
];

const expected = new Map<string, unknown>();
await useBackend('cpu');
for (const [name, call] of calls) expected.set(name, read(call()));

describe('wasm agrees with cpu', () => {
  beforeAll(() => useBackend('wasm'));

  test.each(calls)('%s', (name, call) => {
    expect(read(call())).toEqual(expected.get(name));
  });
});

test('no kernel writes past the end of its output, and the guard would see it', async () => {
  await useBackend('wasm');
  const guard = guardHeap();
  for (const [name, call] of calls) {
    read(call());
    expect(guard.overrun(), name).toBeUndefined();
  }
  const { address, size } = guard.anyBuffer();
  guard.heap()[address + size] = 1;
  expect(guard.overrun()).toBeDefined();
  guard.remove();
});

// --- helpers ---

/** Shapes, dtypes and values, rounded to what the order of a float32 sum may change. */
function read(result: Result): unknown {
  return (Array.isArray(result) ? result : [result]).map((t) => ({
    shape: t.shape,
    dtype: t.dtype,
    values: [...t.dataSync()].map((v) => (t.dtype === 'float32' && Number.isFinite(v) ? Number(v.toPrecision(4)) + 0 : v)),
  }));
}

interface Heap {
  HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** Puts 64 marked bytes behind every buffer that TF.js asks for. */
function guardHeap() {
  const wasm = (tf.backend() as unknown as { wasm: Heap }).wasm;
  tf.tensor1d([1]).dispose(); // Emscripten replaces its own _malloc and _free at their first call
  const { _malloc, _free } = wasm;
  const mark = 0xab;
  const sizes = new Map<number, number>();
  wasm._malloc = (bytes) => {
    const address = _malloc(bytes + 64) >>> 0;
    wasm.HEAPU8.fill(mark, address + bytes, address + bytes + 64);
    sizes.set(address, bytes);
    return address;
  };
  wasm._free = (address) => {
    sizes.delete(address >>> 0);
    _free(address);
  };
  return {
    heap: () => wasm.HEAPU8,
    anyBuffer: () => {
      const [address, size] = [...sizes][0]!;
      return { address, size };
    },
    overrun: () =>
      [...sizes].find(([address, size]) => wasm.HEAPU8.subarray(address + size, address + size + 64).some((byte) => byte !== mark)),
    remove: () => Object.assign(wasm, { _malloc, _free }),
  };
}
