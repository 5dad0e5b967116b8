/** What the WebAssembly module offers. */
export { gemm, scratchBytes } from './gemm';
export { causalSoftmax, causalSoftmaxGradient, rmsNorm, rmsNormGradient, rotate, swiGlu, swiGluGradient } from './layers';
export { copyBlocks } from './moves';
export { adam, crossEntropy } from './training';
