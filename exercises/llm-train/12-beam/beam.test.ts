import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { beam } from './beam.ts';

// The table of the README: what follows each beginning.
const PROBABILITIES: Record<string, number[]> = { '': [0.1, 0.5, 0.4], '1': [0.4, 0.3, 0.3], '2': [0.9, 0.05, 0.05] };
const step = async (rows: readonly (readonly number[])[]) => tf.tensor2d(rows.map((row) => PROBABILITIES[row.join()]!.map(Math.log)));

describe('beam', () => {
  test('the worked numbers of the README', async () => {
    const answers = await beam(step, { k: 2, maxLen: 3, alpha: 0, eos: 0 });
    expect(answers.map(({ ids }) => ids)).toEqual([[2, 0], [1, 0]]); // biome-ignore format: one answer a row
    expect(answers.map(({ score }) => score)).toBeAllClose([-1.021651, -1.609438]);
    const means = await beam(step, { k: 2, maxLen: 2, alpha: 1, eos: 0 });
    expect(means.map(({ score }) => score)).toBeAllClose([-0.510826, -0.804719]);
  });

  test('one beam is greedy', async () => {
    expect(await beam(step, { k: 1, maxLen: 3, alpha: 0, eos: 0 })).toMatchObject([{ ids: [1, 0] }]);
  });

  test('what ended first does not stop the others', async () => {
    const after: Record<string, number[]> = { '': [0.5, 0.5], '1': [0.01, 0.99], '1,1': [0.99, 0.01] };
    const asked = async (rows: readonly (readonly number[])[]) => tf.tensor2d(rows.map((row) => after[row.join()]!.map(Math.log)));
    const [best] = await beam(asked, { k: 2, maxLen: 3, alpha: 1, eos: 0 }); // ln(.5 · .99 · .99) / 3 beats ln .5
    expect(best!.ids).toEqual([1, 1, 0]);
  });
});
