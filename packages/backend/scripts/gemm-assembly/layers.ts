/**
 * The parts of a layer that are one pass over memory here and several kernels in TF.js, forward and backward: RMSNorm, SwiGLU, RoPE, causal softmax.
 * Addresses are bytes. Four lanes at a time, then the last elements one by one.
 */
import { exp } from './exp';

/** y = x * rstd * gain with rstd = 1 / sqrt(mean(x^2) + epsilon), row by row: x [rows, D], gain [D] -> y [rows, D], rstd [rows]. */
export function rmsNorm(rows: i32, D: i32, x: usize, gain: usize, y: usize, rstd: usize, epsilon: f32): void {
  const bytes = (<usize>D) << 2;
  const end = (<usize>(D & ~3)) << 2;
  for (let row: i32 = 0; row < rows; row++) {
    const scale: f32 = <f32>1 / sqrt<f32>(dot(D, x, x) / <f32>D + epsilon);
    store<f32>(rstd, scale);
    const scales = f32x4.splat(scale);
    let at: usize = 0;
    for (; at < end; at += 16) v128.store(y + at, f32x4.mul(f32x4.mul(v128.load(x + at), scales), v128.load(gain + at)));
    for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(x + at) * scale * load<f32>(gain + at));
    x += bytes;
    y += bytes;
    rstd += 4;
  }
}

/** dx [rows, D] and dgain [D] (zeroed here) from dy, x, gain and the rstd of the forward pass. */
export function rmsNormGradient(rows: i32, D: i32, dy: usize, x: usize, gain: usize, rstd: usize, dx: usize, dgain: usize): void {
  const bytes = (<usize>D) << 2;
  const end = (<usize>(D & ~3)) << 2;
  memory.fill(dgain, 0, bytes);
  for (let row: i32 = 0; row < rows; row++) {
    const scale = load<f32>(rstd);
    const back: f32 = (dot3(D, dy, gain, x) / <f32>D) * scale * scale * scale;
    const scales = f32x4.splat(scale);
    const backs = f32x4.splat(back);
    let at: usize = 0;
    for (; at < end; at += 16) {
      const upstream = v128.load(dy + at);
      const value = v128.load(x + at);
      const scaled = f32x4.mul(upstream, scales);
      v128.store(dx + at, f32x4.sub(f32x4.mul(scaled, v128.load(gain + at)), f32x4.mul(value, backs)));
      v128.store(dgain + at, f32x4.add(v128.load(dgain + at), f32x4.mul(scaled, value)));
    }
    for (; at < bytes; at += 4) {
      const value = load<f32>(x + at);
      const scaled: f32 = load<f32>(dy + at) * scale;
      store<f32>(dx + at, scaled * load<f32>(gain + at) - value * back);
      store<f32>(dgain + at, load<f32>(dgain + at) + scaled * value);
    }
    dy += bytes;
    x += bytes;
    dx += bytes;
    rstd += 4;
  }
}

/** y = gate * sigmoid(gate) * up. */
export function swiGlu(n: i32, gate: usize, up: usize, y: usize): void {
  for (let left = n; left > 0; left -= 4) {
    const g = part(gate, left);
    put(y, f32x4.mul(f32x4.mul(g, sigmoid(g)), part(up, left)), left);
    gate += 16;
    up += 16;
    y += 16;
  }
}

export function swiGluGradient(n: i32, dy: usize, gate: usize, up: usize, dgate: usize, dup: usize): void {
  const one = f32x4.splat(1);
  for (let left = n; left > 0; left -= 4) {
    const g = part(gate, left);
    const s = sigmoid(g);
    const upstream = f32x4.mul(part(dy, left), s);
    const slope = f32x4.add(one, f32x4.mul(g, f32x4.sub(one, s)));
    put(dgate, f32x4.mul(f32x4.mul(upstream, part(up, left)), slope), left);
    put(dup, f32x4.mul(upstream, g), left);
    dy += 16;
    gate += 16;
    up += 16;
    dgate += 16;
    dup += 16;
  }
}

