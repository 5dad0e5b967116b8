/** Names of the fused kernels, and the way to run one. What a kernel takes and gives stands beside its name; a gradient kernel takes `dy` first. */
import * as tf from '../tf.ts';

/** { x: [.., D], gain: [D] }, epsilon -> [y: [.., D], rstd: [..], the factor of each row]. */
export const RMS_NORM = 'LadderRmsNorm';
/** { dy, x: [.., D], gain: [D], rstd: [..] } -> [dx, dgain]. */
export const RMS_NORM_GRADIENT = 'LadderRmsNormGradient';
/** { gate, up } of one shape -> [gate * sigmoid(gate) * up]. */
export const SWIGLU = 'LadderSwiGlu';
/** { dy, gate, up } -> [dgate, dup]. */
export const SWIGLU_GRADIENT = 'LadderSwiGluGradient';
/** { x: [.., T, H, K], cosine, sine: [T, K / 2] }, inverse, interleaved -> [y]. */
export const ROTATE = 'LadderRotate';
/** { scores: [.., T, S] }, scale -> [weights]. */
export const CAUSAL_SOFTMAX = 'LadderCausalSoftmax';
/** { dy, weights: [.., T, S] }, scale -> [dscores]. */
export const CAUSAL_SOFTMAX_GRADIENT = 'LadderCausalSoftmaxGradient';
/** { logits: [N, V], targets: int32 [N] } -> [losses: [N], gradient of their sum: [N, V]]. */
export const SPARSE_CROSS_ENTROPY = 'LadderSparseCrossEntropy';
/** { x: [1, D], the weights of a layer, its cache, angles, place }, epsilon, interleaved -> [y: [1, D]]; changes the cache. See decode-layer.ts. */
export const DECODE_LAYER = 'LadderDecodeLayer';
/** The weights of a layer in the order of the kernel's inputs. */
export const DECODE_WEIGHTS = ['attnNorm', 'qkv', 'out', 'ffnNorm', 'gate', 'up', 'down'] as const;
/** { x: [1, D], table: [V, D] } -> [x table': [1, V]]. */
export const ROW_BY_TABLE = 'LadderRowByTable';

/** Does the current backend have this kernel? */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

export function runKernel(name: string, inputs: Record<string, tf.Tensor>, attributes: tf.NamedAttrMap = {}): tf.Tensor[] {
  return tf.engine().runKernel(name, inputs, attributes) as unknown as tf.Tensor[];
}
