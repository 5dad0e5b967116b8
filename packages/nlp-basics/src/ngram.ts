/**
 * An n-gram language model: the next word depends on the n - 1 words before it, and its probability is counted.
 *
 * Shannon 1948; Jelinek and Mercer 1980 (interpolation); Jurafsky and Martin, "Speech and Language Processing", chapter 3.
 * - Before each sentence stand n - 1 begin marks, behind it one end mark. The end mark is predicted like a word; the begin mark never is.
 * - Add-k: every word of the vocabulary gets k more in every context, so nothing has probability 0 and the probabilities still sum to 1.
 * - The vocabulary is the words of the training text, the end mark and `<unk>`, which stands for every other word.
 * - Probabilities of a text are added up as logarithms: the product of two thousand of them is 0 in floating point.
 */
import { UsageError } from '@llm-ladder/backend/errors';

/** The mark before a sentence, the mark behind it, and every word that training never saw. */
export const [BOS, EOS, UNK] = ['<s>', '</s>', '<unk>'] as const;

/** How counts become probabilities. */
export interface Smoothing {
  /** Added to each count; 1 unless told. */
  readonly k?: number;
  /** Interpolation: how much the estimate of each order counts, from 1 word to n words; together 1. Without it only order n counts. */
  readonly lambdas?: readonly number[];
}

/** Learns from sentences (lists of words), gives probabilities, measures a text, and speaks. UsageError for numbers outside their range, and before `fit`. */
export class NGram {
  readonly #k: number;
  readonly #lambdas: readonly number[] | undefined;
  /** The weight of each order, from 1 to n; empty before `fit`. */
  #weights: readonly number[] = [];
  /** Word -> its number; the end mark and `<unk>` are in it, the begin mark is not. */
  #ids = new Map<string, number>();
  /** How often each n-gram of each order occurs. */
  #counts = new Counts();

  constructor({ k = 1, lambdas }: Smoothing = {}) {
    if (!(k > 0 && k < Number.POSITIVE_INFINITY)) throw new UsageError('NGram', 'k > 0', `${k}`);
    this.#k = k;
    this.#lambdas = lambdas;
  }

