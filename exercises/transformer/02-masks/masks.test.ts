import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { causalMask, combine, paddingMask } from './masks.ts';

const X = -1e9; // hidden

describe('causalMask', () => {
  test('three tokens: each sees itself and what came before', () => {
    expect(causalMask(3, 3, 0)).toBeAllClose([
      [
        [
          [0, X, X],
          [0, 0, X],
          [0, 0, 0],
        ],
      ],
    ]);
  });

  test('two new tokens after two old ones', () => {
    expect(causalMask(2, 4, 2)).toBeAllClose([
      [
        [
          [0, 0, 0, X],
          [0, 0, 0, 0],
        ],
      ],
    ]);
  });
});

describe('paddingMask', () => {
  test('sentences of 3 and 1 tokens, padded to 3', () => {
    expect(paddingMask([3, 1], 3)).toBeAllClose([[[[0, 0, 0]]], [[[0, X, X]]]]);
  });
});

describe('combine', () => {
  test('a key hidden twice is still -1e9', () => {
    expect(combine(tf.tensor4d([0, 0, X, X], [1, 1, 1, 4]), tf.tensor4d([0, X, 0, X], [1, 1, 1, 4]))).toBeAllClose([[[[0, X, X, X]]]]);
  });

  test('masks of different shapes meet at [B, 1, Tq, Tk]', () => {
    expect(combine(causalMask(3, 3, 0), paddingMask([3, 1], 3)).shape).toEqual([2, 1, 3, 3]);
  });
});
