import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { AdamState, inGroups, parametersOf, trainStep } from './accum-clip.ts';

const options = { clip: 1, lr: 0.1, wd: 0, betas: [0.9, 0.99], eps: 1e-8 } as const;

/** The loss of a batch is the sum of weight times each of its numbers. */
const lossFn = ({ weight }: { weight: tf.Variable }, batch: number[]) => ({
  lossSum: weight.mul(batch.reduce((sum, x) => sum + x, 0)).sum() as tf.Scalar,
  tokens: batch.length,
});

describe('trainStep', () => {
  test('the worked number of the README', () => {
    const params = { weight: tf.variable(tf.tensor1d([1])) };
    const state = new AdamState(params);
    const [report] = trainStep([[[2, 2, 2, 2, 2], [9, 16]]], params, state, options, lossFn); // biome-ignore format: two micro-batches
    expect(report!.loss).toBeAllClose(5);
    expect(report!.norm).toBeAllClose(5);
    expect(state.m[0]!).toBeAllClose([0.1]); // a tenth of the clipped gradient, 1
    expect(params.weight).toBeAllClose([0.9]);
  });

  test('a second call goes on from the first', () => {
    const params = { weight: tf.variable(tf.tensor1d([1])) };
    const state = new AdamState(params);
    for (let call = 0; call < 2; call++) trainStep([[[2]]], params, state, options, lossFn);
    expect(state.step).toBe(2);
    expect(params.weight).toBeAllClose([0.8]);
  });
});

describe('parametersOf and inGroups', () => {
  test('a tied weight is one weight', () => {
    const embed = tf.variable(tf.ones([3, 2]));
    expect(parametersOf({ embed, layers: [{ g: tf.variable(tf.ones([2])) }], head: embed })).toHaveLength(2);
  });

  test('the last group holds what is left', () => {
    expect(inGroups([1, 2, 3], 2)).toEqual([[1, 2], [3]]);
  });
});
