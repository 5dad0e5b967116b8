import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { onEveryBackend } from '@llm-ladder/testing/every-backend';
import { describe, expect, test } from 'vitest';
import { generate, sample } from '../src/sampling.ts';

const half = () => 0.5;

onEveryBackend(() => {
  test('every backend draws the same ids for the same random numbers', () => {
    const logits = tf.tensor2d([[0, 1, 2, 3], [3, 2, 1, 0], [0, 0, 0, 0]]); // biome-ignore format: one row a line
    expect(sample(logits, { temp: 0, rng: half })).toBeAllClose([3, 0, 0]);
    expect(sample(logits, { temp: 1, rng: half })).toBeAllClose([3, 0, 2]);
    expect(sample(logits, { temp: 1, topK: 2, rng: half })).toBeAllClose([3, 0, 1]);
  });
});

describe('sample', () => {
  test('a chance of almost 1 gives the last id that may come, never one of probability 0', () => {
    const logits = tf.tensor2d([[0, 0, Number.NEGATIVE_INFINITY]]);
    expect(sample(logits, { temp: 1, rng: () => 1 - 2 ** -53 })).toBeAllClose([1]);
  });

  test('says which row is broken', () => {
    const logits = tf.tensor2d([[1, 2], [Number.NaN, 1]]); // biome-ignore format: one row a line
    expect(() => sample(logits, { temp: 1, rng: half })).toThrow('sample: expected logits with a finite largest, got NaN in row 1');
    expect(() => sample(logits, { temp: 1, topP: 0, rng: half })).toThrow('sample: expected 0 < topP <= 1, got 0');
  });
});

describe('generate', () => {
  test('keeps no tensors and takes a step that answers at once', async () => {
    const before = tf.memory().numTensors;
    const step = (rows: readonly (readonly number[])[]) => tf.tensor2d(rows.map(() => [0, 1, 2]));
    const answers = await generate(step, [[0], [1, 1]], { temp: 0, rng: half, maxNew: 3, stop: [], pad: 0 });
    expect(answers).toEqual([[2, 2, 2], [2, 2, 2]]); // biome-ignore format: one answer a row
    expect(tf.memory().numTensors).toBe(before);
  });
});
