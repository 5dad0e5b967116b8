import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { type EncoderLayerWeights, encoder, encoderLayer } from './encoder.ts';

/** D = 2: attention says nothing, the feed-forward says [4, 0] whatever it is asked. */
function fixedLayer(): EncoderLayerWeights {
  const none = tf.zeros<tf.Rank.R2>([2, 2]);
  const ln = { g: tf.ones<tf.Rank.R1>([2]), b: tf.zeros<tf.Rank.R1>([2]) };
  const ffn = { W1: none, b1: tf.zeros<tf.Rank.R1>([2]), W2: none, b2: tf.tensor1d([4, 0]) };
  return { attn: { Wq: none, Wk: none, Wv: none, Wo: none }, ffn, ln1: ln, ln2: ln };
}

const x = () => tf.tensor3d([[[1, 3]]]);

describe('encoderLayer', () => {
  test('post-norm: the worked number of the README', () => {
    expect(encoderLayer(x(), fixedLayer(), { H: 1, norm: 'post' })).toBeAllClose([[[1, -1]]], { atol: 1e-4 });
  });

  test('pre-norm: the residual road is free', () => {
    expect(encoderLayer(x(), fixedLayer(), { H: 1, norm: 'pre' })).toBeAllClose([[[5, 3]]]);
  });
});

describe('encoder', () => {
  const ln = () => ({ g: tf.ones<tf.Rank.R1>([2]), b: tf.zeros<tf.Rank.R1>([2]) });

  test('pre-norm ends with a norm', () => {
    const out = encoder(x(), { layers: [fixedLayer(), fixedLayer()], ln: ln() }, { H: 1, norm: 'pre' }); // LN([9, 3])
    expect(out).toBeAllClose([[[1, -1]]], { atol: 1e-4 });
  });

  test('a stack without layers changes nothing in the post-norm form', () => {
    expect(encoder(x(), { layers: [] }, { H: 1, norm: 'post' })).toBeAllClose([[[1, 3]]]);
  });
});
