import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { bilmLayers, bilmLoss, initBilm, reverseRows, scalarMix } from './bilm.ts';

const weights = initBilm({ V: 9, D: 4, L: 2 }, Math.random);
const ids = tf.tensor2d([[3, 5, 8, 0, 0], [6, 3, 4, 7, 2]], undefined, 'int32'); // biome-ignore format: one row per sentence
const mask = tf.tensor2d([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]); // biome-ignore format: one row per sentence

describe('reverseRows', () => {
  test('each row by its own length', () => {
    const rows = tf.tensor3d([1, 2, 3, 9, 9, 4, 5, 6, 7, 8], [2, 5, 1]);
    expect(reverseRows(rows, mask).reshape([2, 5])).toBeAllClose([[3, 2, 1, 9, 9], [8, 7, 6, 5, 4]]); // biome-ignore format: one row per sentence
  });
});

describe('bilmLayers', () => {
  test('has the embedding and two LSTM layers, forward and backward side by side', () => {
    expect(bilmLayers(ids, mask, weights).shape).toEqual([3, 2, 5, 8]);
  });
});

describe('bilmLoss', () => {
  test('is ln V while every guess is uniform', () => {
    expect(bilmLoss(ids, mask, { ...weights, head: tf.zeros([4, 9]) })).toBeAllClose(Math.log(9));
  });
});

describe('scalarMix', () => {
  test('the worked number of the README', () => {
    const layers = tf.tensor4d([2, 10], [2, 1, 1, 1]);
    expect(scalarMix(layers, tf.tensor1d([Math.log(3), 0]), tf.scalar(2))).toBeAllClose([[[8]]]);
  });
});
