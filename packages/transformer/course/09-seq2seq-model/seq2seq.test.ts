import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { ceLoss, countParams, forward, initParams, type Seq2SeqConfig, shiftRight } from './seq2seq.ts';

const cfg: Seq2SeqConfig = { V: 5, D: 4, H: 2, F: 8, L: 1, norm: 'pre', padId: 0, bosId: 1, eosId: 2, tied: true };

describe('shiftRight', () => {
  test('puts BOS in front and drops the last id', () => {
    const shifted = shiftRight(tf.tensor2d([[5, 6, 2]], [1, 3], 'int32'), 1);
    expect(shifted).toBeAllClose([[1, 5, 6]]);
    expect(shifted.dtype).toBe('int32');
  });
});

describe('ceLoss', () => {
  test('the worked number of the README', () => {
    const logits = tf.tensor3d([0, 0, Math.log(3), 0, 7, 9], [1, 3, 2]);
    expect(ceLoss(logits, tf.tensor2d([0, 0, -100], [1, 3], 'int32'))).toBeAllClose(0.490415);
  });
});

describe('countParams', () => {
  test('the worked number of the README', () => {
    expect(countParams(cfg)).toBe(420);
  });
});

describe('forward', () => {
  test('gives one row of logits for each target position', () => {
    const weights = initParams(cfg, () => 0.3);
    const ids = (rows: number[][]) => tf.tensor2d(rows, undefined, 'int32');
    const logits = forward(ids([[3, 4, 2, 0], [4, 2, 0, 0]]), ids([[1, 4, 3], [1, 4, 0]]), weights, cfg); // biome-ignore format: one row per sentence
    expect(logits.shape).toEqual([2, 3, 5]);
  });
});
