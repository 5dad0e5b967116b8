/** Our own training and decoding ops (native/training-ops.cc), compiled by `ladder backend install`: they run on TensorFlow's CPU device. */
import { join } from 'node:path';
import { type AdamMoments, type AdamStep, registerAdam } from '../fused/adam.ts';
import * as kernels from '../fused/kernel.ts';
import * as tf from '../tf.ts';
import type { Binding, OpAttribute, TensorflowBackend } from './binding.ts';

/** The addon's name in the folder of the binding. */
export const TRAINING_OPS = 'training_ops.node';

type Numbers = Readonly<Record<string, number | boolean>>;

/** Loads the addon into the running TensorFlow and registers its ops as kernels and as the Adam of the backend. Throws when TensorFlow refuses one. */
export function registerNativeOps(binding: Binding, require: NodeJS.Require): void {
  const { refused } = require(`./${join('binding', TRAINING_OPS)}`) as { refused: string };
  if (refused !== '') throw new Error(refused);
  const register = (
    name: string,
    inputs: readonly string[],
    outputs: number,
    attributes: (attrs: Numbers) => OpAttribute[] = () => [],
  ): void =>
    tf.registerKernel({
      kernelName: name,
      backendName: 'tensorflow',
      kernelFunc: (call) => {
        const given = inputs.map((input) => call.inputs[input] as tf.Tensor);
        return (call.backend as TensorflowBackend).executeMultipleOutputs(name, attributes(call.attrs as Numbers), given, outputs);
      },
    });
  const number = (name: string) => (attrs: Numbers) => [{ name, type: binding.TF_ATTR_FLOAT, value: attrs[name] as number }];
  const flags =
    (...names: string[]) =>
    (attrs: Numbers) =>
      names.map((name) => ({ name, type: binding.TF_ATTR_BOOL, value: attrs[name] as boolean }));

  register(kernels.RMS_NORM, ['x', 'gain'], 2, number('epsilon'));
  register(kernels.RMS_NORM_GRADIENT, ['dy', 'x', 'gain', 'rstd'], 2);
  register(kernels.SWIGLU, ['gate', 'up'], 1);
  register(kernels.SWIGLU_GRADIENT, ['dy', 'gate', 'up'], 2);
  register(kernels.ROTATE, ['x', 'cosine', 'sine'], 1, flags('inverse', 'interleaved'));
  register(kernels.CAUSAL_SOFTMAX, ['scores'], 1, number('scale'));
  register(kernels.CAUSAL_SOFTMAX_GRADIENT, ['dy', 'weights'], 1, number('scale'));
  register(kernels.SPARSE_CROSS_ENTROPY, ['logits', 'targets'], 2);
  const decoding = [...kernels.DECODE_WEIGHTS, 'keys', 'values', 'cosine', 'sine', 'place'];
  register(kernels.DECODE_LAYER, ['x', ...decoding], 1, (attrs) => [...number('epsilon')(attrs), ...flags('interleaved')(attrs)]);
  register(kernels.ROW_BY_TABLE, ['x', 'table'], 1);
  registerAdam('tensorflow', (variables) => new NativeAdam(variables));
}

// --- helpers ---

/** The op changes the moments in place: they are only ever held here. The weights get a new tensor, since a clone may share theirs. */
class NativeAdam implements AdamMoments {
  readonly #variables: readonly tf.Variable[];
  readonly #first: readonly tf.Tensor[];
  readonly #second: readonly tf.Tensor[];

  constructor(variables: readonly tf.Variable[]) {
    const zeros = () => variables.map(({ shape }) => tf.keep(tf.fill(shape, 0)));
    this.#variables = variables;
    this.#first = zeros();
    this.#second = zeros();
  }

  apply(gradients: readonly tf.Tensor[], { rate, beta1, beta2, epsilon }: AdamStep): void {
    const backend = tf.backend() as TensorflowBackend;
    const numbers = tf.tensor1d([rate, beta1, beta2, epsilon]);
    for (const [i, gradient] of gradients.entries()) {
      const variable = this.#variables[i] as tf.Variable;
      const inputs = [variable, gradient, this.#first[i] as tf.Tensor, this.#second[i] as tf.Tensor, numbers];
      const updated = backend.executeSingleOutput('LadderAdam', [], inputs);
      variable.assign(updated);
      updated.dispose();
    }
    numbers.dispose();
  }

  dispose(): void {
    tf.dispose([...this.#first, ...this.#second]);
  }
}
