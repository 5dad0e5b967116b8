/** Training a language model from nothing, one part per file, in teaching order. */

export { AdamState, type AdamWOptions, inGroups, parametersOf, type StepReport, type SummedLoss, trainStep } from './accum-clip.ts';
export { StreamDecoder, Tokenizer, type TokenizerOptions } from './bbpe-codec.ts';
export { type BpeModel, type BpeOptions, trainBpe } from './bbpe-train.ts';
export { type Answer, type BeamOptions, beam } from './beam.ts';
export { type AnswerOptions, answer } from './chat/answer.ts';
export { FastDecoder } from './chat/fast-decoder.ts';
export type { RowDecoder } from './chat/row-decoder.ts';
export { expired, last, load, newestFirst, type Saved, save } from './checkpoint.ts';
export { type DedupOptions, filters, lshDedup, minhash, RULES, type Rule, shingles } from './corpus-clean.ts';
export { encodeStream } from './encode-stream.ts';
export { type Decoded, decodeStep, KvCache, type LayerCache, type PrefillOptions, prefill } from './kv-cache.ts';
export {
  countParams,
  initWeights,
  type LlamaConfig,
  type LlamaLayerWeights,
  type LlamaOptions,
  type LlamaWeights,
  llamaForward,
} from './llama.ts';
export { type MixedStepOptions, mixedStep, type Precision, Scaler, type ScalerOptions, toBf16, toFp16 } from './loss-scaler.ts';
export { countSteps, type LrSchedule, lrAt } from './lr-cosine.ts';
export { makeTokenizer } from './make-tokenizer.ts';
export { type LanguageModel, type LoadedModel, loadModel, type ModelParts, saveModel } from './model-folder.ts';
export { documentMask, type Packed, type PretrainExample, packDocs, pretrainExample } from './pack.ts';
export { BYTE_CHARS, BYTES_IN_ORDER, eachPretoken } from './pretokens.ts';
export { type GenerateOptions, generate, type SampleOptions, sample } from './sampling.ts';
export { fitChinchilla, flops, lossAt, optimal, type ScalingLaw, type TrainingRun } from './scaling.ts';
