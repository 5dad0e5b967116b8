import { describe, expect, test } from 'vitest';
import { compareClose, numbersOf } from '../../src/box/close.ts';
import { TensorValue, tensor } from '../../src/box/values.ts';

const x = tensor([
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
  [
    [7, 8, 9],
    [10, 11, 12],
  ],
]);

describe('TensorValue', () => {
  test('reads elements by index, from the end too', () => {
    expect([x.at(1, 0, 2), x.at(-1, -1, -1), x.size, x.rank]).toEqual([9, 12, 12, 3]);
    expect(() => x.at(2, 0, 0)).toThrow('tensor index: expected inside [2, 2, 3], got [2, 0, 0]');
  });

  test('slices, with -1 for the rest', () => {
    expect(x.slice([0, 1, 1], [2, 1, -1]).toArray()).toEqual([[[5, 6]], [[11, 12]]]);
    expect(() => x.slice([0, 0, 2], [1, 1, 2])).toThrow(/inside/);
  });

  test('transposes like a slow loop', () => {
    const turned = x.transpose([2, 0, 1]);
    expect(turned.shape).toEqual([3, 2, 2]);
    for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) for (let k = 0; k < 3; k++) expect(turned.at(k, i, j)).toBe(x.at(i, j, k));
    expect(
      tensor([[1, 2]])
        .transpose()
        .toArray(),
    ).toEqual([[1], [2]]);
  });

  test('gathers, reshapes, maps, sets and joins without touching the original', () => {
    expect(x.gather([1, 1], 0).at(0, 0, 0)).toBe(7);
    expect(x.gather([2, 0], 2).slice([0, 0, 0], [1, 1, 2]).toArray()).toEqual([[[3, 1]]]);
    expect(x.reshape([4, -1]).shape).toEqual([4, 3]);
    expect(x.map((v) => -v).at(0, 0, 0)).toBe(-1);
    expect(x.set([0, 0, 0], 99).at(0, 0, 0)).toBe(99);
    const pair = TensorValue.concat(
      [
        tensor([[1], [2]]),
        tensor([
          [3, 4],
          [5, 6],
        ]),
      ],
      1,
    );
    expect(pair.toArray()).toEqual([
      [1, 3, 4],
      [2, 5, 6],
    ]);
    expect(x.at(0, 0, 0)).toBe(1);
  });

  test('refuses what is no tensor', () => {
    expect(() => tensor([[1], [2, 3]])).toThrow(/ragged/);
    expect(() => tensor([1, 2, 3], [2, 2])).toThrow('tensor: expected 4 values for shape [2, 2], got 3');
    expect(() => x.reshape([5, -1])).toThrow();
  });
});

describe('compareClose', () => {
  test('names the worst element, what was expected, what came and the worst error', () => {
    const got = tensor([
      [1, 2],
      [3, 4.5],
    ]);
    const { pass, message } = compareClose(
      got,
      tensor([
        [1, 2.1],
        [3, 4],
      ]),
    );
    expect(pass).toBe(false);
    expect(message).toBe('worst at [1, 1]: expected 4, got 4.5; error 0.5 (rtol 0.0001, atol 0.00001); 2 of 4 elements differ');
  });

  test('takes NaN for close to nothing, and infinities to themselves only', () => {
    expect(compareClose(tensor([Number.NaN]), tensor([Number.NaN])).pass).toBe(false);
    expect(compareClose(tensor([0, Number.NaN]), tensor([5, 1])).message).toMatch(/^worst at \[1\]: expected 1, got NaN/);
    expect(compareClose(tensor([Number.POSITIVE_INFINITY]), tensor([Number.POSITIVE_INFINITY])).pass).toBe(true);
    expect(compareClose(tensor([1e30]), tensor([Number.POSITIVE_INFINITY])).pass).toBe(false);
  });

  test('compares shapes before values', () => {
    expect(compareClose(tensor([1, 2]), tensor([[1, 2]])).message).toBe('expected shape [1, 2], got [2]');
  });

  test('keeps to its tolerances', () => {
    expect(compareClose(tensor([100.009]), tensor([100])).pass).toBe(true);
    expect(compareClose(tensor([100.02]), tensor([100])).pass).toBe(false);
    expect(compareClose(tensor([1.1]), tensor([1]), { rtol: 0, atol: 0.2 }).pass).toBe(true);
  });

  test('reads nested arrays and refuses ragged ones', () => {
    expect(numbersOf([[1, 2, 3]])).toEqual({ shape: [1, 3], values: [1, 2, 3] });
    expect(numbersOf([[1], [2, 3]])).toBeUndefined();
    expect(numbersOf({})).toBeUndefined();
  });
});
