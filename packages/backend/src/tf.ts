/**
 * The one `tf` of LLM Ladder: TF.js core with every gradient and every chained method registered.
 * Everything in the course imports it from '@llm-ladder/backend'; a second copy of core would have registries of its own.
 */
/// <reference types="@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js" preserve="true" />
import '../generated/register.js';
import './gradients.ts';

export * from '@tensorflow/tfjs-core';
export { logSigmoid } from './log-sigmoid.ts';
