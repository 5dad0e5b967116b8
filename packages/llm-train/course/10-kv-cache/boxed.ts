/** Runs in the box beside the learner's code: weights for the thresholds, made there, so that no call has to carry them. */
import { tf } from '@llm-ladder/backend';

interface Sizes {
  readonly V: number;
  readonly D: number;
  readonly L: number;
  readonly H: number;
  readonly G: number;
  readonly F: number;
}

/** How many tensors there are. */
export function tensors(): number {
  return tf.memory().numTensors;
}

const made = new Map<string, unknown>();

/** The weights of these sizes, tied; the same for the same seed, in every process. */
export function weights(sizes: Sizes, seed: number): unknown {
  const { V, D, L, H, G, F } = sizes;
  const key = JSON.stringify([sizes, seed]);
  const found = made.get(key);
  if (found !== undefined) return found;
  let next = seed;
  const matrix = (rows: number, columns: number) => tf.randomNormal([rows, columns], 0, 1 / Math.sqrt(rows), 'float32', ++next);
  const kv = G * (D / H);
  const layer = () => ({
    attnNorm: tf.ones([D]),
    attn: { Wq: matrix(D, D), Wk: matrix(D, kv), Wv: matrix(D, kv), Wo: matrix(D, D) },
    ffnNorm: tf.ones([D]),
    ffn: { w1: matrix(D, F), w2: matrix(F, D), w3: matrix(D, F) },
  });
  const model = { embed: matrix(V, D), layers: Array.from({ length: L }, layer), norm: tf.ones([D]) };
  made.set(key, model);
  return model;
}
