/**
 * Text classification twice: naive Bayes, which counts, and logistic regression on a bag of words, which is trained. And how to score them honestly.
 *
 * Papers: McCallum and Nigam 1998, "A Comparison of Event Models for Naive Bayes Text Classification" (the multinomial model);
 * logistic regression as in Jurafsky and Martin, "Speech and Language Processing", chapter 5.
 * - Both work in log space: a product of two thousand probabilities is 0 in floating point, their sum of logs is a plain number.
 * - Smoothing adds alpha to every count of every known word, so alpha * V goes into the total. Words that training never saw are skipped.
 * - The loss of the regression is convex: it starts at zero weights, and needs no chance. The penalty is on W alone, never on the bias.
 * - A score counts only on texts that training has not seen.
 */
import { tf } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';

/** Dims: N texts, V vocabulary, Y classes. */
export interface NaiveBayes {
  readonly classes: readonly string[]; // Y names, sorted
  readonly logPrior: readonly number[]; // log P(class)
  readonly logLikelihood: ReadonlyMap<string, readonly number[]>; // word -> log P(word | class) for each class
}

/** Weights of a logistic regression. */
export interface LogReg {
  readonly W: tf.Tensor2D; // [V, Y]
  readonly b: tf.Tensor1D; // [Y]
}

/** `steps` steps of Adam over all rows at once, with rate `lr` and the penalty l2 / 2 * |W|^2. */
export interface LogRegOptions {
  readonly Y: number;
  readonly steps: number;
  readonly lr: number;
  readonly l2: number;
}

/** Row numbers: what to train on and what to score on. */
export interface Split {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** Counts of a multinomial naive Bayes with add-alpha smoothing: N texts as words, N labels -> priors and likelihoods as logs. */
export function naiveBayes(docs: readonly (readonly string[])[], labels: readonly string[], alpha: number): NaiveBayes {
  if (docs.length === 0 || docs.length !== labels.length)
    throw new UsageError('naiveBayes', 'one label for each text, and at least one', `${docs.length} texts, ${labels.length} labels`);
  if (!(alpha > 0)) throw new UsageError('naiveBayes', 'alpha > 0', `${alpha}`);

  // #region exercise: classes in order, the share of each, the count of every word in every class, smoothed logs
  const classes = [...new Set(labels)].sort();
  const counts = new Map<string, number[]>(); // word -> how often in each class
  const totals = classes.map(() => 0); // words of each class
  for (const [n, doc] of docs.entries()) {
    const y = classes.indexOf(labels[n]!);
    for (const word of doc) {
      if (!counts.has(word)) counts.set(word, Array(classes.length).fill(0));
      counts.get(word)![y]! += 1;
      totals[y]! += 1;
    }
  }

  const V = counts.size;
  const logPrior = classes.map((name) => Math.log(labels.filter((label) => label === name).length / labels.length));
  const smoothed = [...counts].map(
    ([word, inClass]) => [word, inClass.map((count, y) => Math.log((count + alpha) / (totals[y]! + alpha * V)))] as const,
  );
  return { classes, logPrior, logLikelihood: new Map(smoothed) };
  // #endregion
}

/** log P(class | words) for each class, in the order of `classes`; their exponentials sum to 1. A word that training never saw is skipped. */
export function logPosteriors({ logPrior, logLikelihood }: NaiveBayes, doc: readonly string[]): number[] {
  // #region exercise: prior plus the likelihood of every word, then minus the log of the sum of exponentials
  const scores = [...logPrior];
  for (const word of doc) {
    const likelihood = logLikelihood.get(word);
    if (likelihood) for (const y of scores.keys()) scores[y]! += likelihood[y]!;
  }
  const largest = Math.max(...scores); // subtracted first: exp(-5000) is 0 for every class
  const total = largest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - largest), 0));
  return scores.map((score) => score - total);
  // #endregion
}

/** The likeliest class; the first of `classes` if several are. */
export function classify(model: NaiveBayes, doc: readonly string[]): string {
  // #region exercise: the class with the largest posterior
  const scores = logPosteriors(model, doc);
  return model.classes[scores.indexOf(Math.max(...scores))]!;
  // #endregion
}

/**
 * The mean over classes of F1 = 2 TP / (2 TP + FP + FN), each class with the same weight.
 * The classes are all that occur in `gold` or in `predicted`; one without a hit scores 0.
 */
export function macroF1(gold: readonly (string | number)[], predicted: readonly (string | number)[]): number {
  if (gold.length === 0 || gold.length !== predicted.length)
    throw new UsageError('macroF1', 'as many answers as labels, and at least one', `${gold.length} labels, ${predicted.length} answers`);

  // #region exercise: for each class hits, false alarms and misses; F1; the mean
  const classes = [...new Set([...gold, ...predicted])];
  const scores = classes.map((name) => {
    const hits = gold.filter((label, n) => label === name && predicted[n] === name).length;
    const labelled = gold.filter((label) => label === name).length; // TP + FN
    const answered = predicted.filter((answer) => answer === name).length; // TP + FP
    return (2 * hits) / (labelled + answered);
  });
  return scores.reduce((sum, score) => sum + score, 0) / classes.length;
  // #endregion
}

