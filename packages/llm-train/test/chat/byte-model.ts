/** A small model that reads bytes: random weights, a real tokenizer and template. And a decoder that says what it is told to, whatever it reads. */
import '@llm-ladder/grader/matchers'; // starts the backend
import { tf } from '@llm-ladder/backend';
import { CHATML } from '@llm-ladder/formats/chat-template';
import type { RowDecoder } from '../../src/chat/row-decoder.ts';
import { initWeights } from '../../src/llama.ts';
import { makeTokenizer } from '../../src/make-tokenizer.ts';
import type { LoadedModel } from '../../src/model-folder.ts';
import { BYTE_CHARS } from '../../src/pretokens.ts';

const special = ['<|im_start|>', '<|im_end|>', '<|pad|>'];
export const [IM_START, IM_END] = [256, 257];

export function byteModel({ maxLen = 256, seed = 3 }: { readonly maxLen?: number; readonly seed?: number } = {}): LoadedModel {
  const vocab = new Map([...BYTE_CHARS, ...special].map((token, id) => [token, id]));
  const parts = { vocab, merges: [], special };
  const cfg = { V: vocab.size, D: 24, L: 2, H: 6, G: 2, F: 40, maxLen, eps: 1e-5, theta: 10_000, style: 'half', tied: true } as const;
  let state = seed;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return {
    ...parts,
    cfg,
    weights: initWeights(cfg, random),
    tokenizer: makeTokenizer(parts),
    tokens: { pad: 258, eos: [IM_END] },
    chatTemplate: CHATML,
    generation: { temp: 0, topK: 0, topP: 1, rep: 1 },
    source: 'a model in memory',
  };
}

/** Says these ids one after the other, then the last one for ever; remembers the rows that it read. */
export class Scripted implements RowDecoder {
  readonly rows: number[][] = [];
  readonly #ids: readonly number[];
  readonly #V: number;

  constructor(ids: readonly number[], V: number) {
    this.#ids = ids;
    this.#V = V;
  }

  next(ids: readonly number[]): tf.Tensor2D {
    this.rows.push([...ids]);
    const id = this.#ids[Math.min(this.rows.length, this.#ids.length) - 1]!;
    return tf.tidy(() => tf.oneHot([id], this.#V).mul<tf.Tensor2D>(50));
  }

  dispose(): void {}
}

export const bytes = (text: string): number[] => [...new TextEncoder().encode(text)].map((byte) => idOfByte.get(byte)!);

const idOfByte = new Map(BYTE_CHARS.map((_, byte) => [byte, byte]));
