import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { type DecoderLayerWeights, decoderLayer } from './decoder.ts';

/** D = 2: only cross-attention speaks, and with identity matrices it hands on what it reads. */
function readingLayer(): DecoderLayerWeights {
  const none = tf.zeros<tf.Rank.R2>([2, 2]);
  const same = tf.eye(2);
  const zero = tf.zeros<tf.Rank.R1>([2]);
  const ln = { g: tf.ones<tf.Rank.R1>([2]), b: zero };
  return {
    self: { Wq: none, Wk: none, Wv: none, Wo: none },
    cross: { Wq: same, Wk: same, Wv: same, Wo: same },
    ffn: { W1: none, b1: zero, W2: none, b2: zero },
    ln1: ln,
    ln2: ln,
    ln3: ln,
  };
}

const y = () => tf.tensor3d([[[1, 3], [2, 4]]]); // biome-ignore format: one row per token
const twice = () => tf.tensor3d([[[4, 0], [4, 0]]]); // biome-ignore format: one row per token

describe('decoderLayer', () => {
  test('post-norm: the worked number of the README', () => {
    const out = decoderLayer(y(), twice(), readingLayer(), { H: 1, norm: 'post' });
    expect(out).toBeAllClose([[[1, -1], [1, -1]]], { atol: 1e-4 }); // biome-ignore format: one row per token
  });

  test('pre-norm: what the memory says is added', () => {
    const out = decoderLayer(y(), twice(), readingLayer(), { H: 1, norm: 'pre' });
    expect(out).toBeAllClose([[[5, 3], [6, 4]]]); // biome-ignore format: one row per token
  });

  test('a masked memory token is not read', () => {
    const mem = tf.tensor3d([[[4, 0], [50, 50], [4, 0]]]); // biome-ignore format: one row per token
    const mask = tf.tensor4d([0, -1e9, 0], [1, 1, 1, 3]);
    const out = decoderLayer(y(), mem, readingLayer(), { H: 1, norm: 'pre' }, undefined, mask);
    expect(out).toBeAllClose([[[5, 3], [6, 4]]]); // biome-ignore format: one row per token
  });
});
