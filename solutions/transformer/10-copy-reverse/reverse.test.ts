import '@llm-ladder/grader/matchers';
import { describe, expect, test } from 'vitest';
import { drawStrings, makeBatch, type ReverseConfig, trainReverse } from './reverse.ts';

const cfg: ReverseConfig = {
  ...{ V: 13, D: 8, H: 2, F: 16, L: 1, norm: 'pre', padId: 0, bosId: 1, eosId: 2, tied: true },
  ...{ steps: 3, batch: 4, lr: 3e-3, warmup: 2 },
};

describe('makeBatch', () => {
  test('the worked number of the README', () => {
    const { src, tgtIn, labels } = makeBatch([[5, 9, 4], [7, 3, 8, 8]], cfg); // biome-ignore format: two strings
    expect(src).toBeAllClose([[5, 9, 4, 0], [7, 3, 8, 8]]); // biome-ignore format: one row per string
    expect(labels).toBeAllClose([[4, 9, 5, 2, -100], [8, 8, 3, 7, 2]]); // biome-ignore format: one row per string
    expect(tgtIn).toBeAllClose([[1, 4, 9, 5, 2], [1, 8, 8, 3, 7]]); // biome-ignore format: one row per string
  });
});

describe('trainReverse', () => {
  test('gives one answer for each string, also after three steps', async () => {
    const model = await trainReverse(cfg, Math.random);
    const strings = drawStrings(cfg, 5, Math.random, 'held out');
    expect(model.translate(strings)).toHaveLength(5);
    expect(model.translate([])).toEqual([]);
    model.dispose();
  });
});
