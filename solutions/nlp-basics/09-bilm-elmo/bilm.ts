/**
 * ELMo: word vectors that depend on the sentence, from two language models, one that reads forwards and one that reads backwards.
 *
 * Paper: Peters et al. 2018, "Deep contextualized word representations", sections 3.1 and 3.2.
 * - The forward model guesses the next word from the words before it, the backward model the previous word from the words after it.
 *   They share the table and the head; neither ever sees what the other has read, in no layer.
 * - The backward model reads each row reversed by its own length. To reverse the whole row would put the padding first.
 * - The vector of a word is a mix of all layers, with weights that a later task learns: gamma * sum over l of softmax(s)_l * layer_l.
 * - Left out, for short: the paper's convolutions over characters, its residual connections, and its projection.
 */
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { type LstmWeights, lstmSeq } from '@llm-ladder/nlp-basics/lstm';

/** Dims: B batch, T time, V vocabulary, D width of a vector and of each direction's state, L LSTM layers. */
export interface BilmWeights {
  readonly embed: tf.Tensor2D; // [V, D]
  readonly fwd: readonly LstmWeights[]; // L of them, each from D to D
  readonly bwd: readonly LstmWeights[]; // L of them
  readonly head: tf.Tensor2D; // [D, V]
  readonly bias: tf.Tensor1D; // [V]
}

/** Each row reversed up to its own length, the padding left in its place: x [B, T, D], mask [B, T] -> [B, T, D]. */
export function reverseRows(x: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
  checkMask('reverseRows', x, mask);

  return tf.tidy(() => {
    const [B, T, D] = x.shape;
    const t = tf.range(0, T); // [T]
    const mirrored = mask.cast('float32').sum(1, true).sub(1).sub(t); // [B, 1] - [T] -> [B, T]
    const from = tf.where(mirrored.greaterEqual(0), mirrored, t); // [B, T], a position of the same row
    const row = tf.range(0, B).mul(T).reshape([B, 1]); // where each row begins in [B * T]
    const flat = from
      .add(row)
      .cast('int32')
      .reshape<tf.Tensor1D>([B * T]);
    return tf.gather(x.reshape<tf.Tensor2D>([B * T, D]), flat).reshape([B, T, D]);
  });
}

/**
 * All layers of both models: ids [B, T] (int32), mask [B, T] -> [L + 1, B, T, 2D], forward states first, then backward states.
 * Layer 0 is the embedding, twice. Behind the end of a row everything is 0.
 */
export function bilmLayers(ids: tf.Tensor2D, mask: tf.Tensor2D, { embed, fwd, bwd }: BilmWeights): tf.Tensor4D {
  checkMask('bilmLayers', ids, mask);

  return tf.tidy(() => {
    const token = mask.cast('float32').expandDims<tf.Tensor3D>(-1); // [B, T, 1]
    const x = tf.gather(embed, ids).mul<tf.Tensor3D>(token); // [B, T] -> [B, T, D]
    const layers = [tf.concat([x, x], -1)];

    let forward = x;
    let backward = reverseRows(x, mask); // reversed all the way up
    for (const [level, { W, b }] of fwd.entries()) {
      forward = lstmSeq(forward, mask, W, b).out;
      backward = lstmSeq(backward, mask, bwd[level]!.W, bwd[level]!.b).out;
      layers.push(tf.concat([forward, reverseRows(backward, mask)], -1).mul<tf.Tensor3D>(token)); // [B, T, 2D]
    }
    return tf.stack(layers) as tf.Tensor4D;
  });
}

