import '@llm-ladder/grader/matchers';
import { tf, useBackend } from '@llm-ladder/backend';
import { kept } from '@llm-ladder/testing/kept';
import { seeded } from '@llm-ladder/testing/seeded';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { decoder, decoderLayer } from '../src/decoder.ts';
import { initParams } from '../src/seq2seq.ts';

await useBackend('wasm');
const weights = initParams({ V: 9, D: 12, H: 3, F: 20, L: 1, norm: 'pre', padId: 0, bosId: 1, eosId: 2, tied: true }, seeded(1)).decoder;
const [y, mem] = [4, 7].map((T, i) => tf.randomNormal([2, T, 12], 0, 1, 'float32', i + 1)) as [tf.Tensor3D, tf.Tensor3D];

describe('decoder', () => {
  test('a stack of one layer is that layer, then the final norm', () => {
    const layer = decoderLayer(y, mem, weights.layers[0]!, { H: 3, norm: 'pre' });
    const { mean, variance } = tf.moments(layer, -1, true);
    const normed = layer.sub(mean).div(variance.add(1e-5).sqrt());
    expect(decoder(y, mem, weights, { H: 3, norm: 'pre' })).toBeAllClose(normed, { rtol: 1e-4, atol: 1e-5 });
  });

  test('keeps one tensor, the result', () => {
    expect(kept(() => decoder(y, mem, weights, { H: 3, norm: 'pre' }))).toBe(1);
  });

  test('gives a Tensor3D', () => {
    expectTypeOf(decoder(y, mem, { layers: [] }, { H: 2, norm: 'post' })).toEqualTypeOf<tf.Tensor3D>();
  });
});
