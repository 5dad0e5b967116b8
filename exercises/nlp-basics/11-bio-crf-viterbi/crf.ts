/**
 * Sequence labelling: names in a text as BIO tags, a linear-chain CRF that scores whole tag sequences, and Viterbi, which finds the best one.
 *
 * Papers: Ramshaw and Marcus 1995, "Text Chunking using Transformation-Based Learning" (BIO); Lafferty, McCallum and Pereira 2001,
 * "Conditional Random Fields"; Lample et al. 2016, "Neural Architectures for Named Entity Recognition", section 2.2 (with emissions from a network).
 * - The score of a path is start + emissions + transitions + end. trans[from, to] goes from the tag before to the tag after.
 * - There are Y^T paths. Both the best one and the sum over all need only T steps of Y * Y: what matters of the past is the tag it ends in.
 * - The end score belongs to the last word of a row, not to the last column of the batch.
 * - Tags are counted as entities: right only if begin, end and type are all right. Most words are O, so counting words says little.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, ShapeError, UsageError } from '@llm-ladder/backend/errors';

/** A named piece of a text: words start .. end - 1. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** Dims: B batch, T time, Y tags. */
export interface CrfWeights {
  readonly trans: tf.Tensor2D; // [Y, Y], from the tag before (row) to the tag after (column)
  readonly start: tf.Tensor1D; // [Y]
  readonly end: tf.Tensor1D; // [Y]
}

/** Precision, recall and their harmonic mean; a quotient 0 / 0 counts as 0. */
export interface SpanScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Spans to T tags: B-type for the first word of a span, I-type for the others, O outside. Throws UsageError for spans that overlap or leave the text. */
export function toBio(spans: readonly Span[], T: number): string[] {
  checkSpans(spans, T);

  // TODO: O everywhere, then each span over it
  throw new NotImplemented('nlp-basics/bio-crf-viterbi');
}

/**
 * Tags to spans, from left to right. A model may answer what no text has: an I-type that does not follow a B-type or I-type of the same type.
 * Such an I-type begins a new span, as if it were B-type (the rule of the CoNLL scorer).
 */
export function fromBio(tags: readonly string[]): Span[] {
  // TODO: walk along; B, or an I that continues nothing, begins a span; an I of the same type makes the last span longer
  throw new NotImplemented('nlp-basics/bio-crf-viterbi');
}

/** Entity-level scores over all texts together: a span counts only if start, end and type are right. One list of spans for each text. */
export function spanF1(gold: readonly (readonly Span[])[], predicted: readonly (readonly Span[])[]): SpanScore {
  if (gold.length !== predicted.length)
    throw new UsageError('spanF1', 'one list of answers for each text', `${gold.length} texts, ${predicted.length} answers`);

  // TODO: hits, spans there are, spans answered, summed over the texts; then three quotients
  throw new NotImplemented('nlp-basics/bio-crf-viterbi');
}

/**
 * The best path of every row: emit [B, T, Y], mask [B, T] (1 for the words of a row, then 0; at least one word) -> for each row as many tags as it has words, and their score.
 * All rows go at once: T steps on [B, Y, Y].
 */
export function viterbi(
  emit: tf.Tensor3D,
  mask: tf.Tensor2D,
  weights: CrfWeights,
): { readonly tags: number[][]; readonly scores: number[] } {
  checkShapes('viterbi', emit, mask, weights);

  // TODO: best score for each last tag, with a pointer to the tag before; masked steps change nothing; then back along the pointers
  throw new NotImplemented('nlp-basics/bio-crf-viterbi');
}

/**
 * What training minimises: the mean over rows of log(sum over all paths of exp(score)) - score(labels), for emit [B, T, Y], labels [B, T] (int32), mask [B, T] -> a scalar.
 * Labels at the padding may be anything, also -100.
 */
export function crfNll(emit: tf.Tensor3D, labels: tf.Tensor2D, mask: tf.Tensor2D, weights: CrfWeights): tf.Scalar {
  checkShapes('crfNll', emit, mask, weights);
  if (`${labels.shape}` !== `${mask.shape}`)
    throw new ShapeError('crfNll', 'labels [B, T] like the mask', `labels [${labels.shape}], mask [${mask.shape}]`);

  // TODO: the log-sum over all paths and the score of the labels, step by step; masked steps change neither; end scores; their mean difference
  throw new NotImplemented('nlp-basics/bio-crf-viterbi');
}

// --- helpers ---

function checkSpans(spans: readonly Span[], T: number): void {
  let free = 0;
  for (const { start, end, type } of [...spans].sort((a, b) => a.start - b.start)) {
    if (!(start >= free && start < end && end <= T))
      throw new UsageError('toBio', `spans inside ${T} words that do not overlap`, `${type} from ${start} to ${end}`);
    free = end;
  }
}

function checkShapes(where: string, emit: tf.Tensor3D, mask: tf.Tensor2D, { trans, start, end }: CrfWeights): void {
  const Y = emit.shape.at(-1);
  const fits =
    emit.rank === 3 &&
    `${mask.shape}` === `${emit.shape.slice(0, 2)}` &&
    `${trans.shape}` === `${[Y, Y]}` &&
    `${start.shape}` === `${Y}` &&
    `${end.shape}` === `${Y}`;
  if (fits && emit.shape[1] > 0) return;
  const got = `emit [${emit.shape}], mask [${mask.shape}], trans [${trans.shape}], start [${start.shape}], end [${end.shape}]`;
  throw new ShapeError(where, 'emit [B, T, Y] with T >= 1, mask [B, T], trans [Y, Y], start [Y], end [Y]', got);
}
