/** Pretrained language models and their parts, one per file. */
export { gqa, repeatKv } from './gqa.ts';
export { rmsNorm } from './rmsnorm.ts';
export { applyRope, type RopeCache, type RopeStyle, ropeCache } from './rope.ts';
export { hiddenDim, swiglu } from './swiglu.ts';
