/**
 * Training ops that are one pass here and several ops in TF.js. Each runs as one kernel on a backend that registers it (`tensorflow` on a CPU
 * registers all) and as plain ops, with the same values and gradients, everywhere else. Only `decodeLayer` has no plain form: ask `hasDecodeLayer`.
 */
export { Adam, type AdamSettings } from './fused/adam.ts';
export { causalSoftmax } from './fused/causal-softmax.ts';
export { sparseCrossEntropy } from './fused/cross-entropy.ts';
export { type DecodeCache, type DecodeStep, type DecodeWeights, decodeLayer, hasDecodeLayer, rowByTable } from './fused/decode-layer.ts';
export { rmsNorm } from './fused/rms-norm.ts';
export { rotate } from './fused/rotate.ts';
export { swiGlu } from './fused/swiglu.ts';
