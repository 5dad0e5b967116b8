/** The fused training ops where the native ones do not run (a GPU, or an installation without them): a few of TensorFlow's own ops each. */
import { type AdamMoments, type AdamStep, registerAdam } from '../fused/adam.ts';
import { SPARSE_CROSS_ENTROPY } from '../fused/kernel.ts';
import * as tf from '../tf.ts';
import type { OpAttribute, TensorflowBackend } from './binding.ts';
import { typeOf } from './kernels.ts';

export function registerFusedOps(): void {
  tf.registerKernel({ kernelName: SPARSE_CROSS_ENTROPY, backendName: 'tensorflow', kernelFunc: sparseCrossEntropy });
  registerAdam('tensorflow', (variables) => {
    const resources = variables.map((variable) => new ResourceAdam(variable));
    return {
      apply: (gradients, step) => {
        for (const [i, gradient] of gradients.entries()) resources[i]?.apply(gradient, step);
      },
      dispose: () => {
        for (const resource of resources) resource.dispose();
      },
    } satisfies AdamMoments;
  });
}

/** Not TensorFlow's SparseSoftmaxCrossEntropyWithLogits: on a CPU that takes five times as long as these four ops. */
const sparseCrossEntropy: tf.KernelFunc = ({ inputs }) => {
  const { logits, targets } = inputs as unknown as { logits: tf.Tensor2D; targets: tf.Tensor1D };
  const backend = tf.backend() as TensorflowBackend;
  const type = typeOf(backend.binding, 'T', 'float32');
  const N = targets.size;
  const logProbabilities = backend.executeSingleOutput('LogSoftmax', [type], [logits]); // [N, V]
  const places = tf.stack([tf.range(0, N, 1, 'int32'), targets], 1); // [N, 2]
  const losses = tf.neg(tf.gatherND(logProbabilities, places)); // [N]
  const probabilities = tf.exp(logProbabilities);
  const scatter = [type, typeOf(backend.binding, 'Tindices', 'int32')];
  return [losses, backend.executeSingleOutput('TensorScatterSub', scatter, [probabilities, places, tf.ones([N])])];
};

let made = 0;

/** Weights and moments in TensorFlow resource variables. The tf.Variable reads the weights' buffer; nothing is copied to JavaScript. */
class ResourceAdam {
  readonly #backend = tf.backend() as TensorflowBackend;
  readonly #variable: tf.Variable;
  readonly #weights: number;
  readonly #first: number;
  readonly #second: number;
  /** The data that the last step gave the variable: any other means that someone assigned to it. */
  #ours: object | undefined;

  constructor(variable: tf.Variable) {
    this.#variable = variable;
    this.#weights = this.#createResource();
    this.#first = this.#createResource();
    this.#second = this.#createResource();
    const zeros = tf.zerosLike(variable);
    this.#assign(this.#first, zeros);
    this.#assign(this.#second, zeros);
    zeros.dispose();
  }

  apply(gradient: tf.Tensor, { rate, beta1, beta2, epsilon }: AdamStep): void {
    const { binding } = this.#backend;
    if (this.#variable.dataId !== this.#ours) this.#assign(this.#weights, this.#variable);
    // TensorFlow would correct the bias itself, but for epsilon; with powers of 0 it takes rate and epsilon as they are.
    const numbers = [0, 0, rate, beta1, beta2, epsilon].map((value) => binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value)));
    const [gradientId] = this.#backend.getInputTensorIds([gradient]) as [number];
    binding.executeOp(
      'ResourceApplyAdam',
      [typeOf(binding, 'T', 'float32')],
      [this.#weights, this.#first, this.#second, ...numbers, gradientId],
      0,
    );
    for (const id of numbers) binding.deleteTensor(id);
    this.#read();
  }

  dispose(): void {
    const { binding } = this.#backend;
    for (const id of [this.#weights, this.#first, this.#second]) {
      binding.executeOp('DestroyResourceOp', [], [id], 0);
      binding.deleteTensor(id);
    }
  }

  /** Points the tf.Variable at the weights as they are now. */
  #read(): void {
    const { binding } = this.#backend;
    const [output] = binding.executeOp('ReadVariableOp', [typeOf(binding, 'dtype', 'float32')], [this.#weights], 1);
    const tensor = this.#backend.createOutputTensor(output);
    this.#variable.assign(tensor);
    this.#ours = tensor.dataId;
    tensor.dispose();
  }

  #createResource(): number {
    const { binding } = this.#backend;
    made += 1;
    const attributes: OpAttribute[] = [
      { name: 'container', type: binding.TF_ATTR_STRING, value: '' },
      { name: 'shared_name', type: binding.TF_ATTR_STRING, value: `llm-ladder-${made}` },
      typeOf(binding, 'dtype', 'float32'),
      { name: 'shape', type: binding.TF_ATTR_SHAPE, value: this.#variable.shape },
    ];
    const [handle] = binding.executeOp('VarHandleOp', attributes, [], 1);
    return (handle as { id: number }).id;
  }

  #assign(resource: number, tensor: tf.Tensor): void {
    const { binding } = this.#backend;
    const [id] = this.#backend.getInputTensorIds([tensor]) as [number];
    binding.executeOp('AssignVariableOp', [typeOf(binding, 'dtype', 'float32')], [resource, id], 0);
  }
}
