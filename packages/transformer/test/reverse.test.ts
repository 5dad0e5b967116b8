import '@llm-ladder/grader/matchers';
import { tf, useBackend } from '@llm-ladder/backend';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawStrings, greedyDecode, makeBatch, type ReverseConfig, shareRight, trainReverse } from '../src/reverse.ts';
import { initParams } from '../src/seq2seq.ts';

const cfg: ReverseConfig = {
  ...{ V: 13, D: 64, H: 4, F: 256, L: 1, norm: 'pre', padId: 0, bosId: 1, eosId: 2, tied: true },
  ...{ steps: 300, batch: 64, lr: 3e-3, warmup: 15 },
};
const tiny: ReverseConfig = { ...cfg, D: 8, H: 2, F: 16, steps: 4, batch: 3, warmup: 2 };

beforeAll(async () => void (await useBackend('wasm'))); // the default; training on the others is the benchmark's business

describe('trainReverse', () => {
  test('learns to reverse strings that it never trained on', { timeout: 240_000 }, async () => {
    const model = await trainReverse(cfg, mulberry(7));
    const strings = drawStrings(cfg, 300, mulberry(8), 'held out');
    expect(shareRight(strings, model.translate(strings))).toBeGreaterThanOrEqual(0.95);
    model.dispose();
  });

  test('the same rng gives the same model', async () => {
    const strings = drawStrings(tiny, 20, mulberry(3), 'held out');
    const [first, second] = [await trainReverse(tiny, mulberry(1)), await trainReverse(tiny, mulberry(1))];
    expect(first.translate(strings)).toEqual(second.translate(strings));
    first.dispose();
    second.dispose();
  });

  test('gives back every tensor', async () => {
    const before = tf.memory().numTensors;
    const model = await trainReverse(tiny, mulberry(1));
    model.translate(drawStrings(tiny, 5, mulberry(2), 'train'));
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a warm-up longer than the training does not turn the rate negative', async () => {
    const model = await trainReverse({ ...tiny, steps: 3, warmup: 50 }, mulberry(1));
    expect(model.translate([[3, 4, 5]])).toHaveLength(1);
    model.dispose();
  });
});

describe('greedyDecode', () => {
  test('takes no strings, an empty string and strings of unequal length', () => {
    const weights = initParams(tiny, mulberry(4));
    expect(greedyDecode([], weights, tiny)).toEqual([]);
    expect(greedyDecode([[], [3, 4, 5, 6], [7]], weights, tiny)).toHaveLength(3);
  });
});

describe('drawStrings', () => {
  test('held-out strings and training strings never meet', () => {
    const key = (string: number[]) => string.join();
    const heldOut = new Set(drawStrings(cfg, 300, mulberry(5), 'held out').map(key));
    expect(drawStrings(cfg, 3000, mulberry(6), 'train').filter((string) => heldOut.has(key(string)))).toEqual([]);
  });

  test('strings have 3 to 6 symbols and nothing special', () => {
    for (const string of drawStrings(cfg, 200, mulberry(7), 'train')) {
      expect(string.length).toBeGreaterThanOrEqual(3);
      expect(string.length).toBeLessThanOrEqual(6);
      expect(Math.min(...string)).toBeGreaterThan(2);
    }
  });
});

describe('makeBatch', () => {
  test('pads with PAD on the way in and with -100 in the labels', () => {
    const { src, tgtIn, labels } = makeBatch([[5, 9, 4], [7, 3, 8, 8]], cfg); // biome-ignore format: two strings
    expect(src).toBeAllClose([[5, 9, 4, 0], [7, 3, 8, 8]]); // biome-ignore format: one row per string
    expect(labels).toBeAllClose([[4, 9, 5, 2, -100], [8, 8, 3, 7, 2]]); // biome-ignore format: one row per string
    expect(tgtIn).toBeAllClose([[1, 4, 9, 5, 2], [1, 8, 8, 3, 7]]); // biome-ignore format: one row per string
  });
});

// --- helpers ---

/** A seeded generator of numbers in [0, 1) (mulberry32). */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
