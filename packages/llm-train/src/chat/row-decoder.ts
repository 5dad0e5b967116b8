/** What a chat asks of a model: the logits that follow one growing row of ids. Two ways: the exercise's own functions, and the fast one. */
import { tf } from '@llm-ladder/backend';
import { decodeStep, type KvCache, prefill } from '../kv-cache.ts';
import type { LlamaConfig, LlamaWeights } from '../llama.ts';

export interface RowDecoder {
  /** Logits [1, V] of what follows `ids`; the caller disposes of them. What `ids` has in common with the last call is not read again. */
  next(ids: readonly number[]): tf.Tensor2D;
  dispose(): void;
}

/** Decodes with prefill and decodeStep, as the exercise kv-cache has them. The weights stay the caller's. */
export class ExerciseDecoder implements RowDecoder {
  readonly #weights: LlamaWeights;
  readonly #cfg: LlamaConfig;
  #held: readonly number[] = [];
  #cache: KvCache | undefined;

  constructor(weights: LlamaWeights, cfg: LlamaConfig) {
    this.#weights = weights;
    this.#cfg = cfg;
  }

  next(ids: readonly number[]): tf.Tensor2D {
    const [w, cfg] = [this.#weights, this.#cfg];
    // A cache cannot forget its end: it serves rows that go on from all that it holds.
    if (commonLength(this.#held, ids) < this.#held.length || this.#held.length === ids.length) this.dispose();
    const done = this.#held.length;
    const part = tf.tensor2d([ids.slice(done)], [1, ids.length - done], 'int32');
    const pos = tf.tensor2d([[done]], [1, 1], 'int32');
    const cache = this.#cache;
    const { logits, cache: grown } =
      cache && part.shape[1] === 1 ? decodeStep(part, cache, pos, w, cfg) : prefill(part, w, cfg, cache ? { cache } : {});
    tf.dispose([part, pos]);
    this.#cache = grown;
    this.#held = [...ids];
    return logits;
  }

  dispose(): void {
    this.#cache?.dispose();
    this.#cache = undefined;
    this.#held = [];
  }
}

/** How many ids two rows have in common at their start. */
export function commonLength(a: readonly number[], b: readonly number[]): number {
  const other = a.findIndex((id, i) => id !== b[i]);
  return other === -1 ? a.length : other;
}
