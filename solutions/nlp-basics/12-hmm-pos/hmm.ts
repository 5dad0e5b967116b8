/**
 * A hidden Markov model as a tagger: tags follow one another, and each tag brings forth a word. Trained by counting, read by Viterbi.
 *
 * Paper: Rabiner 1989, "A Tutorial on Hidden Markov Models and Selected Applications in Speech Recognition", section III B;
 * for words and tags Jurafsky and Martin, "Speech and Language Processing", chapter 17.
 * - Every count gets k more (add-k), so that nothing is impossible. What may come out is counted too: a tag can be followed by Y tags or by the end.
 * - All words that training never saw share one more entry of each tag: k / (count of the tag + k * (V + 1)). What tells them apart is the context.
 * - All numbers are logs: the product of two thousand probabilities is 0 in floating point.
 */
import { UsageError } from '@llm-ladder/backend/errors';

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

  const tags = [...new Set(sentences.flatMap((sentence) => sentence.map(([, tag]) => tag)))].sort();
  const Y = tags.length;
  const zeros = () => Array<number>(Y).fill(0);
  const [starts, ends, total] = [zeros(), zeros(), zeros()];
  const pairs = tags.map(zeros); // [before][after]
  const words = new Map<string, number[]>(); // a Map: "constructor" is a word like any other

  for (const sentence of sentences) {
    let before: number | undefined;
    for (const [word, tag] of sentence) {
      const y = tags.indexOf(tag);
      if (before === undefined) starts[y]! += 1;
      else pairs[before]![y]! += 1;
      if (!words.has(word)) words.set(word, zeros());
      words.get(word)![y]! += 1;
      total[y]! += 1;
      before = y;
    }
    if (before !== undefined) ends[before]! += 1;
  }

  const V = words.size;
  const N = starts.reduce((sum, count) => sum + count, 0); // sentences that have a word
  const follows = (count: number, y: number) => Math.log((count + k) / (total[y]! + k * (Y + 1))); // Y tags or the end
  const brings = (count: number, y: number) => Math.log((count + k) / (total[y]! + k * (V + 1))); // V words or an unknown one
  return {
    tags,
    start: starts.map((count) => Math.log((count + k) / (N + k * Y))),
    trans: pairs.map((row, y) => row.map((count) => follows(count, y))),
    end: ends.map(follows),
    emit: new Map([...words].map(([word, counts]) => [word, counts.map(brings)])),
    unknown: zeros().map(brings),
  };
}

/** The likeliest tags of a sentence, start and end included; none for a sentence without words. */
export function decode(hmm: Hmm, words: readonly string[]): string[] {
  const { tags, start, trans, end, emit, unknown } = hmm;
  if (words.length === 0) return [];
  const emitted = words.map((word) => emit.get(word) ?? unknown);
  let score = start.map((log, y) => log + emitted[0]![y]!);
  const pointers: number[][] = [];
  for (const brought of emitted.slice(1)) {
    const into = tags.map((_, y) => score.map((log, before) => log + trans[before]![y]!)); // [after][before]
    pointers.push(into.map(indexOfMax));
    score = into.map((scores, y) => Math.max(...scores) + brought[y]!);
  }

  const path = [indexOfMax(score.map((log, y) => log + end[y]!))];
  for (const pointer of pointers.reverse()) path.push(pointer[path.at(-1)!]!);
  return path.reverse().map((y) => tags[y]!);
}

// --- helpers ---

/** The first place of the largest number. */
function indexOfMax(numbers: readonly number[]): number {
  return numbers.indexOf(Math.max(...numbers));
}
