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
import { NotImplemented, ShapeError } from '@llm-ladder/backend/errors';
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

  // TODO: position t of a row of n tokens takes position n - 1 - t, one behind the end takes itself
  throw new NotImplemented('nlp-basics/bilm-elmo');
}

/**
 * All layers of both models: ids [B, T] (int32), mask [B, T] -> [L + 1, B, T, 2D], forward states first, then backward states.
 * Layer 0 is the embedding, twice. Behind the end of a row everything is 0.
 */
export function bilmLayers(ids: tf.Tensor2D, mask: tf.Tensor2D, { embed, fwd, bwd }: BilmWeights): tf.Tensor4D {
  checkMask('bilmLayers', ids, mask);

  // TODO: embed; then layer by layer each direction by itself, the backward one on reversed rows and turned back
  throw new NotImplemented('nlp-basics/bilm-elmo');
}

/** Scores of both models: at each position `next` is about the word after it, `previous` about the word before it. ids [B, T], mask [B, T] -> [B, T, V] each. */
export function bilmLogits(
  ids: tf.Tensor2D,
  mask: tf.Tensor2D,
  weights: BilmWeights,
): { readonly next: tf.Tensor3D; readonly previous: tf.Tensor3D } {
  // TODO: the top layer, cut into its two halves, each through the same head
  throw new NotImplemented('nlp-basics/bilm-elmo');
}

/**
 * What training minimises: the mean of the two models' mean cross-entropies, ids [B, T], mask [B, T] -> a scalar; 0 if no row has two words.
 * The last word of a row has no next one, the first no previous one. Rows begin and end with markers of their own, if those are to be learned.
 */
export function bilmLoss(ids: tf.Tensor2D, mask: tf.Tensor2D, weights: BilmWeights): tf.Scalar {
  // TODO: positions 0 .. T-2 of next against words 1 .. T-1, positions 1 .. T-1 of previous against words 0 .. T-2, pairs of real words only
  throw new NotImplemented('nlp-basics/bilm-elmo');
}

/** One vector per word from all layers: layers [L, B, T, D], s [L], gamma (a scalar) -> gamma * sum of softmax(s)_l * layer_l, [B, T, D]. */
export function scalarMix(layers: tf.Tensor4D, s: tf.Tensor1D, gamma: tf.Scalar): tf.Tensor3D {
  if (layers.rank !== 4 || s.rank !== 1 || layers.shape[0] !== s.shape[0])
    throw new ShapeError('scalarMix', 'layers [L, B, T, D], s [L]', `layers [${layers.shape}], s [${s.shape}]`);

  // TODO: softmax over the layers, weighted sum, times gamma
  throw new NotImplemented('nlp-basics/bilm-elmo');
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
