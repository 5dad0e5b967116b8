/** Runs in the box beside the learner's code: a training run small enough to read, whose whole state is a tree that `save` can take. */
import { tf } from '@llm-ladder/backend';

interface Run {
  readonly weights: { readonly w: tf.Tensor; readonly b: tf.Tensor };
  readonly optimizer: { readonly step: number; readonly m: readonly tf.Tensor[]; readonly v: readonly tf.Tensor[] };
  readonly rng: Uint32Array;
  readonly data: { readonly epoch: number; readonly cursor: number; readonly order: Int32Array };
  readonly schedule: { readonly step: number; readonly lr: number };
}

const ROWS = 7; // so that ten steps end in the middle of an epoch
const COLUMNS = 3;

/** A run after `steps` steps from the start. */
export function fresh(seed: number, steps: number): Run {
  const zeros = () => [tf.zeros([COLUMNS, 2]), tf.zeros([2])];
  const start: Run = {
    weights: { w: tf.linspace(-1, 1, COLUMNS * 2).reshape([COLUMNS, 2]), b: tf.tensor1d([0.5, -0.5]) },
    optimizer: { step: 0, m: zeros(), v: zeros() },
    rng: Uint32Array.of(seed),
    data: { epoch: 0, cursor: ROWS, order: Int32Array.from({ length: ROWS }, (_, i) => i) },
    schedule: { step: 0, lr: 0 },
  };
  return goOn(start, steps);
}

/** The same run, `steps` later: Adam on noisy rows, drawn without replacement, with a falling rate. */
export function goOn(run: Run, steps: number): Run {
  let { weights, optimizer, data, schedule } = run;
  let state = run.rng[0]!;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < steps; i++) {
    if (data.cursor >= ROWS) data = { epoch: data.epoch + 1, cursor: 0, order: shuffled(data.order, random) };
    const row = data.order[data.cursor]!;
    const x = tf.tensor2d([[Math.sin(row), Math.cos(row), random() - 0.5]]);
    const y = tf.tensor2d([[row / ROWS, random()]]);
    const loss = (w: tf.Tensor, b: tf.Tensor) => tf.sum(tf.square(tf.sub(tf.add(tf.matMul(x, w as tf.Tensor2D), b), y))) as tf.Scalar;
    const grads = tf.grads(loss)([weights.w, weights.b]);
    const step = optimizer.step + 1;
    const lr = 0.1 / (1 + schedule.step);
    const m = optimizer.m.map((mean, at) => tf.add(tf.mul(mean, 0.9), tf.mul(grads[at]!, 0.1)));
    const v = optimizer.v.map((mean, at) => tf.add(tf.mul(mean, 0.99), tf.mul(tf.square(grads[at]!), 0.01)));
    const [w, b] = [weights.w, weights.b].map((weight, at) => tf.sub(weight, tf.div(tf.mul(m[at]!, lr), tf.add(tf.sqrt(v[at]!), 1e-8))));
    weights = { w: w!, b: b! };
    optimizer = { step, m, v };
    data = { ...data, cursor: data.cursor + 1 };
    schedule = { step: schedule.step + 1, lr };
  }
  return { weights, optimizer, rng: Uint32Array.of(state), data, schedule };
}

/** One tensor in two places. */
export function tied(table: tf.Tensor) {
  return { embed: table, layers: [{ g: tf.ones([2]) }], head: table };
}

/** Something that a checkpoint cannot hold. */
export function unfit(kind: 'function' | 'class' | 'undefined') {
  if (kind === 'function') return { weights: 1, next: () => 2 };
  return kind === 'class' ? { weights: 1, when: new Date(0) } : { weights: undefined };
}

function shuffled(order: Int32Array, random: () => number): Int32Array {
  const copy = order.slice();
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
