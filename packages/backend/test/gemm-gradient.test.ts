import { beforeAll, expect, test } from 'vitest';
import { registerGemm, registerMatMulGradient } from '../src/gemm/index.ts';
import { tf, useBackend } from '../src/index.ts';
import { type Matrices, random, size, slowMatMul, worstError } from './gemm-oracle.ts';

beforeAll(async () => {
  await useBackend('wasm');
  registerGemm();
  registerMatMulGradient();
});

/** Sums a product of the oracle down to `shape`: the transpose of broadcasting. */
function summed(x: ReturnType<typeof slowMatMul>, shape: readonly number[]) {
  const values = new Float64Array(size(shape));
  const scale = new Float64Array(size(shape));
  const offset = x.shape.length - shape.length;
  for (let i = 0; i < x.values.length; i++) {
    let rest = i;
    let to = 0;
    let stride = 1;
    for (let axis = x.shape.length - 1; axis >= offset; axis--) {
      const dim = shape[axis - offset]!;
      if (dim !== 1) to += (rest % x.shape[axis]!) * stride;
      stride *= dim;
      rest = Math.floor(rest / x.shape[axis]!);
    }
    values[to]! += x.values[i]!;
    scale[to]! += x.scale[i]!;
  }
  return { values, scale };
}

const swapped = ({ shape, values }: Matrices): Matrices => {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const [row, column] = [Math.floor((i % (rows * columns)) / columns), i % columns];
    out[i - (i % (rows * columns)) + column * rows + row] = values[i]!;
  }
  return { shape: [...shape.slice(0, -2), columns, rows], values: out };
};

const transposes = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;
const outers: [number[], number[]][] = [
  [[], []],
  [[2], [2]],
  [
    [2, 3],
    [2, 3],
  ],
  [[3], []],
  [[2, 3], []],
  [[], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[3], [2, 3]],
  [[1], [3]],
];

test.each(outers)(
  'the gradients of [%j, m, k] x [%j, k, n] are the products that calculus gives, summed over what was broadcast',
  (aOuter, bOuter) => {
    const [m, n, k] = [5, 7, 3];
    for (const [transposeA, transposeB] of transposes) {
      const a = random([...aOuter, ...(transposeA ? [k, m] : [m, k])], 3);
      const b = random([...bOuter, ...(transposeB ? [n, k] : [k, n])], 4);
      const [A, B] = [transposeA ? swapped(a) : a, transposeB ? swapped(b) : b];
      const dy = random(slowMatMul(A, B, false, false).shape, 5);
      // dA = dY B', dB = A' dY for the untransposed operands.
      const dA = slowMatMul(dy, B, false, true);
      const dB = slowMatMul(A, dy, true, false);
      const expectedA = summed(dA, A.shape);
      const expectedB = summed(dB, B.shape);
      const [gotA, gotB] = tf.tidy(() => {
        const grads = tf.grads((x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, transposeA, transposeB));
        const [da, db] = grads(
          [tf.tensor(a.values, [...a.shape]), tf.tensor(b.values, [...b.shape])],
          tf.tensor(dy.values, [...dy.shape]),
        ) as [tf.Tensor, tf.Tensor];
        expect(da.shape).toEqual(a.shape);
        expect(db.shape).toEqual(b.shape);
        return [da.dataSync() as Float32Array, db.dataSync() as Float32Array];
      });
      const plainA = transposeA ? swapped({ shape: a.shape, values: gotA! }).values : gotA!;
      const plainB = transposeB ? swapped({ shape: b.shape, values: gotB! }).values : gotB!;
      expect(worstError(plainA, expectedA)).toBeLessThan(2e-6);
      expect(worstError(plainB, expectedB)).toBeLessThan(2e-6);
      const off = Float32Array.from(plainB); // control
      off[2]! += 1e-3;
      expect(worstError(off, expectedB)).toBeGreaterThan(2e-6);
    }
  },
);

test('the second derivative goes through a product', () => {
  const value = tf.tidy(() => {
    const f = (x: tf.Tensor) => tf.sum(tf.matMul(tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D), x as tf.Tensor2D)) as tf.Scalar;
    return tf
      .grad((x: tf.Tensor) => tf.sum(tf.grad(f)(x)))(tf.tensor2d([[2]]))
      .dataSync()[0];
  });
  expect(value).toBeCloseTo(12, 4); // (x^3)'' = 6 x
});
