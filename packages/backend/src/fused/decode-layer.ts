import { ShapeError } from '../errors.ts';
import * as tf from '../tf.ts';
import { DECODE_LAYER, DECODE_WEIGHTS, hasKernel, ROW_BY_TABLE, runKernel } from './kernel.ts';

/** One layer of a LLaMA. Dims: D model width, H query heads, G key/value heads, K width of a head, F MLP width. */
export type DecodeWeights = {
  readonly attnNorm: tf.Tensor1D;
  /** [D, (H + 2 G) K]: queries, already divided by sqrt(K), then keys, then values. */
  readonly qkv: tf.Tensor2D;
  /** [H K, D]. */
  readonly out: tf.Tensor2D;
  readonly ffnNorm: tf.Tensor1D;
  /** [D, F], like `up`. */
  readonly gate: tf.Tensor2D;
  readonly up: tf.Tensor2D;
  /** [F, D]. */
  readonly down: tf.Tensor2D;
};

/** Room for C places. Both are changed in place: no other tensor may share their data. */
export type DecodeCache = {
  /** [1, G, C, K], turned. */
  readonly k: tf.Tensor4D;
  /** [1, G, C, K]. */
  readonly v: tf.Tensor4D;
};

export interface DecodeStep {
  /** The token's place, from 0: earlier ones are in the cache, this one is written to it. */
  readonly place: tf.Tensor1D;
  /** Of the angles of this place, [K / 2], like `sin`. */
  readonly cos: tf.Tensor1D;
  readonly sin: tf.Tensor1D;
  readonly epsilon: number;
  /** Pairs are (2i, 2i + 1), as in Meta's LLaMA. */
  readonly interleaved: boolean;
}

/** Can `decodeLayer` run on the current backend? Only `tensorflow` on a CPU has it. */
export function hasDecodeLayer(): boolean {
  return hasKernel(DECODE_LAYER);
}

/**
 * A whole layer for one new token in one operation: x [1, D] -> [1, D], and the token's key and value are written to the cache.
 * Its products read each weight once, with all threads. No gradient. Throws ShapeError. Touvron et al. 2023, "LLaMA", section 2.2.
 */
export function decodeLayer(x: tf.Tensor2D, weights: DecodeWeights, { k, v }: DecodeCache, step: DecodeStep): tf.Tensor2D {
  const { place, cos, sin, epsilon, interleaved } = step;
  const [, , C, K] = k.shape;
  if (x.shape[0] !== 1 || !tf.util.arraysEqual(k.shape, v.shape) || cos.size !== K / 2 || sin.size !== K / 2)
    throw new ShapeError(
      'decodeLayer',
      `x [1, D], cache [1, G, ${C}, ${K}] and angles [${K / 2}]`,
      `[${x.shape}], [${v.shape}], [${cos.shape}] and [${sin.shape}]`,
    );
  const parts = Object.fromEntries(DECODE_WEIGHTS.map((name) => [name, weights[name]]));
  const inputs = { x, ...parts, keys: k, values: v, cosine: cos, sine: sin, place };
  return runKernel(DECODE_LAYER, inputs, { epsilon, interleaved })[0] as tf.Tensor2D;
}

/** The product of one row with each row of a table: x [1, D], table [V, D] -> [1, V]. No gradient. Throws ShapeError. */
export function rowByTable(x: tf.Tensor2D, table: tf.Tensor2D): tf.Tensor2D {
  if (x.shape[0] !== 1 || x.shape[1] !== table.shape[1])
    throw new ShapeError('rowByTable', 'x [1, D] and table [V, D]', `[${x.shape}] and [${table.shape}]`);
  return hasKernel(ROW_BY_TABLE) ? (runKernel(ROW_BY_TABLE, { x, table })[0] as tf.Tensor2D) : tf.matMul(x, table, false, true);
}
