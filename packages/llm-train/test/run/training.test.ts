/** A run that was stopped and went on equals the one that did not stop, to the bit. */
import { tf } from '@llm-ladder/backend';
import { onEveryBackend } from '@llm-ladder/testing/every-backend';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { load, save } from '../../src/checkpoint.ts';
import type { LlamaConfig } from '../../src/llama.ts';
import { ownCorpus, prepareData } from '../../src/run/learning-data.ts';
import { type Stage, Training } from '../../src/run/training.ts';

const size = { textBytes: 12_000, dialogues: 40, vocab: 300, rowLength: 49 };
const { data } = prepareData(ownCorpus(size, 3), size, { sft: true });
const cfg: LlamaConfig = {
  V: data.vocab.size,
  D: 12,
  L: 1,
  H: 3,
  G: 1,
  F: 16,
  maxLen: 64,
  eps: 1e-5,
  theta: 10_000,
  style: 'half',
  tied: true,
};
/** Epochs that end in the middle of a group: 5 rows for pretraining. */
const fewRows = { ...data.rows.pretrain, ids: data.rows.pretrain.ids.slice(0, 5 * 49) };
const stages: readonly Stage[] = [
  { name: 'pretrain', steps: 5, batch: 2, accum: 2, lr: 3e-2, rows: fewRows },
  { name: 'sft', steps: 4, batch: 3, accum: 1, lr: 1e-2, rows: data.rows.sft },
];

async function finish(training: Training): Promise<{ bytes: Uint8Array; losses: number[] }> {
  const losses: number[] = [];
  while (training.stage !== undefined) losses.push((await training.update()).loss);
  const bytes = save(training.state()); // weights, means, counts, the place in the data, the dice
  training.dispose();
  return { bytes, losses };
}

onEveryBackend(() => {
  test.each([1, 2, 4, 5, 7])('stopped after update %i', async (updates) => {
    const straight = await finish(Training.fresh(cfg, stages, 1));
    const first = Training.fresh(cfg, stages, 1);
    const losses: number[] = [];
    for (let at = 0; at < updates; at++) losses.push((await first.update()).loss);
    const bytes = save(first.state());
    first.dispose();
    const resumed = await finish(Training.restored(cfg, stages, load(bytes)));
    expect([...losses, ...resumed.losses]).toEqual(straight.losses);
    expect(Buffer.compare(resumed.bytes, straight.bytes)).toBe(0);
  });

  test('every part of the state is needed: without one of them the run ends elsewhere', async () => {
    const straight = await finish(Training.fresh(cfg, stages, 1));
    const first = Training.fresh(cfg, stages, 1);
    for (let at = 0; at < 3; at++) await first.update();
    const bytes = save(first.state());
    first.dispose();
    // biome-ignore lint/suspicious/noExplicitAny: the tree of a state
    const spoilt: ((state: any) => unknown)[] = [
      (state) => ({ ...state, dice: state.dice + 1 }),
      (state) => ({ ...state, cursor: { ...state.cursor, order: state.cursor.order.toReversed() } }),
      (state) => ({ ...state, cursor: { ...state.cursor, group: 0 } }),
      (state) => ({ ...state, adam: { ...state.adam, step: 0 } }),
      (state) => ({ ...state, adam: { ...state.adam, v: state.adam.m } }),
    ];
    for (const spoil of spoilt) {
      const { bytes: got } = await finish(Training.restored(cfg, stages, spoil(load(bytes)) as ReturnType<typeof load>));
      expect(Buffer.compare(got, straight.bytes)).not.toBe(0);
    }
  });
});

describe('Training', () => {
  let before: number;
  beforeEach(() => {
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  test('goes through all rows of an epoch, the last group being smaller, then through them in another order', async () => {
    const training = Training.fresh(cfg, [{ ...stages[0]!, steps: 6 }], 1);
    const tokens: number[] = [];
    while (training.stage !== undefined) tokens.push((await training.update()).tokens);
    expect(tokens.map((count) => count / 48)).toEqual([4, 1, 4, 1, 4, 1]);
    training.dispose();
  });

  test('the rate goes up, then down to a tenth, in each stage', async () => {
    const training = Training.fresh(cfg, stages, 1);
    const rates: number[] = [];
    while (training.stage !== undefined) rates.push((await training.update()).lr);
    expect(rates[0]).toBe(3e-2);
    expect(rates[4]).toBeCloseTo(3e-3, 10);
    expect(rates[5]).toBeCloseTo(1e-2, 10);
    expect(rates[8]).toBeCloseTo(1e-3, 10);
    training.dispose();
  });

  test('says so when a checkpoint is of another shape', () => {
    const other = Training.fresh({ ...cfg, D: 24 }, stages, 1);
    const bytes = save(other.state());
    other.dispose();
    const state = load(bytes);
    expect(() => Training.restored(cfg, stages, state)).toThrow('train --resume: expected a checkpoint of the shape');
    tf.disposeVariables();
    tf.dispose(state as unknown as tf.TensorContainer);
  });
});
