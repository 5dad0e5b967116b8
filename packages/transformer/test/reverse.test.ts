import { useBackend } from '@llm-ladder/backend';
import { seeded } from '@llm-ladder/testing/seeded';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawStrings, greedyDecode, type ReverseConfig, trainReverse } from '../src/reverse.ts';
import { initParams } from '../src/seq2seq.ts';

const cfg: ReverseConfig = {
  ...{ V: 13, D: 64, H: 4, F: 256, L: 1, norm: 'pre', padId: 0, bosId: 1, eosId: 2, tied: true },
  ...{ steps: 300, batch: 64, lr: 3e-3, warmup: 15 },
};
const tiny: ReverseConfig = { ...cfg, D: 8, H: 2, F: 16, steps: 4, batch: 3, warmup: 2 };

beforeAll(async () => void (await useBackend('wasm'))); // the default; training on the others is the benchmark's business

describe('trainReverse', () => {
  test('the same rng gives the same model', async () => {
    const strings = drawStrings(tiny, 20, seeded(3), 'held out');
    const [first, second] = [await trainReverse(tiny, seeded(1)), await trainReverse(tiny, seeded(1))];
    expect(first.translate(strings)).toEqual(second.translate(strings));
    first.dispose();
    second.dispose();
  });

  test('a warm-up longer than the training does not turn the rate negative', async () => {
    const model = await trainReverse({ ...tiny, steps: 3, warmup: 50 }, seeded(1));
    expect(model.translate([[3, 4, 5]])).toHaveLength(1);
    model.dispose();
  });
});

describe('greedyDecode', () => {
  test('takes no strings, an empty string and strings of unequal length', () => {
    const weights = initParams(tiny, seeded(4));
    expect(greedyDecode([], weights, tiny)).toEqual([]);
    expect(greedyDecode([[], [3, 4, 5, 6], [7]], weights, tiny)).toHaveLength(3);
  });
});

describe('drawStrings', () => {
  test('held-out strings and training strings never meet', () => {
    const key = (string: number[]) => string.join();
    const heldOut = new Set(drawStrings(cfg, 300, seeded(5), 'held out').map(key));
    expect(drawStrings(cfg, 3000, seeded(6), 'train').filter((string) => heldOut.has(key(string)))).toEqual([]);
  });

  test('strings have 3 to 6 symbols and nothing special', () => {
    for (const string of drawStrings(cfg, 200, seeded(7), 'train')) {
      expect(string.length).toBeGreaterThanOrEqual(3);
      expect(string.length).toBeLessThanOrEqual(6);
      expect(Math.min(...string)).toBeGreaterThan(2);
    }
  });
});
