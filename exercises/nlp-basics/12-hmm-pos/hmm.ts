/**
 * A hidden Markov model as a tagger: tags follow one another, and each tag brings forth a word. Trained by counting, read by Viterbi.
 *
 * Paper: Rabiner 1989, "A Tutorial on Hidden Markov Models and Selected Applications in Speech Recognition", section III B;
 * for words and tags Jurafsky and Martin, "Speech and Language Processing", chapter 17.
 * - Every count gets k more (add-k), so that nothing is impossible. What may come out is counted too: a tag can be followed by Y tags or by the end.
 * - All words that training never saw share one more entry of each tag: k / (count of the tag + k * (V + 1)). What tells them apart is the context.
 * - All numbers are logs: the product of two thousand probabilities is 0 in floating point.
 */
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

/** Dims: V known words, Y tags. All numbers are natural logs of probabilities. */
export interface Hmm {
  readonly tags: readonly string[]; // Y names, sorted
  readonly start: readonly number[]; // of each tag at the beginning
  readonly trans: readonly (readonly number[])[]; // trans[before][after]
  readonly end: readonly number[]; // of the end after each tag
  readonly emit: ReadonlyMap<string, readonly number[]>; // word -> its log P(word | tag) for each tag
  readonly unknown: readonly number[]; // log P(a word that training never saw | tag)
}

/** Counts sentences of [word, tag] pairs and smooths with k > 0. */
export function fitHmm(sentences: readonly (readonly (readonly [word: string, tag: string])[])[], k: number): Hmm {
  if (!(k > 0)) throw new UsageError('fitHmm', 'k > 0', `${k}`);
  if (!sentences.some((sentence) => sentence.length > 0))
    throw new UsageError('fitHmm', 'at least one word', `${sentences.length} sentences without any`);

  // TODO: count beginnings, neighbours, ends and words; add k everywhere; logs
  throw new NotImplemented('nlp-basics/hmm-pos');
}

/** The likeliest tags of a sentence, start and end included; none for a sentence without words. */
export function decode(hmm: Hmm, words: readonly string[]): string[] {
  // TODO: the best score for each last tag with a pointer to the tag before, word by word; the end; then back along the pointers
  throw new NotImplemented('nlp-basics/hmm-pos');
}

// --- helpers ---

/** The first place of the largest number. */
function indexOfMax(numbers: readonly number[]): number {
  return numbers.indexOf(Math.max(...numbers));
}
