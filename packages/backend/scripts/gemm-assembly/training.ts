/** Training ops that are one pass over memory here and a dozen kernels in TF.js. */

import { exp } from './exp';

/** Given by JavaScript: a logarithm here would bring tables, and this module owns no memory. */
declare function ln(x: f64): f64;

/**
 * One step of Adam on `count` weights, in place: first = b1 first + (1 - b1) g, second = b2 second + (1 - b2) g^2,
 * weights -= rate first / (sqrt(second) + epsilon). Both bias corrections are folded into `rate` and `epsilon`. `out` may be `weights`.
 */
export function adam(
  count: i32,
  weights: usize,
  out: usize,
  first: usize,
  second: usize,
  gradient: usize,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
): void {
  const rates = f32x4.splat(rate);
  const b1 = f32x4.splat(beta1);
  const b2 = f32x4.splat(beta2);
  const c1 = f32x4.splat(1 - beta1);
  const c2 = f32x4.splat(1 - beta2);
  const epsilons = f32x4.splat(epsilon);
  const all = (<usize>count) << 2;
  const vectors = (<usize>(count & ~3)) << 2;
  let at: usize = 0;
  for (; at < vectors; at += 16) {
    const g = v128.load(gradient + at);
    const m = f32x4.add(f32x4.mul(b1, v128.load(first + at)), f32x4.mul(c1, g));
    const v = f32x4.add(f32x4.mul(b2, v128.load(second + at)), f32x4.mul(c2, f32x4.mul(g, g)));
    v128.store(first + at, m);
    v128.store(second + at, v);
    const change = f32x4.div(f32x4.mul(rates, m), f32x4.add(f32x4.sqrt(v), epsilons));
    v128.store(out + at, f32x4.sub(v128.load(weights + at), change));
  }
  for (; at < all; at += 4) {
    const g = load<f32>(gradient + at);
    const m: f32 = beta1 * load<f32>(first + at) + (<f32>1 - beta1) * g;
    const v: f32 = beta2 * load<f32>(second + at) + (<f32>1 - beta2) * (g * g);
    store<f32>(first + at, m);
    store<f32>(second + at, v);
    store<f32>(out + at, load<f32>(weights + at) - (rate * m) / (sqrt<f32>(v) + epsilon));
  }
}

/**
 * Softmax cross-entropy of logits [rows, width] against int32 targets [rows]: losses [rows] and the gradient of their sum, softmax minus one-hot.
 * A target outside [0, width) gives NaN for its whole row.
 */
export function crossEntropy(rows: i32, width: i32, logits: usize, targets: usize, losses: usize, gradient: usize): void {
  const bytes = (<usize>width) << 2;
  const vectors = (<usize>(width & ~3)) << 2;
  for (let row: i32 = 0; row < rows; row++) {
    const target = load<i32>(targets);
    const known = target >= 0 && target < width;
    let most: f32 = -Infinity;
    let mosts = f32x4.splat(-Infinity);
    let at: usize = 0;
    for (; at < vectors; at += 16) mosts = f32x4.max(mosts, v128.load(logits + at));
    most = max<f32>(
      max<f32>(f32x4.extract_lane(mosts, 0), f32x4.extract_lane(mosts, 1)),
      max<f32>(f32x4.extract_lane(mosts, 2), f32x4.extract_lane(mosts, 3)),
    );
    for (; at < bytes; at += 4) most = max<f32>(most, load<f32>(logits + at));

    let sums = f32x4.splat(0);
    const shift = f32x4.splat(most);
    for (at = 0; at < vectors; at += 16) {
      const e = exp(f32x4.sub(v128.load(logits + at), shift));
      sums = f32x4.add(sums, e);
      v128.store(gradient + at, e);
    }
    let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
    for (; at < bytes; at += 4) {
      const e = f32x4.extract_lane(exp(f32x4.splat(load<f32>(logits + at) - most)), 0);
      sum += e;
      store<f32>(gradient + at, e);
    }

    const scale: f32 = known ? <f32>1 / sum : NaN;
    const scales = f32x4.splat(scale);
    for (at = 0; at < vectors; at += 16) v128.store(gradient + at, f32x4.mul(v128.load(gradient + at), scales));
    for (; at < bytes; at += 4) store<f32>(gradient + at, load<f32>(gradient + at) * scale);
    let loss: f32 = NaN;
    if (known) {
      const to = gradient + ((<usize>target) << 2);
      store<f32>(to, load<f32>(to) - 1);
      loss = <f32>(ln(sum) + <f64>(most - load<f32>(logits + ((<usize>target) << 2))));
    }
    store<f32>(losses, loss);
    targets += 4;
    losses += 4;
    logits += bytes;
    gradient += bytes;
  }
}
