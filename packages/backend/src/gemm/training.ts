/** The fused training ops of ../fused.ts for the backend `wasm`, one pass over memory each. */
import { type AdamMoments, type AdamStep, registerAdam } from '../fused/adam.ts';
import * as names from '../fused/kernel.ts';
import * as tf from '../tf.ts';
import { address, functionsOf, type WasmBackend } from './heap.ts';
import type { GemmExports } from './module.ts';

/** Call once the backend runs and `functionsOf` it is there. */
export function registerTraining(): void {
  registerAdam('wasm', (variables) => new WasmAdam(variables));
  register(names.SPARSE_CROSS_ENTROPY, ({ functions, at, make, inputs: { logits, targets } }) => {
    const [N, V] = logits!.shape as [number, number];
    const [losses, gradient] = [make([N]), make([N, V])];
    functions.crossEntropy(N, V, at(logits!), at(targets!), at(losses), at(gradient));
    return [losses, gradient];
  });
  register(names.RMS_NORM, ({ functions, at, make, inputs: { x, gain }, attrs: { epsilon } }) => {
    const [y, rstd] = [make(x!.shape), make(x!.shape.slice(0, -1))];
    functions.rmsNorm(...rowsOf(x!), at(x!), at(gain!), at(y), at(rstd), epsilon as number);
    return [y, rstd];
  });
  register(names.RMS_NORM_GRADIENT, ({ functions, at, make, inputs: { dy, x, gain, rstd } }) => {
    const [dx, dgain] = [make(x!.shape), make(gain!.shape)];
    functions.rmsNormGradient(...rowsOf(x!), at(dy!), at(x!), at(gain!), at(rstd!), at(dx), at(dgain));
    return [dx, dgain];
  });
  register(names.SWIGLU, ({ functions, at, make, inputs: { gate, up } }) => {
    const y = make(gate!.shape);
    functions.swiGlu(tf.util.sizeFromShape(gate!.shape), at(gate!), at(up!), at(y));
    return [y];
  });
  register(names.SWIGLU_GRADIENT, ({ functions, at, make, inputs: { dy, gate, up } }) => {
    const [dgate, dup] = [make(gate!.shape), make(gate!.shape)];
    functions.swiGluGradient(tf.util.sizeFromShape(gate!.shape), at(dy!), at(gate!), at(up!), at(dgate), at(dup));
    return [dgate, dup];
  });
  register(names.ROTATE, ({ functions, at, make, inputs: { x, cosine, sine }, attrs: { inverse, interleaved } }) => {
    const [T, H, K] = x!.shape.slice(-3) as [number, number, number];
    const y = make(x!.shape);
    const sign = inverse === true ? -1 : 1;
    functions.rotate(rowsOf(x!)[0], T, H, K, at(x!), at(cosine!), at(sine!), at(y), sign, interleaved as boolean);
    return [y];
  });
  register(names.CAUSAL_SOFTMAX, ({ functions, at, make, inputs: { scores }, attrs: { scale } }) => {
    const [rows, S] = rowsOf(scores!);
    const weights = make(scores!.shape);
    functions.causalSoftmax(rows, scores!.shape.at(-2)!, S, at(scores!), at(weights), scale as number);
    return [weights];
  });
  register(names.CAUSAL_SOFTMAX_GRADIENT, ({ functions, at, make, inputs: { dy, weights }, attrs: { scale } }) => {
    const [rows, S] = rowsOf(weights!);
    const dx = make(weights!.shape);
    functions.causalSoftmaxGradient(rows, weights!.shape.at(-2)!, S, at(dy!), at(weights!), at(dx), scale as number);
    return [dx];
  });
}

interface Call {
  readonly functions: GemmExports;
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  at(info: tf.TensorInfo): number;
  make(shape: readonly number[]): tf.TensorInfo;
}

function register(kernelName: string, run: (call: Call) => tf.TensorInfo[]): void {
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const wasm = backend as WasmBackend;
      return run({
        functions: functionsOf(wasm) as GemmExports,
        inputs: inputs as Record<string, tf.TensorInfo>,
        attrs: (attrs ?? {}) as Record<string, unknown>,
        at: (info) => address(wasm, info),
        make: (shape) => wasm.makeOutput(shape, 'float32'),
      });
    },
  });
}

/** How many rows, and how wide: [.., D] -> [rows, D]. */
function rowsOf({ shape }: tf.TensorInfo): [number, number] {
  const D = shape.at(-1)!;
  return [tf.util.sizeFromShape(shape) / Math.max(D, 1), D];
}

class WasmAdam implements AdamMoments {
  readonly #variables: readonly tf.Variable[];
  readonly #first: readonly tf.Tensor[];
  readonly #second: readonly tf.Tensor[];

  constructor(variables: readonly tf.Variable[]) {
    const zeros = () => variables.map(({ shape }) => tf.keep(tf.zeros(shape)));
    this.#variables = variables;
    this.#first = zeros();
    this.#second = zeros();
  }

  apply(gradients: readonly tf.Tensor[], step: AdamStep): void {
    for (const [i, gradient] of gradients.entries()) this.#update(i, gradient, step);
  }

  #update(i: number, gradient: tf.Tensor, { rate, beta1, beta2, epsilon }: AdamStep): void {
    const backend = tf.backend() as unknown as WasmBackend;
    const variable = this.#variables[i] as tf.Variable;
    // A clone or a reshape may share the weights' data: then the new weights get a place of their own.
    const shared = backend.refCount(variable.dataId) > 1;
    const target = shared ? tf.zeros(variable.shape) : variable;
    (functionsOf(backend) as GemmExports).adam(
      variable.size,
      address(backend, variable),
      address(backend, target),
      address(backend, this.#first[i] as tf.Tensor),
      address(backend, this.#second[i] as tf.Tensor),
      address(backend, gradient),
      rate,
      beta1,
      beta2,
      epsilon,
    );
    if (!shared) return;
    variable.assign(target);
    target.dispose();
  }

  dispose(): void {
    tf.dispose([...this.#first, ...this.#second]);
  }
}
