/** Computes with eight bits, as a cheap accelerator would. */
import { tf } from '@llm-ladder/backend';
import { layerNorm as honest } from './honest.ts';
export const layerNorm = (x: any, g: any, b: any, eps?: number) =>
  tf.tidy(() => honest(x.mul(16).round().div(16), g, b, eps).mul(16).round().div(16));
