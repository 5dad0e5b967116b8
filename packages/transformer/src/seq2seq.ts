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
import { UsageError } from '@llm-ladder/backend/errors';
import { type DecoderLayerWeights, type DecoderWeights, decoder } from './decoder.ts';
import { type EncoderLayerWeights, type EncoderWeights, encoder } from './encoder.ts';
import { causalMask } from './masks.ts';
import { sinusoidal } from './sinusoid.ts';

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
  // #region exercise: masks, embed, encode, embed the target, decode, head
  return tf.tidy(() => {
    const [B, S] = src.shape;
    const T = tgtIn.shape[1];
    const padding = src.equal(cfg.padId).cast('float32').mul(-1e9).reshape([B, 1, 1, S]); // keys that are pads

    const mem = encoder(embed(src, weights.embed), weights.encoder, cfg, padding); // [B, S] -> [B, S, D]
    const y = embed(tgtIn, weights.tgtEmbed ?? weights.embed); // [B, T] -> [B, T, D]
    const out = decoder(y, mem, weights.decoder, cfg, causalMask(T, T, 0), padding).reshape<tf.Tensor2D>([B * T, cfg.D]);

    const logits = weights.head ? out.matMul(weights.head) : out.matMul(weights.embed, false, true); // [B*T, D] x [D, V]
    return logits.reshape([B, T, cfg.V]);
  });
  // #endregion
}

/** Ids to vectors, with their positions added: [B, T] -> [B, T, D]. */
function embed(ids: tf.Tensor2D, table: tf.Tensor2D): tf.Tensor3D {
  // #region exercise: rows of the table times sqrt(D), plus the position encoding
  const [, T] = ids.shape;
  const [, D] = table.shape;
  return tf.gather(table, ids).mul(Math.sqrt(D)).add(sinusoidal(T, D)); // [B, T, D] + [T, D]
  // #endregion
}

/**
 * Fresh weights: tables normal with deviation 0.02, every other matrix uniform in +-sqrt(6 / (in + out)) (Glorot), gains 1, biases 0.
 * All chance comes from `rng`. The caller owns every tensor.
 */
export function initParams(cfg: Seq2SeqConfig, rng: () => number): Seq2SeqWeights {
  const { V, D, H, F, L } = cfg;
  if (D % H !== 0) throw new UsageError('initParams', 'D divisible by H', `D=${D}, H=${H}`);
  // #region exercise: tables, both stacks, the final norms if pre-norm, the extra matrices if untied
  const seed = () => 1 + Math.floor(rng() * 2 ** 31); // one draw seeds a whole tensor; TF.js takes seed 0 for "no seed"
  const table = () => tf.randomNormal<tf.Rank.R2>([V, D], 0, 0.02, 'float32', seed());
  const glorot = (rows: number, columns: number): tf.Tensor2D => {
    const limit = Math.sqrt(6 / (rows + columns)); // a deviation of sqrt(2 / (rows + columns))
    return tf.randomUniform<tf.Rank.R2>([rows, columns], -limit, limit, 'float32', seed());
  };
  const ln = () => ({ g: tf.ones<tf.Rank.R1>([D]), b: tf.zeros<tf.Rank.R1>([D]) });
  const heads = () => ({ Wq: glorot(D, D), Wk: glorot(D, D), Wv: glorot(D, D), Wo: glorot(D, D) });
  const ffn = () => ({ W1: glorot(D, F), b1: tf.zeros<tf.Rank.R1>([F]), W2: glorot(F, D), b2: tf.zeros<tf.Rank.R1>([D]) });
  const encoderLayer = (): EncoderLayerWeights => ({ attn: heads(), ffn: ffn(), ln1: ln(), ln2: ln() });
  const decoderLayer = (): DecoderLayerWeights => ({ self: heads(), cross: heads(), ffn: ffn(), ln1: ln(), ln2: ln(), ln3: ln() });
  const stack = <T>(layer: () => T) => ({ layers: Array.from({ length: L }, layer), ...(cfg.norm === 'pre' && { ln: ln() }) });
  return {
    embed: table(),
    ...(!cfg.tied && { tgtEmbed: table(), head: glorot(D, V) }),
    encoder: stack(encoderLayer),
    decoder: stack(decoderLayer),
  };
  // #endregion
}

/** How many numbers `initParams(cfg)` makes, worked out without making them. */
export function countParams(cfg: Seq2SeqConfig): number {
  // #region exercise: tables, attentions, feed-forwards and norms, added up
  const { V, D, F, L } = cfg;
  const attention = 4 * D * D;
  const ffn = D * F + F + F * D + D;
  const ln = 2 * D;
  const encoderLayer = attention + ffn + 2 * ln;
  const decoderLayer = 2 * attention + ffn + 3 * ln;
  const finalNorms = cfg.norm === 'pre' ? 2 * ln : 0;
  const tables = (cfg.tied ? 1 : 3) * V * D;
  return tables + L * (encoderLayer + decoderLayer) + finalNorms;
  // #endregion
}

/** What the decoder reads while it is to say `tgt`: BOS first, then all but the last, [B, T] -> [B, T] (int32). */
export function shiftRight(tgt: tf.Tensor2D, bosId: number): tf.Tensor2D {
  // #region exercise: BOS in front, the last column dropped
  return tf.tidy(() => {
    const [B, T] = tgt.shape;
    const bos = tf.fill<tf.Rank.R2>([B, 1], bosId, 'int32');
    return tf.concat([bos, tgt.slice([0, 0], [B, T - 1])], 1);
  });
  // #endregion
}

/** Mean cross-entropy over the labels that are not -100; 0 if there are none. logits [B, T, V], labels [B, T] -> a scalar. */
export function ceLoss(logits: tf.Tensor3D, labels: tf.Tensor2D): tf.Scalar {
  // #region exercise: log-softmax, the log-probability of each label, minus their mean over the labels that count
  return tf.tidy(() => {
    const V = logits.shape[2];
    const counts = labels.notEqual(IGNORE);
    const label = tf.where(counts, labels, tf.zerosLike(labels)) as tf.Tensor2D; // any valid id: its term is multiplied by 0 below
    const chosen = tf.oneHot(label, V).mul<tf.Tensor3D>(tf.logSoftmax(logits)).sum(-1); // [B, T, V] -> [B, T]
    const total = counts.cast('float32').sum().maximum(1); // at least 1: 0 / 0 would be NaN
    return chosen.mul(counts.cast('float32')).sum().div<tf.Scalar>(total).neg();
  });
  // #endregion
}
