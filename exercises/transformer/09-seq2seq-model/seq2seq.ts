/**
 * The whole Transformer: token ids in, logits out, with its parameters, its loss and the shift between them.
 *
 * Paper: Vaswani et al. 2017, sections 3.1, 3.4 and 3.5; the init of the matrices is Glorot and Bengio 2010, equation 16.
 * - Source and target are two inputs. The decoder reads the target one step late (`shiftRight`): at step t it has seen what comes before t.
 * - Embeddings are multiplied by sqrt(D), then positions are added.
 * - Tied: one table [V, D] embeds source and target and, transposed, gives the logits. Untied: three matrices.
 * - Padding of the source is hidden from the encoder and from cross-attention. Padding of the target comes last, so the causal mask hides it.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';
import { type DecoderLayerWeights, type DecoderWeights, decoder } from '@llm-ladder/transformer/decoder';
import { type EncoderLayerWeights, type EncoderWeights, encoder } from '@llm-ladder/transformer/encoder';
import { causalMask } from '@llm-ladder/transformer/masks';
import { sinusoidal } from '@llm-ladder/transformer/sinusoid';

/** Dims: B batch, S source time, T target time, V vocabulary, D model width, H heads, F MLP width, L layers of each stack. */
export interface Seq2SeqConfig {
  readonly V: number;
  readonly D: number;
  readonly H: number;
  readonly F: number;
  readonly L: number;
  readonly norm: 'pre' | 'post';
  readonly padId: number;
  readonly bosId: number;
  readonly eosId: number;
  readonly tied: boolean;
}

/** Tied: `embed` alone serves source, target and head. Untied: `embed` is the source's, and the other two exist. */
export interface Seq2SeqWeights {
  readonly embed: tf.Tensor2D; // [V, D]
  readonly tgtEmbed?: tf.Tensor2D; // [V, D]
  readonly head?: tf.Tensor2D; // [D, V]
  readonly encoder: EncoderWeights;
  readonly decoder: DecoderWeights;
}

/** A label that the loss leaves out. */
export const IGNORE = -100;

/** Logits for every target position: src [B, S] and tgtIn [B, T], both int32 ids -> [B, T, V]. */
export function forward(src: tf.Tensor2D, tgtIn: tf.Tensor2D, weights: Seq2SeqWeights, cfg: Seq2SeqConfig): tf.Tensor3D {
  // TODO: masks, embed, encode, embed the target, decode, head
  throw new NotImplemented('transformer/seq2seq-model');
}

/** Ids to vectors, with their positions added: [B, T] -> [B, T, D]. */
function embed(ids: tf.Tensor2D, table: tf.Tensor2D): tf.Tensor3D {
  // TODO: rows of the table times sqrt(D), plus the position encoding
  throw new NotImplemented('transformer/seq2seq-model');
}

/**
 * Fresh weights: tables normal with deviation 0.02, every other matrix uniform in +-sqrt(6 / (in + out)) (Glorot), gains 1, biases 0.
 * All chance comes from `rng`. The caller owns every tensor.
 */
export function initParams(cfg: Seq2SeqConfig, rng: () => number): Seq2SeqWeights {
  const { V, D, H, F, L } = cfg;
  if (D % H !== 0) throw new UsageError('initParams', 'D divisible by H', `D=${D}, H=${H}`);
  // TODO: tables, both stacks, the final norms if pre-norm, the extra matrices if untied
  throw new NotImplemented('transformer/seq2seq-model');
}

/** How many numbers `initParams(cfg)` makes, worked out without making them. */
export function countParams(cfg: Seq2SeqConfig): number {
  // TODO: tables, attentions, feed-forwards and norms, added up
  throw new NotImplemented('transformer/seq2seq-model');
}

/** What the decoder reads while it is to say `tgt`: BOS first, then all but the last, [B, T] -> [B, T] (int32). */
export function shiftRight(tgt: tf.Tensor2D, bosId: number): tf.Tensor2D {
  // TODO: BOS in front, the last column dropped
  throw new NotImplemented('transformer/seq2seq-model');
}

/** Mean cross-entropy over the labels that are not -100; 0 if there are none. logits [B, T, V], labels [B, T] -> a scalar. */
export function ceLoss(logits: tf.Tensor3D, labels: tf.Tensor2D): tf.Scalar {
  // TODO: log-softmax, the log-probability of each label, minus their mean over the labels that count
  throw new NotImplemented('transformer/seq2seq-model');
}
