import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { decoder, decoderLayer } from '../src/decoder.ts';
import { onEveryBackend } from './every-backend.ts';
import { goldens, kept, weightsOf } from './goldens.ts';

onEveryBackend(() => {
  test('a layer matches PyTorch in both forms', () => {
    for (const norm of ['pre', 'post'] as const) {
      const { y, mem, selfMask, memMask, out, ...rest } = goldens('08-decoder', `layer-${norm}`);
      const got = decoderLayer(y!, mem!, weightsOf(rest), { H: 3, norm }, selfMask, memMask);
      expect(got).toBeAllClose(out!, { rtol: 1e-4, atol: 1e-5 });
    }
  });

  test('a stack of one layer is that layer, then the final norm', () => {
    const { y, mem, selfMask, memMask, ...rest } = goldens('08-decoder', 'layer-pre');
    const layer = decoderLayer(y!, mem!, weightsOf(rest), { H: 3, norm: 'pre' }, selfMask, memMask);
    const ln = { g: tf.ones<tf.Rank.R1>([12]), b: tf.zeros<tf.Rank.R1>([12]) };
    const stack = decoder(y!, mem!, { layers: [weightsOf(rest)], ln }, { H: 3, norm: 'pre' }, selfMask, memMask);
    const { mean, variance } = tf.moments(layer, -1, true);
    expect(stack).toBeAllClose(layer.sub(mean).div(variance.add(1e-5).sqrt()), { rtol: 1e-4, atol: 1e-5 });
  });

  test('keeps one tensor, the result', () => {
    const { y, mem, selfMask, memMask, ...rest } = goldens('08-decoder', 'layer-post');
    expect(kept(() => decoder(y!, mem!, { layers: [weightsOf(rest)] }, { H: 3, norm: 'post' }, selfMask, memMask))).toBe(1);
  });
});

describe('decoder', () => {
  test('gives a Tensor3D', () => {
    const [y, mem] = [tf.ones<tf.Rank.R3>([1, 2, 4]), tf.ones<tf.Rank.R3>([1, 3, 4])];
    expectTypeOf(decoder(y, mem, { layers: [] }, { H: 2, norm: 'post' })).toEqualTypeOf<tf.Tensor3D>();
  });
});