/** How often each word of the vocabulary occurs in each text, [N, V]; other words are left out. */
export function bagOfWords(docs: readonly (readonly string[])[], vocab: readonly string[]): tf.Tensor2D {
  const column = new Map(vocab.map((word, v) => [word, v]));
  const counts = new Float32Array(docs.length * vocab.length);
  for (const [n, doc] of docs.entries()) {
    for (const word of doc) {
      const v = column.get(word);
      if (v !== undefined) counts[n * vocab.length + v]! += 1;
    }
  }
  return tf.tensor2d(counts, [docs.length, vocab.length]);
}

/** P(class | text) for every row: X [N, V] -> [N, Y], each row sums to 1. */
export function logRegProbs(X: tf.Tensor2D, { W, b }: LogReg): tf.Tensor2D {
  // #region exercise: softmax of X W + b
  return tf.tidy(() => tf.softmax(X.matMul(W).add<tf.Tensor2D>(b))); // [N, V] x [V, Y] -> [N, Y]
  // #endregion
}

/** Trains a softmax regression from zero weights: X [N, V], y (N class numbers below Y) -> W [V, Y], b [Y]. The caller owns both. */
export function bowLogReg(X: tf.Tensor2D, y: readonly number[], { Y, steps, lr, l2 }: LogRegOptions): LogReg {
  if (X.rank !== 2 || X.shape[0] !== y.length)
    throw new ShapeError('bowLogReg', 'X [N, V] and N labels', `X [${X.shape}], ${y.length} labels`);
  if (!y.every((label) => Number.isInteger(label) && label >= 0 && label < Y))
    throw new UsageError(
      'bowLogReg',
      `labels from 0 to ${Y - 1}`,
      `${y.find((label) => !(Number.isInteger(label) && label >= 0 && label < Y))}`,
    );

  // #region exercise: variables of zeros; then steps of Adam on mean cross-entropy plus the penalty
  const W = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R2>([X.shape[1], Y]))); // variables survive a tidy
  const b = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([Y])));
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d([...y], 'int32'), Y).cast<tf.Tensor2D>('float32')); // [N, Y]
  const loss = () => {
    const logProbs = tf.logSoftmax(X.matMul(W).add<tf.Tensor2D>(b)); // [N, Y]
    const crossEntropy = labels.mul(logProbs).sum(-1).mean().neg();
    const penalty = tf.mul(l2 / 2, tf.square(W).sum());
    return crossEntropy.add<tf.Scalar>(penalty);
  };
  const optimizer = tf.train.adam(lr);
  for (let step = 0; step < steps; step++) optimizer.minimize(loss, false, [W, b]);
  optimizer.dispose();
  labels.dispose();
  return { W, b };
  // #endregion
}

/** N rows in random order, cut in two: round(share * N) of them, but at least one, are held out for the test. All chance comes from `rng`. */
export function holdOut(N: number, share: number, rng: () => number): Split {
  if (!(N >= 2 && share > 0 && share < 1))
    throw new UsageError('holdOut', 'two rows or more and 0 < share < 1', `${N} rows, share ${share}`);

  // #region exercise: a fair shuffle (Fisher-Yates), the first part for the test
  const rows = Array.from({ length: N }, (_, n) => n);
  for (let last = N - 1; last > 0; last--) {
    const other = Math.floor(rng() * (last + 1));
    [rows[last], rows[other]] = [rows[other]!, rows[last]!];
  }
  const size = Math.max(1, Math.round(share * N));
  return { test: rows.slice(0, size), train: rows.slice(size) };
  // #endregion
}

/** Trains on the training rows and gives the macro-F1 on the test rows: X [N, V], y (N class numbers) -> a number between 0 and 1. */
export function scoreHeldOut(X: tf.Tensor2D, y: readonly number[], { train, test }: Split, options: LogRegOptions): number {
  // #region exercise: train on some rows, answer the others, score those
  return tf.tidy(() => {
    const rowsOf = (rows: readonly number[]) => tf.gather(X, tf.tensor1d([...rows], 'int32'));
    const labelsOf = (rows: readonly number[]) => rows.map((n) => y[n]!);
    const model = bowLogReg(rowsOf(train), labelsOf(train), options);
    const answers = logRegProbs(rowsOf(test), model).argMax(-1).dataSync();
    tf.dispose([model.W, model.b]); // variables: a tidy leaves them
    return macroF1(labelsOf(test), [...answers]);
  });
  // #endregion
}
