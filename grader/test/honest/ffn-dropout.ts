/** Other ways to a feed-forward network and to dropout. */
import { solutionsOf } from './solution.ts';

const drop = `
export function dropout(x, p, training, rng) {
  if (!(p >= 0 && p < 1)) throw new UsageError('dropout', '0 <= p < 1', String(p));
  return tf.tidy(() => {
    if (!training || p === 0) return x.clone();
    return x.mul(tf.randomUniform(x.shape, 0, 1, 'float32', 1 + Math.floor(rng() * 2 ** 31)).greaterEqual(p).cast('float32')).div(1 - p);
  });
}`;
const ffnOnly = (body: string, head = ''): string => `${head}${drop}
export function ffn(x, W1, b1, W2, b2, act = 'relu') {
  return tf.tidy(() => { const [D, F] = W1.shape; const bend = (y) => (act === 'tanh' ? y.tanh() : y.relu()); void [D, F, bend]; ${body} });
}`;
const plainFfn = `
export const ffn = (x, W1, b1, W2, b2, act = 'relu') => tf.tidy(() => tf[act](x.reshape([-1, W1.shape[0]]).matMul(W1).add(b1)).matMul(W2).add(b2).reshape(x.shape));`;
const dropoutOnly = (body: string, head = ''): string => `${head}${plainFfn}
export function dropout(x, p, training, rng) {
  if (!(p >= 0 && p < 1)) throw new UsageError('dropout', '0 <= p < 1', String(p));
  return tf.tidy(() => { if (!training || p === 0) return x.clone(); ${body} });
}`;

export const ffnDropout = solutionsOf('ffn-dropout', 'ffn.ts', {
  einsum: ffnOnly(
    "const rows = x.reshape([-1, D]); return tf.einsum('nf,fd->nd', bend(tf.einsum('nd,df->nf', rows, W1).add(b1)), W2).add(b2).reshape(x.shape);",
  ),
  'bias as one more row of the matrix': ffnOnly(`
    const wide = (y) => tf.concat([y, tf.ones([y.shape[0], 1])], 1);
    const layer = (y, W, b) => wide(y).matMul(tf.concat([W, b.expandDims(0)], 0));
    return layer(bend(layer(x.reshape([-1, D]), W1, b1)), W2, b2).reshape(x.shape);`),
  'position by position': ffnOnly(
    'return tf.concat(tf.split(x.reshape([-1, D]), x.size / D).map((row) => bend(row.matMul(W1).add(b1)).matMul(W2).add(b2))).reshape(x.shape);',
  ),
  'hidden unit by hidden unit': ffnOnly(`
    const rows = x.reshape([-1, D]), outs = tf.split(W2, F, 0), biases = tf.split(b1, F);
    return tf.addN(tf.split(W1, F, 1).map((column, f) => bend(rows.matMul(column).add(biases[f])).matMul(outs[f]))).add(b2).reshape(x.shape);`),
  'products by broadcasting': ffnOnly(`
    const layer = (y, W) => y.expandDims(2).mul(W.expandDims(0)).sum(1);
    return layer(bend(layer(x.reshape([-1, D]), W1).add(b1)), W2).add(b2).reshape(x.shape);`),
  'relu as a maximum, tanh as a sigmoid': ffnOnly(`
    const y = x.reshape([-1, D]).matMul(W1).add(b1);
    const bent = act === 'tanh' ? y.mul(2).sigmoid().mul(2).sub(1) : tf.maximum(y, 0);
    return bent.matMul(W2).add(b2).reshape(x.shape);`),
  'a table of activations': ffnOnly(
    'return table[act](x.reshape([-1, D]).matMul(W1).add(b1)).matMul(W2).add(b2).reshape(x.shape);',
    '\nconst table = Object.freeze({ __proto__: null, relu: (y) => y.relu(), tanh: (y) => y.tanh() });',
  ),
  'a pipeline of closures': ffnOnly(
    'const steps = [(y) => y.reshape([-1, D]), linear(W1, b1), bend, linear(W2, b2), (y) => y.reshape(x.shape)]; return steps.reduce((y, step) => step(y), x);',
    '\nconst linear = (W, b) => (y) => y.matMul(W).add(b);',
  ),
  'transposed weights': ffnOnly(
    'const [A, B] = [W1.transpose(), W2.transpose()]; return tf.matMul(bend(tf.matMul(x.reshape([-1, D]), A, false, true).add(b1)), B, false, true).add(b2).reshape(x.shape);',
  ),
  'features first': ffnOnly(
    'const y = bend(W1.transpose().matMul(x.reshape([-1, D]).transpose()).add(b1.expandDims(1))); return W2.transpose().matMul(y).add(b2.expandDims(1)).transpose().reshape(x.shape);',
  ),
  'dropout: one draw of rng for each element': dropoutOnly(
    'const keep = Float32Array.from({ length: x.size }, () => (rng() < p ? 0 : 1)); return x.mul(tf.tensor(keep, x.shape)).div(1 - p);',
  ),
  'dropout: the scale is in the mask': dropoutOnly(
    'const keep = Float32Array.from({ length: x.size }, () => Number(rng() >= p) / (1 - p)); return x.mul(tf.tensor(keep, x.shape));',
  ),
  'dropout: where': dropoutOnly(
    "const coin = tf.randomUniform(x.shape, 0, 1, 'float32', 1 + Math.floor(rng() * 1e9)); return tf.where(coin.less(p), tf.zerosLike(x), x.div(1 - p));",
  ),
  'dropout: a generator of its own, seeded by rng': dropoutOnly(
    `
    const next = generator(Math.floor(rng() * 2 ** 32));
    return x.mul(tf.tensor(Float32Array.from({ length: x.size }, () => (next() >= p ? 1 : 0)), x.shape)).div(1 - p);`,
    `
function generator(state) {
  return () => { state = (state + 0x6d2b79f5) | 0; let t = Math.imul(state ^ (state >>> 15), 1 | state); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32; };
}`,
  ),
  'dropout: floor of a shifted coin': dropoutOnly(
    "return x.mul(tf.randomUniform(x.shape, 0, 1, 'float32', 2 + Math.floor(rng() * 2 ** 30)).add(1 - p).floor()).div(1 - p);",
  ),
  'dropout: step of a difference': dropoutOnly(
    "return x.mul(tf.randomUniform(x.shape, 0, 1, 'float32', 2 + Math.floor(rng() * 2 ** 30)).sub(p).step()).mul(1 / (1 - p));",
  ),
});
