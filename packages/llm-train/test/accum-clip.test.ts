import { tf, useBackend } from '@llm-ladder/backend';
import { beforeAll, describe, expect, test } from 'vitest';
import { AdamState, inGroups, parametersOf, trainStep } from '../src/accum-clip.ts';

const options = { clip: 1, lr: 0.01, wd: 0.1, betas: [0.9, 0.95], eps: 1e-8 } as const;

/** Squares of weight times x, and of bias: every row of the batch is a token. */
const lossFn = ({ weight, bias }: { weight: tf.Variable; bias: tf.Variable }, batch: tf.Tensor2D) => ({
  lossSum: batch.matMul(weight).add(bias).square().sum() as tf.Scalar,
  tokens: batch.shape[0],
});

beforeAll(async () => void (await useBackend('wasm')));

describe('AdamState', () => {
  test('an update keeps its two scalars, and the state is freed', () => {
    const params = fresh();
    const before = tf.memory().numTensors;
    const state = new AdamState(params);
    const batches = [tf.ones<tf.Rank.R2>([2, 3]), tf.ones<tf.Rank.R2>([4, 3])];
    for (const { loss, norm } of trainStep([batches, batches.slice(1)], params, state, options, lossFn)) tf.dispose([loss, norm]);
    tf.dispose(batches);
    state.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('trainStep', () => {
  test('brings a loss down', () => {
    const params = fresh();
    const state = new AdamState(params);
    const batch = tf.randomNormal<tf.Rank.R2>([8, 3], 0, 1, 'float32', 9);
    const reports = trainStep(Array.from({ length: 60 }, () => [batch]), params, state, { ...options, lr: 0.05 }, lossFn); // biome-ignore format: one call
    expect(reports.at(-1)!.loss.dataSync()[0]!).toBeLessThan(0.05 * reports[0]!.loss.dataSync()[0]!);
    expect(state.step).toBe(60);
  });
});

describe('parametersOf', () => {
  test('finds variables in objects and arrays, each once, and skips what is no variable', () => {
    const embed = tf.variable(tf.ones([2, 2]));
    const found = parametersOf({ embed, layers: [{ g: tf.variable(tf.ones([2])) }], head: embed, eps: 1e-5, note: null, extra: undefined });
    expect(found.map(({ shape }) => shape)).toEqual([[2, 2], [2]]);
  });
});

describe('inGroups', () => {
  test('says what accum must be', () => {
    expect(() => inGroups([1], 0)).toThrow('inGroups: expected a whole accum >= 1, got 0');
  });
});

// --- helpers ---

function fresh(): { weight: tf.Variable; bias: tf.Variable } {
  return { weight: tf.variable(tf.ones([3, 2])), bias: tf.variable(tf.zeros([2])) };
}