/** Turns each pair of x [rows = .., T, H; K] by the angle of its position; `sign` -1 turns back. Pairs: (i, i + K / 2), or (2i, 2i + 1) interleaved. */
export function rotate(
  rows: i32,
  T: i32,
  H: i32,
  K: i32,
  x: usize,
  cosine: usize,
  sine: usize,
  y: usize,
  sign: f32,
  interleaved: bool,
): void {
  const half = K >> 1;
  const table = (<usize>half) << 2;
  const first: usize = interleaved ? 8 : 4; // bytes from one pair's first member to the next pair's
  const second: usize = interleaved ? 4 : table; // and from a first member to its second
  const vectors = interleaved ? 0 : half & ~3;
  const signs = f32x4.splat(sign);
  for (let row: i32 = 0; row < rows; row++) {
    const angle = <usize>((row / H) % T) * table;
    let i: i32 = 0;
    for (; i < vectors; i += 4) {
      const at = (<usize>i) << 2;
      const c = v128.load(cosine + angle + at);
      const s = f32x4.mul(signs, v128.load(sine + angle + at));
      const a = v128.load(x + at);
      const b = v128.load(x + at + table);
      v128.store(y + at, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
      v128.store(y + at + table, f32x4.add(f32x4.mul(a, s), f32x4.mul(b, c)));
    }
    for (; i < half; i++) {
      const at = <usize>i * first;
      const c = load<f32>(cosine + angle + ((<usize>i) << 2));
      const s: f32 = sign * load<f32>(sine + angle + ((<usize>i) << 2));
      const a = load<f32>(x + at);
      const b = load<f32>(x + at + second);
      store<f32>(y + at, a * c - b * s);
      store<f32>(y + at + second, a * s + b * c);
    }
    x += 2 * table;
    y += 2 * table;
  }
}

/** Softmax of scores times `scale` over the keys that a row sees, exactly 0 elsewhere: [rows = .., T; S]. Row t sees t + 1 + S - T keys. */
export function causalSoftmax(rows: i32, T: i32, S: i32, scores: usize, weights: usize, scale: f32): void {
  const bytes = (<usize>S) << 2;
  const scales = f32x4.splat(scale);
  for (let row: i32 = 0; row < rows; row++) {
    const seen = (row % T) + 1 + S - T;
    let most: f32 = -Infinity;
    for (let at: usize = 0; at < (<usize>seen) << 2; at += 4) most = max<f32>(most, load<f32>(scores + at) * scale);
    const shift = f32x4.splat(most);
    let sum: f32 = 0;
    for (let left = seen; left > 0; left -= 4) {
      const at = (<usize>(seen - left)) << 2;
      const e = exp(f32x4.sub(f32x4.mul(part(scores + at, left), scales), shift));
      put(weights + at, e, left);
      sum += firstLanes(e, left);
    }
    const share = f32x4.splat(<f32>1 / sum);
    for (let left = seen; left > 0; left -= 4) {
      const at = (<usize>(seen - left)) << 2;
      put(weights + at, f32x4.mul(part(weights + at, left), share), left);
    }
    memory.fill(weights + ((<usize>seen) << 2), 0, (<usize>(S - seen)) << 2);
    scores += bytes;
    weights += bytes;
  }
}

export function causalSoftmaxGradient(rows: i32, T: i32, S: i32, dy: usize, weights: usize, dx: usize, scale: f32): void {
  const bytes = (<usize>S) << 2;
  const scales = f32x4.splat(scale);
  for (let row: i32 = 0; row < rows; row++) {
    const seen = (row % T) + 1 + S - T;
    const mean = f32x4.splat(dot(seen, dy, weights));
    for (let left = seen; left > 0; left -= 4) {
      const at = (<usize>(seen - left)) << 2;
      const w = f32x4.mul(scales, part(weights + at, left));
      put(dx + at, f32x4.mul(w, f32x4.sub(part(dy + at, left), mean)), left);
    }
    memory.fill(dx + ((<usize>seen) << 2), 0, (<usize>(S - seen)) << 2);
    dy += bytes;
    weights += bytes;
    dx += bytes;
  }
}

// --- helpers ---

/** Four elements, or the last `left` of them with zeros behind. */
function part(from: usize, left: i32): v128 {
  if (left >= 4) return v128.load(from);
  let values = f32x4.splat(0);
  if (left > 0) values = f32x4.replace_lane(values, 0, load<f32>(from));
  if (left > 1) values = f32x4.replace_lane(values, 1, load<f32>(from, 4));
  if (left > 2) values = f32x4.replace_lane(values, 2, load<f32>(from, 8));
  return values;
}

function put(to: usize, values: v128, left: i32): void {
  if (left >= 4) {
    v128.store(to, values);
    return;
  }
  store<f32>(to, f32x4.extract_lane(values, 0));
  if (left > 1) store<f32>(to, f32x4.extract_lane(values, 1), 4);
  if (left > 2) store<f32>(to, f32x4.extract_lane(values, 2), 8);
}

/** 1 / (1 + e^-x), through e^-|x|, which cannot overflow. */
function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  const e = exp(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, e));
}

function firstLanes(v: v128, count: i32): f32 {
  let sum = f32x4.extract_lane(v, 0);
  if (count > 1) sum += f32x4.extract_lane(v, 1);
  if (count > 2) sum += f32x4.extract_lane(v, 2);
  if (count > 3) sum += f32x4.extract_lane(v, 3);
  return sum;
}

function dot(n: i32, a: usize, b: usize): f32 {
  let sums = f32x4.splat(0);
  for (let left = n; left > 0; left -= 4) {
    sums = f32x4.add(sums, f32x4.mul(part(a, left), part(b, left)));
    a += 16;
    b += 16;
  }
  return firstLanes(sums, 4);
}

function dot3(n: i32, a: usize, b: usize, c: usize): f32 {
  let sums = f32x4.splat(0);
  for (let left = n; left > 0; left -= 4) {
    sums = f32x4.add(sums, f32x4.mul(f32x4.mul(part(a, left), part(b, left)), part(c, left)));
    a += 16;
    b += 16;
    c += 16;
  }
  return firstLanes(sums, 4);
}
