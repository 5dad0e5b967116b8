/**
 * Cutting a word into the subwords of a vocabulary that is already there: two encoders and two ideas of what is best.
 *
 * - WordPiece (Schuster and Nakajima 2012; Devlin et al. 2019, BERT) is greedy: the longest piece that fits, from the left, never back.
 *   Inside a word a piece is written with ## before it, so that "##able" in "washable" is not the word "able".
 * - Unigram (Kudo 2018, "Subword Regularization") gives each piece a probability and takes the way to cut whose product is largest.
 *   Viterbi finds it: the best way up to a place is the best way up to an earlier place plus one piece.
 * - Products of probabilities become sums of logarithms: a product of a few hundred of them is 0 in floating point.
 */
import { NotImplemented } from '@llm-ladder/backend/errors';

/** The best way to cut a word, and the sum of its pieces' log probabilities; no pieces and -Infinity where there is no way at all. */
export interface Segmented {
  readonly pieces: string[];
  readonly score: number;
}

/** Greedy, longest piece first; inside the word pieces carry ##. If any part cannot be matched, the whole word is `unk`. An empty word has no pieces. */
export function wordpiece(word: string, vocab: ReadonlySet<string>, unk: string): string[] {
  // TODO: from the left take the longest piece of the vocabulary, with ## before it inside the word; else give up the word
  throw new NotImplemented('nlp-basics/wordpiece-unigram');
}

/** Of all ways to cut a word into pieces of `logp` (piece -> log probability), one with the largest sum. */
export function unigramViterbi(word: string, logp: ReadonlyMap<string, number>): Segmented {
  // TODO: for each place the best score up to it and the length of the last piece; then walk back from the end
  throw new NotImplemented('nlp-basics/wordpiece-unigram');
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
