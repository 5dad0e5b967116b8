/** The loss of a language model on some rows: the cross-entropy of every token that counts, given the tokens before it. */
import { tf } from '@llm-ladder/backend';
import { sparseCrossEntropy } from '@llm-ladder/backend/fused';
import type { SummedLoss } from '../accum-clip.ts';
import { type LlamaConfig, type LlamaWeights, llamaForward } from '../llama.ts';
import { documentMask } from '../pack.ts';
import type { Rows } from './rows.ts';

/** The numbers of the rows that make up one micro-batch. */
export type RowNumbers = readonly number[];

/** Summed cross-entropy of the tokens that count, and how many they are; rows of T + 1 tokens give T places to learn from. */
export function languageLoss(w: LlamaWeights, cfg: LlamaConfig, rows: Rows, batch: RowNumbers): SummedLoss {
  const [B, T] = [batch.length, rows.len - 1];
  const part = <A extends Int32Array | Uint8Array>(all: A, from: number) =>
    batch.map((n) => all.subarray(n * rows.len + from, n * rows.len + from + T));
  const places = part(rows.counts, 1).flatMap((row, b) =>
    Array.from(row, (counts, t) => (counts ? b * T + t : -1)).filter((at) => at >= 0),
  );
  // Nothing to learn: a loss of 0 that depends on the weights all the same, since TF.js has no gradient of one that does not.
  if (places.length === 0) return { lossSum: tf.tidy(() => w.norm.sum().mul<tf.Scalar>(0)), tokens: 0 };

  const lossSum = tf.tidy(() => {
    const matrix = (all: Int32Array, from: number) => tf.tensor2d(Int32Array.from(part(all, from).flatMap((row) => [...row])), [B, T]);
    const mask = documentMask(part(rows.docId, 0).map((row) => [...row]));
    const logits = llamaForward(matrix(rows.ids, 0), w, cfg, { pos: matrix(rows.pos, 0), mask });
    const targets = tf.tensor1d(Int32Array.from(places, (at) => rows.ids[batch[Math.floor(at / T)]! * rows.len + (at % T) + 1]!));
    const flat = logits.reshape<tf.Tensor2D>([B * T, cfg.V]);
    const counted = places.length === B * T ? flat : tf.gather(flat, tf.tensor1d(Int32Array.from(places))); // [tokens, V]
    return sparseCrossEntropy(counted, targets).mul<tf.Scalar>(places.length);
  });
  return { lossSum, tokens: places.length };
}
