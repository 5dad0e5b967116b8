/** The wasm backend with threads: its memory is shared, every kernel works in it, and products come out as on one thread, bit for bit. */
import { beforeAll, describe, expect, test } from 'vitest';
import { memoryOf } from '../src/gemm/heap.ts';
import { isShared } from '../src/gemm/module.ts';
import { shareMemory } from '../src/gemm/shared-memory.ts';
import { deviceInfo, tf, useBackend } from '../src/index.ts';
import { cases, forwardProblem, gradientProblem } from './cases.ts';
import { random, slowMatMul, worstError } from './gemm-oracle.ts';

beforeAll(() => useBackend('wasm', { threads: 3 }));

test('the memory is shared', () => {
  expect(isShared(memoryOf(tf.backend() as never)!)).toBe(true);
});

test.each([
  [[], 301, 129, 77],
  [[7], 65, 67, 66], // seven matrices for three threads
  [[2, 2], 9, 700, 130],
])('batch [%s] of %i x %i products of %i terms agrees with float64, on every transpose', (outer, m, n, k) => {
  for (const [transposeA, transposeB] of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const) {
    const a = random([...outer, ...(transposeA ? [k, m] : [m, k])], m);
    const b = random([...outer, ...(transposeB ? [n, k] : [k, n])], n);
    const expected = slowMatMul(a, b, transposeA, transposeB);
    const got = tf.tidy(() =>
      tf.matMul(tf.tensor(a.values, [...a.shape]), tf.tensor(b.values, [...b.shape]), transposeA, transposeB).dataSync(),
    );
    expect(worstError(got, expected)).toBeLessThan(2e-6);
  }
});

test('a product that threads share equals, to the bit, the rows computed one by one', () => {
  const [m, n, k] = [256, 160, 128];
  const a = tf.tensor2d(random([m, k], 5).values, [m, k]);
  const b = tf.tensor2d(random([k, n], 6).values, [k, n]);
  const whole = tf.matMul(a, b).dataSync();
  const few = 16; // 16 * 160 * 128 multiply-adds stay on one thread
  for (let row = 0; row < m; row += few) {
    const part = tf.matMul(tf.slice(a, [row, 0], [few, k]), b).dataSync();
    expect(part).toEqual(whole.subarray(row * n, (row + few) * n));
  }
});

test('products stay right after the memory has grown', () => {
  const big = tf.ones([64, 1024, 1024]); // 256 MB: the heap begins with 16
  const [a, b] = [tf.ones([300, 200]) as tf.Tensor2D, tf.ones([200, 100]) as tf.Tensor2D];
  expect(tf.min(tf.matMul(a, b)).dataSync()[0]).toBe(200);
  expect(tf.max(tf.matMul(a, b)).dataSync()[0]).toBe(200);
  expect(tf.sum(big).dataSync()[0]).toBe(2 ** 26);
  big.dispose();
});

describe('every op of the course in shared memory', () => {
  const tolerance = { rtol: 1e-4, atol: 2e-5 };
  test.each([...new Set(cases.map(({ op }) => op))])('%s equals PyTorch', async (op) => {
    for (const c of cases.filter((candidate) => candidate.op === op)) {
      expect(await forwardProblem(c, tolerance)).toBeUndefined();
      if (c.grads !== undefined) expect(await gradientProblem(c, tolerance)).toBeUndefined();
    }
  });
});

test('the device says how many threads there are', async () => {
  expect((await deviceInfo()).device).toMatch(/^WASM, .*, 3 threads$/);
});

test('a number of threads that is none is refused', async () => {
  await expect(useBackend('wasm', { threads: 0 })).rejects.toThrow('useBackend: threads: expected a whole number from 1, got 0');
});

test('shareMemory flips the flag of a memory with a maximum, and leaves everything else alone', () => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const own = Uint8Array.from([...header, 1, 1, 0, 5, 4, 1, 1, 2, 3]); // an empty type section, then one memory of 2 to 3 pages
  expect([...shareMemory(own)]).toEqual([...own].map((byte, at) => (at === 14 ? 3 : byte)));
  const imported = Uint8Array.from([...header, 2, 9, 1, 1, 0x65, 1, 0x6d, 2, 1, 0, 5]); // "e" "m", memory of 0 to 5 pages
  expect([...shareMemory(imported)]).toEqual([...imported].map((byte, at) => (at === 16 ? 3 : byte)));
  const open = Uint8Array.from([...header, 5, 3, 1, 0, 2]); // no maximum: cannot be shared
  expect(shareMemory(open)).toBe(open);
});
