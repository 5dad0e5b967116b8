import { tf, useBackend } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { kept } from '@llm-ladder/testing/kept';
import { beforeAll, describe, expect, test } from 'vitest';
import { initWeights, type LlamaConfig, llamaForward } from '../src/llama.ts';

const cfg: LlamaConfig = { V: 19, D: 24, L: 2, H: 6, G: 2, F: 40, maxLen: 32, eps: 1e-5, theta: 10_000, style: 'half', tied: true };

beforeAll(async () => void (await useBackend('wasm')));

describe('llama', () => {
  test('an untrained model is about as surprised as a uniform one, and keeps one tensor', () => {
    const w = initWeights(cfg, Math.random);
    const ids = tf.randomUniform<tf.Rank.R2>([2, 7], 0, cfg.V, 'int32');
    const loss = tf.tidy(
      () =>
        tf
          .logSoftmax(llamaForward(ids, w, cfg))
          .mean()
          .neg()
          .dataSync()[0]!,
    );
    expect(Math.abs(loss - Math.log(cfg.V))).toBeLessThan(0.1);
    expect(kept(() => llamaForward(ids, w, cfg))).toBe(1);
    tf.dispose([ids, w as never]);
  });

  test('says what does not fit', () => {
    expect(() => initWeights({ ...cfg, G: 4 }, Math.random)).toThrow(UsageError);
    expect(() => initWeights({ ...cfg, G: 4 }, Math.random)).toThrow(
      'initWeights: expected H that divides D, G that divides H, an even D / H, got D=24, H=6, G=4',
    );
    const w = initWeights({ ...cfg, L: 1 }, Math.random);
    expect(() => llamaForward(tf.zeros([1, 33], 'int32'), w, cfg)).toThrow('llamaForward: expected at most 32 places, got T=33');
  });
});
