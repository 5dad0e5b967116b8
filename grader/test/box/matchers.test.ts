import { tf, useBackend } from '@llm-ladder/backend';
import '../../src/suite/matchers.ts';
import { beforeAll, expect, test } from 'vitest';

beforeAll(async () => {
  await useBackend('cpu');
});

test('tensors are compared with tensors and with nested arrays', () => {
  const x = tf.tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(x).toBeAllClose(
    tf.tensor([
      [1, 2],
      [3, 4.0001],
    ]),
  );
  expect(x).toBeAllClose([
    [1, 2],
    [3, 4],
  ]);
  expect(x).not.toBeAllClose([
    [1, 2],
    [3, 5],
  ]);
  expect(x).toHaveShape([2, 2]);
  expect(x).toBeFinite();
  expect(x).toBeNonZero();
  expect(3.00001).toBeAllClose(3);
});

test('a failure names index, expected, got and the worst error', () => {
  const got = tf.tensor([1, 2, 3]);
  expect(() => expect(got).toBeAllClose([1, 2.5, 3.1])).toThrow('worst at [1]: expected 2.5, got 2; error 0.5');
  expect(() => expect(got).toBeAllClose([[1, 2, 3]])).toThrow('expected shape [1, 3], got [3]');
  expect(() => expect(got).not.toBeAllClose([1, 2, 3])).toThrow('expected values that differ');
  expect(() => expect(got).toHaveShape([4])).toThrow('expected shape [4], got [3]');
  expect(() => expect(tf.tensor([1, Number.NaN])).toBeFinite()).toThrow('expected finite values, got [1]: NaN');
  expect(() => expect(tf.zeros([2])).toBeNonZero()).toThrow('2 zeros');
});

test('what is no tensor fails with and without not', () => {
  expect(() => expect({ out: 1 }).toBeAllClose([1])).toThrow('expected a tensor, got an object with keys out');
  expect(() => expect(undefined).not.toBeAllClose([1])).toThrow('expected a tensor, got undefined');
  expect(() => expect(Promise.resolve(1)).not.toBeAllClose([1])).toThrow('got a Promise');
});
