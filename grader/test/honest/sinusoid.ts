/** Other ways to the table of positions: with tensors, with plain numbers, and with machines of their own. */
import { solutionsOf } from './solution.ts';

const checked = (body: string, head = ''): string => `${head}
export function sinusoidal(T, D, base = 10000) {
  if (!(Number.isInteger(T) && T > 0 && Number.isInteger(D) && D > 0 && D % 2 === 0)) throw new ShapeError('sinusoidal', 'T and even D', \`\${T}, \${D}\`);
  ${body}
}`;

export const sinusoid = solutionsOf('sinusoid-pe', 'sinusoid.ts', {
  'plain loops into a typed array': checked(`
  const values = new Float32Array(T * D);
  rows: for (let t = 0; ; t++) {
    if (t === T) break rows;
    for (let c = 0; c < D; c++) {
      const angle = t / base ** ((c - (c % 2)) / D);
      values[t * D + c] = c % 2 ? Math.cos(angle) : Math.sin(angle);
    }
  }
  return tf.tensor2d(values, [T, D]);`),
  'nested lists': checked(
    'return tf.tensor2d(Array.from({ length: T }, (_, t) => Array.from({ length: D }, (_, c) => (c & 1 ? Math.cos : Math.sin)(t * base ** (-(c >> 1) * 2 / D)))));',
  ),
  'the cosine as a shifted sine': checked(
    'return tf.tidy(() => { const c = tf.range(0, D), even = c.div(2).floor().mul(2); return tf.range(0, T).reshape([T, 1]).mul(even.div(-D).mul(Math.log(base)).exp()).add(c.mod(2).mul(Math.PI / 2)).sin(); });',
  ),
  'a where between sine and cosine': checked(`
  return tf.tidy(() => {
    const c = tf.range(0, D), odd = c.mod(2).greater(0.5);
    const angle = tf.range(0, T).reshape([T, 1]).mul(tf.pow(tf.scalar(base), c.sub(c.mod(2)).div(-D)));
    return tf.where(odd, angle.cos(), angle.sin());
  });`),
  'columns, concatenated one by one': checked(`
  return tf.tidy(() => {
    const t = tf.range(0, T).reshape([T, 1]);
    const columns = [];
    for (let i = 0; i < D; i += 2) { const a = t.mul(base ** (-i / D)); columns.push(a.sin(), a.cos()); }
    return tf.concat(columns, 1);
  });`),
  'an outer product of vectors': checked(
    'return tf.tidy(() => { const r = tf.tensor1d(Float32Array.from({ length: D / 2 }, (_, i) => base ** (-2 * i / D))); const a = tf.outerProduct(tf.range(0, T), r); return tf.concat([a.sin().expandDims(2), a.cos().expandDims(2)], 2).reshape([T, D]); });',
  ),
  'rotations: each row is the one before, turned': checked(`
  const values = new Float64Array(T * D);
  for (let i = 0; i < D; i += 2) {
    const speed = base ** (-i / D), [c, s] = [Math.cos(speed), Math.sin(speed)];
    let [x, y] = [0, 1];
    for (let t = 0; t < T; t++) { values[t * D + i] = x; values[t * D + i + 1] = y; [x, y] = [x * c + y * s, y * c - x * s]; }
  }
  return tf.tensor2d(Float32Array.from(values), [T, D]);`),
  'a generator of numbers': checked(
    'return tf.tensor2d(Float32Array.from(numbers(T, D, base)), [T, D]);',
    `
function* numbers(T, D, base) {
  for (let t = 0; t < T; t++) for (let i = 0; i < D / 2; i++) { const a = t * Math.exp((-2 * i / D) * Math.log(base)); yield Math.sin(a); yield Math.cos(a); }
}`,
  ),
  'BigInt counters': checked(`
  const values = [];
  for (let n = 0n; n < BigInt(T) * BigInt(D); n++) {
    const t = Number(n / BigInt(D)), c = Number(n % BigInt(D)), a = t / base ** ((c - c % 2) / D);
    values.push([Math.sin, Math.cos][c % 2](a));
  }
  return tf.tensor(values, [T, D], 'float32');`),
  'a buffer that is set': checked(`
  const buffer = tf.buffer([T, D]);
  for (let t = 0; t < T; t++) for (let c = 0; c < D; c++) buffer.set((c % 2 ? Math.cos : Math.sin)(t / base ** ((c - c % 2) / D)), t, c);
  return buffer.toTensor();`),
  'a table that is kept and copied': checked(
    `
  const key = [T, D, base].join();
  if (!tables.has(key)) tables.set(key, Float32Array.from({ length: T * D }, (_, at) => { const t = Math.floor(at / D), c = at % D; return (c % 2 ? Math.cos : Math.sin)(t / base ** ((c - c % 2) / D)); }));
  return tf.tensor2d(tables.get(key).slice(), [T, D]);`,
    'const tables = new Map();',
  ),
  'the longest table so far, sliced': checked(
    `
  const key = D + '/' + base;
  let rows = longest.get(key) ?? [];
  while (rows.length < T) { const t = rows.length; rows.push(Array.from({ length: D }, (_, c) => (c % 2 ? Math.cos : Math.sin)(t / base ** ((c - c % 2) / D)))); }
  longest.set(key, rows);
  return tf.tensor2d(rows.slice(0, T));`,
    'const longest = new Map();',
  ),
  'recursion over positions': checked(`
  const rows = (t) => (t === T ? [] : [Array.from({ length: D }, (_, c) => (c % 2 ? Math.cos : Math.sin)(t / base ** ((c - c % 2) / D))), ...rows(t + 1)]);
  return tf.tensor2d(rows(0));`),
  'complex numbers in a class': checked(
    `
  const row = (t) => Array.from({ length: D / 2 }, (_, i) => Complex.polar(t * base ** (-2 * i / D)).parts()).flat();
  return tf.tensor2d(Array.from({ length: T }, (_, t) => row(t)));`,
    `
class Complex {
  #re; #im;
  constructor(re, im) { this.#re = re; this.#im = im; }
  static polar(angle) { return new Complex(Math.cos(angle), Math.sin(angle)); }
  parts() { return [this.#im, this.#re]; }
}`,
  ),
  'a WebAssembly module, compiled from bytes, multiplies': checked(
    `
  const values = [];
  for (let t = 0; t < T; t++) for (let i = 0; i < D / 2; i++) { const a = multiply(t, base ** (-2 * i / D)); values.push(Math.sin(a), Math.cos(a)); }
  return tf.tensor2d(values, [T, D]);`,
    `
// (func (export "m") (param f64 f64) (result f64) local.get 0 local.get 1 f64.mul)
const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 124, 124, 1, 124, 3, 2, 1, 0, 7, 5, 1, 1, 109, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 162, 11);
const multiply = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.m;`,
  ),
  'convolution as a product': checked(`
  return tf.tidy(() => {
    const rates = tf.tensor4d(Float32Array.from({ length: D / 2 }, (_, i) => base ** (-2 * i / D)), [1, 1, 1, D / 2]);
    const angles = tf.conv2d(tf.range(0, T).reshape([1, T, 1, 1]), rates, 1, 'valid').reshape([T, D / 2]);
    return tf.stack([angles.sin(), angles.cos()], 2).reshape([T, D]);
  });`),
  'rates by a cumulative product': checked(`
  return tf.tidy(() => {
    const step = base ** (-2 / D);
    const rates = tf.concat([tf.ones([1]), tf.fill([D / 2], step).cumprod().slice(0, D / 2 - 1)]);
    const angles = tf.range(0, T).expandDims(1).mul(rates);
    return tf.stack([angles.sin(), angles.cos()], -1).reshape([T, D]);
  });`),
  'positions by a cumulative sum': checked(`
  return tf.tidy(() => {
    const angles = tf.cumsum(tf.ones([T, 1]), 0, true).mul(tf.range(0, D, 2).div(D).mul(-Math.log(base)).exp());
    return tf.stack([tf.sin(angles), tf.cos(angles)], 2).reshape([T, D]);
  });`),
});
