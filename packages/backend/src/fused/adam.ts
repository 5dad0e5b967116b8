import { UsageError } from '../errors.ts';
import * as tf from '../tf.ts';

export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * One step in numbers, both bias corrections folded in: w -= rate * m / (sqrt(v) + epsilon), where m and v are the moments as they are stored.
 * rate = learningRate * sqrt(1 - beta2^t) / (1 - beta1^t), and epsilon = its setting * sqrt(1 - beta2^t).
 */
export interface AdamStep {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The moments of a list of variables, on a backend that runs Adam itself. */
export interface AdamMoments {
  /** Updates moments and variables with one gradient for each variable, in their order. */
  apply(gradients: readonly tf.Tensor[], step: AdamStep): void;
  dispose(): void;
}

const momentsOf = new Map<string, (variables: readonly tf.Variable[]) => AdamMoments>();

/** Makes `create` the way that a backend runs Adam. */
export function registerAdam(backend: string, create: (variables: readonly tf.Variable[]) => AdamMoments): void {
  momentsOf.set(backend, create);
}

/** Adam (Kingma and Ba 2015, algorithm 1; epsilon outside the root, bias corrected as in PyTorch) over a fixed list of variables. */
export class Adam {
  learningRate: number;
  readonly #settings: Omit<AdamSettings, 'learningRate'>;
  readonly #variables: readonly tf.Variable[];
  #moments: AdamMoments | undefined;
  #backend: string | undefined;
  #steps = 0;

  constructor(
    variables: readonly tf.Variable[],
    { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: Partial<AdamSettings> = {},
  ) {
    if (new Set(variables.map(({ name }) => name)).size < variables.length)
      throw new UsageError('Adam', 'variables with names of their own', 'one name twice');
    this.learningRate = learningRate;
    this.#settings = { beta1, beta2, epsilon };
    this.#variables = variables;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** One step with gradients by variable name, as `tf.variableGrads` returns them; the gradients stay the caller's. */
  step(gradients: tf.NamedTensorMap): void {
    const missing = this.#variables.find(({ name }) => gradients[name] === undefined);
    if (missing !== undefined) throw new UsageError('Adam.step', 'a gradient for every variable', `none for "${missing.name}"`);
    const moments = this.#start();
    this.#steps += 1;
    const { beta1, beta2, epsilon } = this.#settings;
    const correction = Math.sqrt(1 - beta2 ** this.#steps);
    const rate = (this.learningRate * correction) / (1 - beta1 ** this.#steps);
    const inOrder = this.#variables.map(({ name }) => gradients[name] as tf.Tensor);
    moments.apply(inOrder, { rate, beta1, beta2, epsilon: epsilon * correction });
  }

  dispose(): void {
    this.#moments?.dispose();
    this.#moments = undefined;
    this.#steps = 0;
  }

  #start(): AdamMoments {
    const backend = tf.getBackend();
    if (this.#moments !== undefined && this.#backend !== backend) {
      throw new UsageError('Adam.step', `the backend that it began on (${this.#backend})`, backend);
    }
    this.#backend = backend;
    this.#moments ??= (momentsOf.get(backend) ?? plainMoments)(this.#variables);
    return this.#moments;
  }
}

// --- helpers ---

function plainMoments(variables: readonly tf.Variable[]): AdamMoments {
  const zeros = () => variables.map((variable) => tf.tidy(() => tf.variable(tf.zerosLike(variable), false)));
  const [first, second] = [zeros(), zeros()];
  const update = (i: number, gradient: tf.Tensor, { rate, beta1, beta2, epsilon }: AdamStep): void =>
    tf.tidy(() => {
      const [w, m, v] = [variables[i], first[i], second[i]] as [tf.Variable, tf.Variable, tf.Variable];
      m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
      v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
      w.assign(tf.sub(w, tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon)), rate)));
    });
  return {
    apply: (gradients, step) => {
      for (const [i, gradient] of gradients.entries()) update(i, gradient, step);
    },
    dispose: () => tf.dispose([first, second]),
  };
}
