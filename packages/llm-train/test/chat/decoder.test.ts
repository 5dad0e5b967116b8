/** Both ways of decoding a row give what the model without a cache gives, on every backend that decodes in a way of its own. */
import '@llm-ladder/grader/matchers';
import { tf, useBackend } from '@llm-ladder/backend';
import { hasDecodeLayer } from '@llm-ladder/backend/fused';
import { tensorflowStatus } from '@llm-ladder/backend/tensorflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { FastDecoder } from '../../src/chat/fast-decoder.ts';
import { ExerciseDecoder, type RowDecoder } from '../../src/chat/row-decoder.ts';
import { initWeights, type LlamaConfig, type LlamaWeights, llamaForward } from '../../src/llama.ts';

const half: LlamaConfig = { V: 29, D: 24, L: 3, H: 6, G: 2, F: 40, maxLen: 16, eps: 1e-5, theta: 10_000, style: 'half', tied: true };
const meta: LlamaConfig = { ...half, V: 23, D: 32, H: 4, G: 4, L: 2, theta: 500, style: 'interleaved', tied: false };
const close = { rtol: 1e-4, atol: 1e-4 };

const { installed, reason } = await tensorflowStatus();
if (!installed) test.skip(`tensorflow: not run (${reason})`, () => {});
const contenders = [
  ['FastDecoder', 'wasm', FastDecoder],
  ['ExerciseDecoder', 'wasm', ExerciseDecoder],
  ...(installed ? [['FastDecoder', 'tensorflow', FastDecoder] as const] : []),
] as const;

describe.each(contenders)('%s on %s', (_, backend, Maker) => {
  beforeAll(async () => {
    await useBackend(backend);
    expect(hasDecodeLayer()).toBe(backend === 'tensorflow');
  });

  test.each([
    ['half, tied, two groups', half],
    ['interleaved, untied, no groups', meta],
  ])('equals the model without a cache: %s', (_, cfg) => {
    const { w, row } = made(cfg);
    const decoder: RowDecoder = new Maker(w, cfg);
    for (const length of [1, 5, 6, 7, 12, 13]) expectSame(decoder, row.slice(0, length), w, cfg); // one, many after some, one after one
    const logits = decoder.next(row.slice(0, 13));
    expect(logits).not.toBeAllClose(withoutCache([...row.slice(0, 12), (row[12]! + 1) % cfg.V], w, cfg), close);
    decoder.dispose();
  });

  test('a row that changes in the middle is read again from there', () => {
    const { w, row } = made(half);
    const decoder: RowDecoder = new Maker(w, half);
    expectSame(decoder, row.slice(0, 9), w, half);
    expectSame(decoder, [...row.slice(0, 4), 3, 1, 7, 2], w, half);
    expectSame(decoder, row.slice(0, 3), w, half);
    expectSame(decoder, row.slice(0, 3), w, half);
    decoder.dispose();
  });

  test.runIf(backend === 'tensorflow')('goes on when the room for the cache is full', () => {
    const long = { ...half, maxLen: 150 };
    const { w } = made(long);
    const row = Array.from({ length: 150 }, () => Math.floor(random() * long.V));
    const decoder: RowDecoder = new Maker(w, long);
    for (const length of [1, 2, 63, ...Array.from({ length: 87 }, (_, i) => 64 + i)]) {
      if ([2, 63, 64, 65, 66, 128, 129, 130, 150].includes(length)) expectSame(decoder, row.slice(0, length), w, long);
      else decoder.next(row.slice(0, length)).dispose();
    }
    decoder.dispose();
  });

  test('refuses more places than the model has', () => {
    const { w, row } = made(half);
    const decoder: RowDecoder = new Maker(w, half);
    expectSame(decoder, row.slice(0, 16), w, half);
    expect(() => decoder.next([...row, ...row].slice(0, 17))).toThrow(/at most 16/);
    decoder.dispose();
  });

  test('keeps as many tensors after ten steps as after two, and none when it is disposed of', () => {
    const { w, row } = made(half);
    const before = tf.memory().numTensors;
    const decoder: RowDecoder = new Maker(w, half);
    for (const length of [4, 5]) decoder.next(row.slice(0, length)).dispose();
    const early = tf.memory().numTensors;
    for (let length = 6; length < 16; length++) decoder.next(row.slice(0, length)).dispose();
    expect(tf.memory().numTensors).toBe(early);
    decoder.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

// --- helpers ---

let seed = 7;
function random(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

/** Weights large enough that every part shows. */
function made(cfg: LlamaConfig): { w: LlamaWeights; row: number[] } {
  const w = initWeights(cfg, random);
  const larger = <T extends tf.Tensor>(x: T) => x.mul<T>(10);
  const layers = w.layers.map(({ attnNorm, attn, ffnNorm, ffn }) => ({
    attnNorm,
    attn: { Wq: larger(attn.Wq), Wk: larger(attn.Wk), Wv: larger(attn.Wv), Wo: larger(attn.Wo) },
    ffnNorm,
    ffn: { w1: larger(ffn.w1), w2: larger(ffn.w2), w3: larger(ffn.w3) },
  }));
  return { w: { ...w, layers, embed: larger(w.embed) }, row: Array.from({ length: 16 }, () => Math.floor(random() * cfg.V)) };
}

function withoutCache(ids: readonly number[], w: LlamaWeights, cfg: LlamaConfig): tf.Tensor2D {
  return tf.tidy(() => {
    const all = llamaForward(tf.tensor2d([[...ids]], [1, ids.length], 'int32'), w, cfg); // [1, T, V]
    return all.slice([0, ids.length - 1, 0], [1, 1, cfg.V]).reshape<tf.Tensor2D>([1, cfg.V]);
  });
}

function expectSame(decoder: RowDecoder, ids: readonly number[], w: LlamaWeights, cfg: LlamaConfig): void {
  const logits = decoder.next(ids);
  expect(logits).toBeAllClose(withoutCache(ids, w, cfg), close);
  logits.dispose();
}
