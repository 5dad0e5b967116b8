/**
 * Cutting a word into the subwords of a vocabulary that is already there: two encoders and two ideas of what is best.
 *
 * - WordPiece (Schuster and Nakajima 2012; Devlin et al. 2019, BERT) is greedy: the longest piece that fits, from the left, never back.
 *   Inside a word a piece is written with ## before it, so that "##able" in "washable" is not the word "able".
 * - Unigram (Kudo 2018, "Subword Regularization") gives each piece a probability and takes the way to cut whose product is largest.
 *   Viterbi finds it: the best way up to a place is the best way up to an earlier place plus one piece.
 * - Products of probabilities become sums of logarithms: a product of a few hundred of them is 0 in floating point.
 */

/** The best way to cut a word, and the sum of its pieces' log probabilities; no pieces and -Infinity where there is no way at all. */
export interface Segmented {
  readonly pieces: string[];
  readonly score: number;
}

/** Greedy, longest piece first; inside the word pieces carry ##. If any part cannot be matched, the whole word is `unk`. An empty word has no pieces. */
export function wordpiece(word: string, vocab: ReadonlySet<string>, unk: string): string[] {
  // #region exercise: from the left take the longest piece of the vocabulary, with ## before it inside the word; else give up the word
  const pieces: string[] = [];
  for (let start = 0; start < word.length; ) {
    const mark = start > 0 ? '##' : '';
    let end = Math.min(word.length, start + longestOf(vocab));
    while (end > start && !vocab.has(mark + word.slice(start, end))) end--;
    if (end === start) return [unk];
    pieces.push(mark + word.slice(start, end));
    start = end;
  }
  return pieces;
  // #endregion
}

/** Of all ways to cut a word into pieces of `logp` (piece -> log probability), one with the largest sum. */
export function unigramViterbi(word: string, logp: ReadonlyMap<string, number>): Segmented {
  // #region exercise: for each place the best score up to it and the length of the last piece; then walk back from the end
  const longest = longestOf(logp);
  const score = new Float64Array(word.length + 1).fill(Number.NEGATIVE_INFINITY); // score[end]: the best way to cut word[0 .. end)
  const last = new Int32Array(word.length + 1); // last[end]: the length of that way's last piece
  score[0] = 0;
  // Places inside a surrogate pair stay at -Infinity: no piece ends there.
  for (let end = 1; end <= word.length; end++) {
    for (let length = 1; length <= Math.min(end, longest); length++) {
      const total = score[end - length]! + (logp.get(word.slice(end - length, end)) ?? Number.NEGATIVE_INFINITY);
      if (total <= score[end]!) continue;
      score[end] = total;
      last[end] = length;
    }
  }

  const best = score[word.length]!;
  const pieces: string[] = [];
  if (best > Number.NEGATIVE_INFINITY) {
    for (let end = word.length; end > 0; end -= last[end]!) pieces.push(word.slice(end - last[end]!, end));
  }
  return { pieces: pieces.reverse(), score: best };
  // #endregion
}

// --- helpers ---

type Vocabulary = ReadonlySet<string> | ReadonlyMap<string, unknown>;
const remembered = new WeakMap<Vocabulary, { readonly size: number; readonly longest: number }>();

/** The length of the longest piece. A vocabulary is looked through once and then remembered by its size: words are short, vocabularies are not. */
function longestOf(vocab: Vocabulary): number {
  const before = remembered.get(vocab);
  if (before?.size === vocab.size) return before.longest;
  let longest = 0;
  for (const piece of vocab.keys()) longest = Math.max(longest, piece.length);
  remembered.set(vocab, { size: vocab.size, longest });
  return longest;
}
