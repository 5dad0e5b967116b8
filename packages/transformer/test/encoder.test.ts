import '@llm-ladder/grader/matchers';
import { tf, useBackend } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { seeded } from '@llm-ladder/testing/seeded';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type EncoderLayerWeights, encoder, encoderLayer } from '../src/encoder.ts';
import { initParams } from '../src/seq2seq.ts';

await useBackend('wasm');
const weights = initParams({ V: 9, D: 12, H: 3, F: 20, L: 2, norm: 'pre', padId: 0, bosId: 1, eosId: 2, tied: true }, seeded(1)).encoder;
const x = tf.randomNormal<tf.Rank.R3>([2, 5, 12], 0, 1, 'float32', 2);

describe('encoder', () => {
  test('dropout repeats with the same rng and differs with another', () => {
    const run = (seed: number) => encoder(x, weights, { H: 3, norm: 'pre', dropout: 0.3, training: true, rng: seeded(seed) });
    expect(run(3)).toBeAllClose(run(3), { rtol: 0, atol: 0 });
    expect(run(3)).not.toBeAllClose(run(4));
  });

  test('a stack without layers gives a tensor of its own', () => {
    const input = tf.ones<tf.Rank.R3>([1, 2, 4]);
    const out = encoder(input, { layers: [] }, { H: 2, norm: 'post' });
    input.dispose();
    expect(out).toBeAllClose(tf.ones([1, 2, 4]));
    expectTypeOf(out).toEqualTypeOf<tf.Tensor3D>();
  });

  test('training with dropout and no rng says so', () => {
    const run = () => encoderLayer(x, weights.layers[0]!, { H: 3, norm: 'pre', dropout: 0.1, training: true });
    expect(run).toThrow(UsageError);
    expect(run).toThrow('dropout: expected an rng in the options while training, got none');
  });

  test('a layer needs all its weights', () => {
    // @ts-expect-error -- ln2 is missing
    const incomplete: EncoderLayerWeights = { attn: {} as never, ffn: {} as never, ln1: {} as never };
    expect(incomplete).toBeDefined();
  });
});
