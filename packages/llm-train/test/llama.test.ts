import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { onEveryBackend } from '../../transformer/test/every-backend.ts';
import { kept, weightsOf } from '../../transformer/test/goldens.ts';
import { countParams, initWeights, type LlamaConfig, type LlamaWeights, llamaForward } from '../src/llama.ts';
import { goldens } from './goldens.ts';

const cfg: LlamaConfig = { V: 19, D: 24, L: 2, H: 6, G: 2, F: 40, maxLen: 32, eps: 1e-5, theta: 10_000, style: 'half', tied: true };
const metaCfg: LlamaConfig = { ...cfg, V: 17, D: 16, L: 3, H: 4, G: 1, F: 20, eps: 1e-2, theta: 500, style: 'interleaved', tied: false };

onEveryBackend(() => {
  test("logits match Hugging Face and Meta's form", () => {
    const { ids, logits, ...hf } = goldens('05-llama', 'hugging-face');
    expect(llamaForward(ids!, weightsOf(hf), cfg)).toBeAllClose(logits!, { rtol: 1e-4, atol: 1e-4 });
    const { pos, ...meta } = goldens('05-llama', 'meta');
    expect(llamaForward(meta.ids!, weightsOf(meta), metaCfg, { pos: pos! })).toBeAllClose(meta.logits!, { rtol: 1e-4, atol: 1e-4 });
  });

  test('the gradient of the tied table has both parts', () => {
    const { ids, upstream, ...hf } = goldens('05-llama', 'hugging-face');
    const w: LlamaWeights = weightsOf(hf);
    const gradient = tf.grad((embed) => llamaForward(ids!, { ...w, embed: embed as tf.Tensor2D }, cfg))(w.embed, upstream!);
    expect(gradient).toBeAllClose(hf['d.embed']!, { rtol: 1e-3, atol: 1e-3 });
  });

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
});

describe('llama', () => {
  test('says what does not fit', () => {
    expect(() => initWeights({ ...cfg, G: 4 }, Math.random)).toThrow(UsageError);
    expect(() => initWeights({ ...cfg, G: 4 }, Math.random)).toThrow(
      'initWeights: expected H that divides D, G that divides H, an even D / H, got D=24, H=6, G=4',
    );
    const w = initWeights({ ...cfg, L: 1 }, Math.random);
    expect(() => llamaForward(tf.zeros([1, 33], 'int32'), w, cfg)).toThrow('llamaForward: expected at most 32 places, got T=33');
  });

  test('the sizes of the course', () => {
    const book = { ...cfg, V: 6144, D: 768, L: 12, H: 16, G: 8, F: 2048 };
    expect(countParams(book)).toBe(82_594_560);
    expect(countParams({ ...book, D: 1024, L: 18, F: 2752 })).toBe(215_127_040);
  });
});
