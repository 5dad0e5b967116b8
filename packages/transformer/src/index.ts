/** A Transformer written to be read, one part per file, in teaching order. */
export { type Attended, attention } from './attention.ts';
export { type DecoderLayerWeights, type DecoderWeights, decoder, decoderLayer } from './decoder.ts';
export { type EncoderLayerWeights, type EncoderWeights, encoder, encoderLayer, type LayerOptions } from './encoder.ts';
export { type Activation, dropout, type FfnWeights, ffn } from './ffn.ts';
export { layerNorm, type NormWeights } from './layernorm.ts';
export { causalMask, combine, paddingMask } from './masks.ts';
export { type AttentionWeights, mha } from './mha.ts';
export { greedyDecode, makeBatch, type ReverseBatch, type ReverseConfig, type Reverser, trainReverse } from './reverse.ts';
export { ceLoss, countParams, forward, IGNORE, initParams, type Seq2SeqConfig, type Seq2SeqWeights, shiftRight } from './seq2seq.ts';
export { sinusoidal } from './sinusoid.ts';
