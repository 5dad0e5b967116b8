/**
 * TF-IDF: a text as a vector with one number per word, large where a word is frequent here and rare elsewhere; and the cosine that compares two of them.
 *
 * Salton, Wong and Yang 1975 (vector space model), Spärck Jones 1972 (inverse document frequency), in the form that scikit-learn computes.
 * - The idf is smoothed, ln((1 + N) / (1 + df)) + 1, as if one more document held every word: a word of all documents keeps weight 1, not 0.
 * - df counts documents, not occurrences. It is learned once; a query is weighed with it and never changes it.
 * - Vectors have length 1, so that a long text is not nearer to everything than a short one.
 */
import { tf } from '@llm-ladder/backend';
import { NotImplemented, ShapeError } from '@llm-ladder/backend/errors';

/** What `fitTfidf` learns: each word's place in a vector, and its weight. V = vocab.size = idf.length. */
export interface Tfidf {
  readonly vocab: ReadonlyMap<string, number>;
  readonly idf: Float64Array;
}

/** Learns the words of N documents, numbered as they first appear, and their smoothed idf: N lists of words -> V words. */
export function fitTfidf(docs: readonly (readonly string[])[]): Tfidf {
  // TODO: number the words as they come, count the documents of each, turn the counts into idf
  throw new NotImplemented('nlp-basics/tfidf-vsm');
}

/** One document as a vector of length 1: words -> [V]. Unknown words are left out; a document without a known word is a row of zeros. */
export function transform(doc: readonly string[], { vocab, idf }: Tfidf): tf.Tensor1D {
  // TODO: add up the idf of each known word, divide by the length of the vector
  throw new NotImplemented('nlp-basics/tfidf-vsm');
}

/** How near two vectors point, from -1 to 1: [.., V] and [.., V], whose leading dims broadcast, -> [..]. A vector of zeros gives 0. ShapeError otherwise. */
export function cosine(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  // TODO: check the shapes; dot products over both lengths, safe where a length is 0
  throw new NotImplemented('nlp-basics/tfidf-vsm');
}

// --- helpers ---

function checkShapes(a: tf.Tensor, b: tf.Tensor): void {
  const size = (x: tf.Tensor, fromTheEnd: number): number => x.shape.at(-1 - fromTheEnd) ?? 1;
  const leading = Array.from({ length: Math.max(a.rank, b.rank) - 1 }, (_, i) => [size(a, i + 1), size(b, i + 1)] as const);
  const fits = a.rank > 0 && b.rank > 0 && size(a, 0) === size(b, 0) && leading.every(([m, n]) => m === n || m === 1 || n === 1);
  if (!fits) throw new ShapeError('cosine', '[.., V] and [.., V] whose leading dims broadcast', `[${a.shape}] and [${b.shape}]`);
}