  /** Counts all n-grams of the sentences; what was counted before is forgotten. */
  fit(sents: readonly (readonly string[])[], n: number): void {
    // #region exercise: number the words; count, for each context of the orders in use, what follows it and how often
    if (!(Number.isInteger(n) && n >= 1)) throw new UsageError('NGram.fit', 'a whole n of 1 or more', `${n}`);
    const weights = this.#lambdas ?? Array.from({ length: n }, (_, i) => (i === n - 1 ? 1 : 0));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (weights.length !== n || weights.some((weight) => !(weight >= 0)) || !(Math.abs(sum - 1) < 1e-6))
      throw new UsageError('NGram.fit', `${n} lambdas of 0 or more that sum to 1`, `[${weights.join(', ')}]`);
    checkMarks('NGram.fit', sents);

    this.#weights = weights;
    this.#ids = new Map([[EOS, 0], [UNK, 1]]); // biome-ignore format: one line
    for (const sent of sents) for (const word of sent) if (!this.#ids.has(word)) this.#ids.set(word, this.#ids.size);

    this.#counts = new Counts();
    for (const [i, weight] of weights.entries()) {
      if (weight === 0) continue;
      for (const sent of sents) {
        const words = this.#padded(sent, i);
        for (let at = i; at < words.length; at++) this.#counts.add(words, at - i, at);
      }
    }
    // #endregion
  }

  /** P(word | the last n - 1 words of `ctx`). A `ctx` that is shorter stands at the beginning of a sentence. The begin mark itself is never next: 0. */
  prob(word: string, ctx: readonly string[]): number {
    // #region exercise: the smoothed estimate of each order, weighted
    const words = this.#padded(ctx, this.#order() - 1);
    if (word === BOS) return 0;
    return this.#after(words, words.length - 1)(this.#idOf(word));
    // #endregion
  }

  /** exp of the mean negative log probability of all words and end marks: as many equally likely choices as the model is in doubt about. */
  perplexity(sents: readonly (readonly string[])[]): number {
    // #region exercise: add up logarithms over all sentences, divide by the number of predictions once
    if (sents.length === 0) throw new UsageError('NGram.perplexity', 'at least one sentence', 'none');
    checkMarks('NGram.perplexity', sents);
    const before = this.#order() - 1;
    let logs = 0;
    let N = 0;
    for (const sent of sents) {
      const words = this.#padded(sent, before);
      for (let at = before; at < words.length; at++) {
        logs += Math.log(this.#after(words, at)(words[at]!));
        N++;
      }
    }
    return Math.exp(-logs / N);
    // #endregion
  }

  /** A sentence drawn word by word, without its marks, of at most `maxWords` words. */
  generate(rng: () => number, maxWords = 100): string[] {
    // #region exercise: draw from P(. | the words so far) until the end mark
    const vocab = [...this.#ids.keys()];
    const before = this.#order() - 1;
    const words: string[] = [];
    while (words.length < maxWords) {
      const sofar = this.#padded(words.slice(Math.max(0, words.length - before)), before);
      const probOf = this.#after(sofar, sofar.length - 1);
      let left = rng();
      let id = -1;
      while (left >= 0 && id < vocab.length - 1) left -= probOf(++id);
      const word = vocab[id]!;
      if (word === EOS) return words;
      words.push(word);
    }
    return words;
    // #endregion
  }

  /** P(. | the words before place `at`), as a function of a word's number. */
  #after(words: readonly number[], at: number): (id: number) => number {
    // #region exercise: for each order (count + k) / (total + k V), times its weight
    const V = this.#ids.size;
    const orders = this.#weights.flatMap((weight, i) => (weight === 0 ? [] : [{ weight, context: this.#counts.find(words, at - i, at) }]));
    return (id) => {
      let p = 0;
      for (const { weight, context } of orders) {
        const [count, total] = [this.#counts.after(context, id), this.#counts.total(context)];
        p += (weight * (count + this.#k)) / (total + this.#k * V);
      }
      return p;
    };
    // #endregion
  }

  // --- helpers ---

  /** `before` begin marks, the words and the end mark, as numbers. */
  #padded(words: readonly string[], before: number): number[] {
    return [...new Array<number>(before).fill(BOS_ID), ...words.map((word) => this.#idOf(word)), this.#ids.get(EOS)!];
  }

  #idOf(word: string): number {
    return word === BOS ? BOS_ID : (this.#ids.get(word) ?? this.#ids.get(UNK)!);
  }

  #order(): number {
    if (this.#weights.length === 0)
      throw new UsageError('NGram', 'a model that was fitted', 'one that was not', { hint: 'call fit first' });
    return this.#weights.length;
  }
}

/** Whoever writes the marks into a sentence would have them twice. */
function checkMarks(where: string, sents: readonly (readonly string[])[]): void {
  const marked = sents.find((sent) => sent.includes(BOS) || sent.includes(EOS));
  if (marked) throw new UsageError(where, `sentences without ${BOS} and ${EOS}`, marked.join(' '), { hint: 'the model adds them itself' });
}

const BOS_ID = -1; // outside the vocabulary: it is never predicted
const UNSEEN = -1;
const ROOT = 0;

/** Counts of sequences of word numbers, in a tree: a node is a context, and each word that followed it leads to a node of its own. */
class Counts {
  /** Node and word, as one number -> node. */
  readonly #next = new Map<number, number>();
  /** For each node: how often this sequence was counted. */
  readonly #count = [0];
  /** For each node: how often some word was counted after it. */
  readonly #total = [0];

  /** Counts the word at `at` once more after the context words[from .. at). */
  add(words: readonly number[], from: number, at: number): void {
    let context = ROOT;
    for (let i = from; i < at; i++) context = this.#open(context, words[i]!);
    this.#total[context]!++;
    this.#count[this.#open(context, words[at]!)]!++;
  }

  /** The node of the context words[from .. at), for `after` and `total`. */
  find(words: readonly number[], from: number, at: number): number {
    let context = ROOT;
    for (let i = from; i < at && context !== UNSEEN; i++) context = this.#next.get(keyOf(context, words[i]!)) ?? UNSEEN;
    return context;
  }

  after(context: number, word: number): number {
    return context === UNSEEN ? 0 : (this.#count[this.#next.get(keyOf(context, word)) ?? ROOT] ?? 0); // nothing is ever counted at the root
  }

  total(context: number): number {
    return context === UNSEEN ? 0 : this.#total[context]!;
  }

  #open(context: number, word: number): number {
    const key = keyOf(context, word);
    const known = this.#next.get(key);
    if (known !== undefined) return known;
    const node = this.#count.push(0) - 1;
    this.#total.push(0);
    this.#next.set(key, node);
    return node;
  }
}

/** One number for a node and a word; both stay below 2^26, so it is exact. */
function keyOf(context: number, word: number): number {
  return context * 2 ** 26 + word + 1; // the begin mark is -1
}
