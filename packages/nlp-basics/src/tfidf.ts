/**
 * TF-IDF: a text as a vector with one number per word, large where a word is frequent here and rare elsewhere; and the cosine that compares two of them.
 *
 * Salton, Wong and Yang 1975 (vector space model), Spärck Jones 1972 (inverse document frequency), in the form that scikit-learn computes.
 * - The idf is smoothed, ln((1 + N) / (1 + df)) + 1, as if one more document held every word: a word of all documents keeps weight 1, not 0.
 * - df counts documents, not occurrences. It is learned once; a query is weighed with it and never changes it.
 * - Vectors have length 1, so that a long text is not nearer to everything than a short one.
 */
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';

/** What `fitTfidf` learns: each word's place in a vector, and its weight. V = vocab.size = idf.length. */
export interface Tfidf {
  readonly vocab: ReadonlyMap<string, number>;
  readonly idf: Float64Array;
}

/** Learns the words of N documents, numbered as they first appear, and their smoothed idf: N lists of words -> V words. */
export function fitTfidf(docs: readonly (readonly string[])[]): Tfidf {
  // #region exercise: number the words as they come, count the documents of each, turn the counts into idf
  const vocab = new Map<string, number>();
  const df: number[] = [];
  for (const doc of docs) {
    for (const word of new Set(doc)) {
      const at = vocab.get(word) ?? vocab.size;
      vocab.set(word, at);
      df[at] = (df[at] ?? 0) + 1;
    }
  }
  return { vocab, idf: Float64Array.from(df, (n) => Math.log((1 + docs.length) / (1 + n)) + 1) };
  // #endregion
}

/** One document as a vector of length 1: words -> [V]. Unknown words are left out; a document without a known word is a row of zeros. */
export function transform(doc: readonly string[], { vocab, idf }: Tfidf): tf.Tensor1D {
  // #region exercise: add up the idf of each known word, divide by the length of the vector
  const weights = new Float64Array(vocab.size);
  for (const word of doc) {
    const at = vocab.get(word);
    if (at !== undefined) weights[at]! += idf[at]!; // twice in the text, twice the weight
  }
  const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  return tf.tensor1d(Float32Array.from(weights, (weight) => (length === 0 ? 0 : weight / length)));
  // #endregion
}

/** How near two vectors point, from -1 to 1: [.., V] and [.., V], whose leading dims broadcast, -> [..]. A vector of zeros gives 0. ShapeError otherwise. */
export function cosine(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  // #region exercise: check the shapes; dot products over both lengths, safe where a length is 0
  checkShapes(a, b);
  return tf.tidy(() => {
    // The floor lies under the root: at 0 the root's own gradient would be infinite.
    const length = (x: tf.Tensor) => x.square().sum(-1).maximum(1e-30).sqrt(); // [.., V] -> [..]
    const dots = a.mul(b).sum(-1);
    return dots.div(length(a).mul(length(b)));
  });
  // #endregion
}

// --- helpers ---

function checkShapes(a: tf.Tensor, b: tf.Tensor): void {
  const size = (x: tf.Tensor, fromTheEnd: number): number => x.shape.at(-1 - fromTheEnd) ?? 1;
  const leading = Array.from({ length: Math.max(a.rank, b.rank) - 1 }, (_, i) => [size(a, i + 1), size(b, i + 1)] as const);
  const fits = a.rank > 0 && b.rank > 0 && size(a, 0) === size(b, 0) && leading.every(([m, n]) => m === n || m === 1 || n === 1);
  if (!fits) throw new ShapeError('cosine', '[.., V] and [.., V] whose leading dims broadcast', `[${a.shape}] and [${b.shape}]`);
}
