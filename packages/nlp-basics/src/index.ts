/** The basics of language processing, one part per file, in teaching order. */

export { type BilmWeights, bilmLayers, bilmLogits, bilmLoss, initBilm, reverseRows, scalarMix } from './bilm.ts';
export { applyBpe, learnBpe, type Merge } from './bpe.ts';
export { type CbowBatch, cbowBatch, cbowLoss } from './cbow.ts';
export { type CrfWeights, crfNll, fromBio, type Span, type SpanScore, spanF1, toBio, viterbi } from './crf.ts';
export { decode, fitHmm, type Hmm } from './hmm.ts';
export { type LstmState, type LstmWeights, lstmSeq, lstmStep } from './lstm.ts';
export { type Mode, segment } from './max-match.ts';
export { BOS, EOS, NGram, type Smoothing, UNK } from './ngram.ts';
export { drawNegatives, negTable, pairs, type SkipgramConfig, sgnsLoss, trainSkipgram } from './skipgram.ts';
export { type Segmented, unigramViterbi, wordpiece } from './subword.ts';
export {
  bagOfWords,
  bowLogReg,
  classify,
  holdOut,
  type LogReg,
  type LogRegOptions,
  logPosteriors,
  logRegProbs,
  macroF1,
  type NaiveBayes,
  naiveBayes,
  type Split,
  scoreHeldOut,
} from './text-classify.ts';
export { cosine, fitTfidf, type Tfidf, transform } from './tfidf.ts';
