import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { decodeStep, prefill } from './kv-cache.ts';

const cfg = { V: 7, D: 12, L: 2, H: 3, G: 1, F: 20, maxLen: 16, eps: 1e-5, theta: 10_000, style: 'half', tied: true } as const;
const matrix = (rows: number, columns: number) => tf.randomNormal<tf.Rank.R2>([rows, columns], 0, 0.3);
const w = {
  embed: matrix(7, 12),
  layers: [1, 2].map(() => ({
    attnNorm: tf.ones<tf.Rank.R1>([12]),
    attn: { Wq: matrix(12, 12), Wk: matrix(12, 4), Wv: matrix(12, 4), Wo: matrix(12, 12) },
    ffnNorm: tf.ones<tf.Rank.R1>([12]),
    ffn: { w1: matrix(12, 20), w2: matrix(20, 12), w3: matrix(12, 20) },
  })),
  norm: tf.ones<tf.Rank.R1>([12]),
};
const ids = (...values: number[]) => tf.tensor2d([values], [1, values.length], 'int32');

describe('prefill', () => {
  test('gives one row of logits and a cache of all places', () => {
    const { logits, cache } = prefill(ids(1, 4, 2), w, cfg);
    expect(logits.shape).toEqual([1, 7]);
    expect(cache.length).toBe(3);
    expect(cache.layers[1]?.k.shape).toEqual([1, 3, 1, 4]); // one key head, not three
  });

  test('padding on the left changes nothing', () => {
    const { logits } = prefill(ids(0, 0, 1, 4, 2), w, cfg, { pads: [2] });
    expect(logits).toBeAllClose(prefill(ids(1, 4, 2), w, cfg).logits);
  });
});

describe('decodeStep', () => {
  test('equals reading everything anew', () => {
    const { cache } = prefill(ids(1, 4), w, cfg);
    const step = decodeStep(ids(2), cache, ids(2), w, cfg); // id 2 stands at position 2
    expect(step.logits).toBeAllClose(prefill(ids(1, 4, 2), w, cfg).logits);
    expect(step.cache.length).toBe(3);
  });
});
