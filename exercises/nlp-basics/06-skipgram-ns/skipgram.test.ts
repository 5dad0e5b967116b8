import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { drawNegatives, negTable, pairs, sgnsLoss, trainSkipgram } from './skipgram.ts';

const ids = (list: number[]) => tf.tensor1d(list, 'int32');

describe('sgnsLoss', () => {
  test('the worked number of the README', () => {
    const [Win, Wout] = [tf.tensor2d([[1, 0]]), tf.tensor2d([[2, 0], [0, 3]])]; // biome-ignore format: one line
    const both = tf.concat([Win, Win], 0) as tf.Tensor2D; // two words, of which the first is in the middle
    expect(sgnsLoss(ids([0]), ids([0]), tf.tensor2d([[1]], [1, 1], 'int32'), both, Wout)).toBeAllClose(0.820075);
  });
});

describe('pairs', () => {
  test('three words and a window of 1', () => {
    const { center, ctx } = pairs([[5, 6, 7]], 1, () => 0.5);
    const found = [...center].map((word, i) => `${word} ${ctx[i]}`);
    expect(found.sort()).toEqual(['5 6', '6 5', '6 7', '7 6']);
  });
});

describe('negTable', () => {
  test('the worked number of the README', () => {
    expect(negTable([16, 1, 81])).toBeAllClose([8 / 36, 9 / 36, 1]);
  });

  test('a number finds the first word whose entry lies above it', () => {
    const numbers = [0, 0.23, 0.25, 0.999];
    expect([...drawNegatives(negTable([16, 1, 81]), 4, () => numbers.shift()!)]).toEqual([0, 1, 2, 2]);
  });
});

describe('trainSkipgram', () => {
  test('gives a vector for each word', () => {
    const cfg = { V: 3, D: 4, window: 1, negatives: 2, epochs: 1, batch: 2, lr: 0.1 };
    const vectors = trainSkipgram([[0, 1, 2], [2, 1]], cfg, () => 0.37); // biome-ignore format: one line
    expect(vectors).toHaveShape([3, 4]);
    expect(vectors).toBeFinite();
  });
});