/** Scores of both models: at each position `next` is about the word after it, `previous` about the word before it. ids [B, T], mask [B, T] -> [B, T, V] each. */
export function bilmLogits(
  ids: tf.Tensor2D,
  mask: tf.Tensor2D,
  weights: BilmWeights,
): { readonly next: tf.Tensor3D; readonly previous: tf.Tensor3D } {
  return tf.tidy(() => {
    const [B, T] = ids.shape;
    const [D, V] = weights.head.shape;
    const top = bilmLayers(ids, mask, weights).slice([weights.fwd.length], [1]); // [1, B, T, 2D]
    const [forward, backward] = tf.split(top.reshape<tf.Tensor2D>([B * T, 2 * D]), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const score = (states: tf.Tensor2D) => states.matMul(weights.head).add(weights.bias).reshape<tf.Tensor3D>([B, T, V]); // [B*T, D] x [D, V]
    return { next: score(forward), previous: score(backward) };
  });
}

/**
 * What training minimises: the mean of the two models' mean cross-entropies, ids [B, T], mask [B, T] -> a scalar; 0 if no row has two words.
 * The last word of a row has no next one, the first no previous one. Rows begin and end with markers of their own, if those are to be learned.
 */
export function bilmLoss(ids: tf.Tensor2D, mask: tf.Tensor2D, weights: BilmWeights): tf.Scalar {
  return tf.tidy(() => {
    const [B, T] = ids.shape;
    const V = weights.head.shape[1];
    const { next, previous } = bilmLogits(ids, mask, weights);
    const pair = mask.slice([0, 1], [B, T - 1]).cast('float32'); // [B, T - 1]: words t and t + 1 both exist
    const total = pair.sum().maximum(1);
    const mean = (logits: tf.Tensor3D, labels: tf.Tensor2D) => {
      const chosen = tf.oneHot(labels, V).mul<tf.Tensor3D>(tf.logSoftmax(logits)).sum(-1); // [B, T - 1, V] -> [B, T - 1]
      return chosen.mul(pair).sum().div<tf.Scalar>(total).neg();
    };
    const forwards = mean(next.slice([0, 0, 0], [B, T - 1, V]), ids.slice([0, 1], [B, T - 1]));
    const backwards = mean(previous.slice([0, 1, 0], [B, T - 1, V]), ids.slice([0, 0], [B, T - 1]));
    return forwards.add<tf.Scalar>(backwards).div(2);
  });
}

/** One vector per word from all layers: layers [L, B, T, D], s [L], gamma (a scalar) -> gamma * sum of softmax(s)_l * layer_l, [B, T, D]. */
export function scalarMix(layers: tf.Tensor4D, s: tf.Tensor1D, gamma: tf.Scalar): tf.Tensor3D {
  if (layers.rank !== 4 || s.rank !== 1 || layers.shape[0] !== s.shape[0])
    throw new ShapeError('scalarMix', 'layers [L, B, T, D], s [L]', `layers [${layers.shape}], s [${s.shape}]`);

  return tf.tidy(() => {
    const [L] = layers.shape;
    const weights = tf.softmax(s).reshape<tf.Tensor4D>([L, 1, 1, 1]); // they sum to 1
    return layers.mul(weights).sum<tf.Tensor3D>(0).mul(gamma);
  });
}

/** Fresh weights: the table normal with deviation 0.1, matrices uniform in +-sqrt(6 / (in + out)), biases 0. All chance comes from `rng`; the caller owns every tensor. */
export function initBilm({ V, D, L }: { readonly V: number; readonly D: number; readonly L: number }, rng: () => number): BilmWeights {
  const seed = () => 1 + Math.floor(rng() * 2 ** 31); // one draw seeds a whole tensor; TF.js takes seed 0 for "no seed"
  const glorot = (rows: number, columns: number): tf.Tensor2D => {
    const limit = Math.sqrt(6 / (rows + columns));
    return tf.randomUniform<tf.Rank.R2>([rows, columns], -limit, limit, 'float32', seed());
  };
  const stack = () => Array.from({ length: L }, () => ({ W: glorot(2 * D, 4 * D), b: tf.zeros<tf.Rank.R1>([4 * D]) }));
  return {
    embed: tf.randomNormal<tf.Rank.R2>([V, D], 0, 0.1, 'float32', seed()),
    fwd: stack(),
    bwd: stack(),
    head: glorot(D, V),
    bias: tf.zeros<tf.Rank.R1>([V]),
  };
}

// --- helpers ---

function checkMask(where: string, x: tf.Tensor, mask: tf.Tensor2D): void {
  if (mask.rank === 2 && `${x.shape.slice(0, 2)}` === `${mask.shape}`) return;
  throw new ShapeError(where, 'a mask [B, T] of the first two dims', `[${x.shape}], mask [${mask.shape}]`);
}
