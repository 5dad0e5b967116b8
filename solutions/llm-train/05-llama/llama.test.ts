import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { countParams, initWeights, type LlamaConfig, llamaForward } from './llama.ts';

const cfg: LlamaConfig = { V: 7, D: 12, L: 2, H: 3, G: 1, F: 20, maxLen: 16, eps: 1e-5, theta: 10_000, style: 'half', tied: true };
const ids = tf.tensor2d([[1, 4, 2]], [1, 3], 'int32');

describe('countParams', () => {
  test('the worked number of the README', () => {
    expect(countParams({ ...cfg, V: 6144, D: 768, L: 12, H: 16, G: 8, F: 2048 })).toBe(82_594_560);
  });
});

describe('initWeights', () => {
  test('names and shapes', () => {
    const w = initWeights(cfg, Math.random);
    expect(w.embed.shape).toEqual([7, 12]);
    expect(w.layers).toHaveLength(2);
    expect(w.layers[0]?.attn.Wk.shape).toEqual([12, 4]);
    expect(w.layers[1]?.ffn.w2.shape).toEqual([20, 12]);
    expect(w.head).toBeUndefined();
  });
});

describe('llamaForward', () => {
  const w = initWeights(cfg, Math.random);

  test('one row of logits per place', () => {
    expect(llamaForward(ids, w, cfg).shape).toEqual([1, 3, 7]);
  });

  test('a later id does not change an earlier row', () => {
    const other = tf.tensor2d([[1, 4, 5]], [1, 3], 'int32');
    const early = (x: tf.Tensor3D) => x.slice([0, 0, 0], [1, 2, 7]);
    expect(early(llamaForward(other, w, cfg))).toBeAllClose(early(llamaForward(ids, w, cfg)));
    expect(llamaForward(other, w, cfg)).not.toBeAllClose(llamaForward(ids, w, cfg));
  });
});
