import '@llm-ladder/grader/matchers';
import { tf, useBackend } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { dropout } from '../src/ffn.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('dropout', () => {
  test('one seed gives one mask, and another seed another', () => {
    const x = tf.ones([20, 30]);
    const mask = (draw: number) => [...dropout(x, 0.5, true, () => draw).dataSync()];
    expect(mask(0.25)).toEqual(mask(0.25));
    expect(mask(0.25)).not.toEqual(mask(0.75));
    expect(mask(0)).toEqual(mask(0)); // TF.js reads a seed of 0 as none
  });

  test('what dropout returns outside training may be disposed without harm to its input', () => {
    const x = tf.tensor1d([1, 2]);
    dropout(x, 0.5, false, () => 0.5).dispose();
    expect(x).toBeAllClose([1, 2]);
  });

  test('refuses a probability outside [0, 1)', () => {
    for (const p of [1, -0.1, Number.NaN]) expect(() => dropout(tf.ones([2]), p, true, () => 0.5)).toThrow(UsageError);
  });

  test('keeps the rank of its input in its type', () => {
    expectTypeOf(dropout(tf.ones([2, 4]) as tf.Tensor2D, 0.5, true, () => 0.5)).toEqualTypeOf<tf.Tensor2D>();
  });
});
