import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { onEveryBackend } from '@llm-ladder/testing/every-backend';
import { describe, expect, test } from 'vitest';
import { beam } from '../src/beam.ts';
import { generate } from '../src/sampling.ts';

/** Every row is followed by the same logits, a little lower for the id that it ends with. */
const step = (rows: readonly (readonly number[])[]) =>
  tf.tensor2d(rows.map((row) => [1, 1.1, 0.7, 0.9].map((z, id) => (id === row.at(-1) ? z - 1 : z))));

onEveryBackend(() => {
  test('one beam and sampling at temperature 0 say the same', async () => {
    const [answer] = await beam(step, { k: 1, maxLen: 5, alpha: 1, eos: 0 });
    const greedy = await generate(step, [[]], { temp: 0, rng: () => 0.5, maxNew: 5, stop: [0], pad: 0, includeStop: true });
    expect(answer!.ids).toEqual(greedy[0]);
  });

  test('keeps no tensors', async () => {
    const before = tf.memory().numTensors;
    await beam(step, { k: 3, maxLen: 4, alpha: 1, eos: 0 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('beam', () => {
  test('answers of all lengths compete, and no more than k come back', async () => {
    const answers = await beam(step, { k: 3, maxLen: 4, alpha: 0, eos: 0 });
    expect(answers).toHaveLength(3);
    expect(answers.map(({ score }) => score)).toEqual(answers.map(({ score }) => score).sort((a, b) => b - a));
    expect(answers[0]!.ids).toEqual([0]); // a plain sum favours the shortest
    expect((await beam(step, { k: 3, maxLen: 4, alpha: 2, eos: 0 }))[0]!.ids).toHaveLength(4);
  });

  test('takes a vocabulary of 49,152 ids and 8 beams', async () => {
    const logits = Float32Array.from({ length: 49_152 }, (_, id) => (id * 7919) % 49_152);
    const wide = (rows: readonly unknown[]) =>
      tf.concat2d(
        rows.map(() => tf.tensor2d(logits, [1, 49_152])),
        0,
      );
    const answers = await beam(wide, { k: 8, maxLen: 2, alpha: 1, eos: 0 });
    expect(answers[0]!.ids.map((id) => logits[id])).toEqual([49_151, 49_151]);
  });

  test('says what is wrong', async () => {
    await expect(beam(step, { k: 0, maxLen: 4, alpha: 1, eos: 0 })).rejects.toThrow('beam: expected a whole k >= 1, got 0');
    await expect(beam(() => tf.zeros([2, 3]), { k: 2, maxLen: 4, alpha: 1, eos: 0 })).rejects.toThrow(
      'beam: expected logits of 1 rows, got [2,3]',
    );
    await expect(beam(() => tf.fill([1, 3], Number.NaN), { k: 2, maxLen: 4, alpha: 1, eos: 0 })).rejects.toThrow(
      'beam: expected logits with a finite largest',
    );
  });
});
