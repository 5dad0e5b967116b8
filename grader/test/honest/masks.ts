/** Other ways to masks: tensors, lists, numbers. */
import { solutionsOf } from './solution.ts';

const padding = `
export const paddingMask = (lens, T) => tf.tidy(() => tf.range(0, T).reshape([1, 1, 1, T]).sub(tf.tensor4d([...lens], [lens.length, 1, 1, 1])).greaterEqual(0).cast('float32').mul(-1e9));`;
const combined = `
export const combine = (...masks) => tf.tidy(() => masks.reduce((a, b) => tf.minimum(a, b)).clone());`;
const causalOnly = (body: string, head = ''): string => `${head}
export function causalMask(Tq, Tk = Tq, past = Tk - Tq) { ${body} }${padding}${combined}`;
const causal = `
export const causalMask = (Tq, Tk = Tq, past = Tk - Tq) => tf.tidy(() => tf.range(0, Tk).reshape([1, 1, 1, Tk]).greater(tf.range(past, past + Tq).reshape([1, 1, Tq, 1])).cast('float32').mul(-1e9));`;
const combineOnly = (body: string): string => `${causal}${padding}
export function combine(...masks) { return tf.tidy(() => { ${body} }); }`;
const paddingOnly = (body: string): string => `${causal}${combined}
export function paddingMask(lens, T) { ${body} }`;

export const masks = solutionsOf('masks', 'masks.ts', {
  bandPart: causalOnly(
    'return tf.tidy(() => past < 0 ? tf.where(tf.range(0, Tk).expandDims(0).lessEqual(tf.range(past, past + Tq).expandDims(1)), tf.scalar(0), tf.scalar(-1e9)).reshape([1, 1, Tq, Tk]) : tf.sub(1, tf.linalg.bandPart(tf.ones([Tq, Tk]), -1, past)).mul(-1e9).reshape([1, 1, Tq, Tk]));',
  ),
  'nested lists': causalOnly(
    'return tf.tensor4d([[Array.from({ length: Tq }, (_, i) => Array.from({ length: Tk }, (_, j) => (j > past + i ? -1e9 : 0)))]]);',
  ),
  'a typed array and a labelled loop': causalOnly(`
  const values = new Float32Array(Tq * Tk);
  query: for (let i = 0; i < Tq; i++) { let j = Tk; while (j-- > 0) { if (j <= past + i) continue query; values[i * Tk + j] = -1e9; } }
  return tf.tensor(values, [1, 1, Tq, Tk]);`),
  'slices filled, row by row': causalOnly(
    'const values = new Float32Array(Tq * Tk); for (let i = 0; i < Tq; i++) values.fill(-1e9, Math.min(Tk, i * 0 + Math.max(0, past + i + 1)) + i * Tk, (i + 1) * Tk); return tf.tensor4d(values, [1, 1, Tq, Tk]);',
  ),
  'rows from a ruler, gathered': causalOnly(`
  return tf.tidy(() => {
    const ruler = tf.concat([tf.zeros([Tk + Tq + past + 1]), tf.fill([Tk + Tq], -1e9)]);
    const zero = Tk + Tq + past;
    const at = tf.range(0, Tk, 1, 'int32').expandDims(0).sub(tf.range(0, Tq, 1, 'int32').expandDims(1)).add(zero - past);
    return tf.gather(ruler, at.cast('int32')).reshape([1, 1, Tq, Tk]);
  });`),
  'a cumulative sum of ones': causalOnly(`
  return tf.tidy(() => {
    const key = tf.cumsum(tf.ones([Tq, Tk]), 1), query = tf.cumsum(tf.ones([Tq, Tk]), 0);
    return key.sub(query).greater(past + 0.5).cast('float32').mul(-1e9).reshape([1, 1, Tq, Tk]);
  });`),
  'step and relu': causalOnly(
    'return tf.tidy(() => tf.range(0, Tk).reshape([1, Tk]).sub(tf.range(past, past + Tq).reshape([Tq, 1])).relu().step().mul(-1e9).reshape([1, 1, Tq, Tk]));',
  ),
  'clipped differences': causalOnly(
    'return tf.tidy(() => tf.range(0, Tk).reshape([1, 1, 1, Tk]).sub(tf.range(past, past + Tq).reshape([1, 1, Tq, 1])).clipByValue(0, 1).mul(-1e9));',
  ),
  'rows stacked': causalOnly(
    "return tf.tidy(() => tf.stack(Array.from({ length: Tq }, (_, i) => tf.range(0, Tk).greater(past + i).cast('float32').mul(-1e9))).reshape([1, 1, Tq, Tk]));",
  ),
  'rows concatenated from two parts': causalOnly(`
  return tf.tidy(() => tf.concat(Array.from({ length: Tq }, (_, i) => {
    const seen = Math.max(0, Math.min(Tk, past + i + 1));
    return tf.concat([tf.zeros([seen]), tf.fill([Tk - seen], -1e9)]).reshape([1, 1, 1, Tk]);
  }), 2));`),
  'recursion, one row less each time': causalOnly(
    'const rows = (i) => (i === 0 ? [] : [...rows(i - 1), Array.from({ length: Tk }, (_, j) => (j <= past + i - 1 ? 0 : -1e9))]); return tf.tensor4d([[rows(Tq)]]);',
  ),
  'bits of a BigInt': causalOnly(`
  const row = (i) => { let hidden = ((1n << BigInt(Tk)) - 1n) & ~((1n << BigInt(Math.max(0, past + i + 1))) - 1n); return Array.from({ length: Tk }, () => { const bit = hidden & 1n; hidden >>= 1n; return bit ? -1e9 : 0; }); };
  return tf.tensor4d([[Array.from({ length: Tq }, (_, i) => row(i))]]);`),
  'masks kept by size, copies given out': causalOnly(
    `
  const key = \`\${Tq}:\${Tk}:\${past}\`;
  if (!kept.has(key)) kept.set(key, tf.keep(tf.tidy(() => tf.range(0, Tk).reshape([1, 1, 1, Tk]).greater(tf.range(past, past + Tq).reshape([1, 1, Tq, 1])).cast('float32').mul(-1e9))));
  return kept.get(key).clone();`,
    'const kept = new Map();',
  ),
  'combine by a sum, cut off': combineOnly('return masks.reduce((a, b) => a.add(b)).maximum(-1e9);'),
  'combine by logic': combineOnly(
    "const hidden = masks.map((m) => m.less(0)).reduce((a, b) => tf.logicalOr(a, b)); return hidden.cast('float32').mul(-1e9);",
  ),
  'combine by products of what is seen': combineOnly(
    "const seen = masks.map((m) => m.greaterEqual(0).cast('float32')).reduce((a, b) => a.mul(b)); return tf.sub(1, seen).mul(-1e9);",
  ),
  'combine by broadcasting first and stacking': combineOnly(`
  const shape = [0, 1, 2, 3].map((axis) => Math.max(...masks.map((m) => m.shape[axis])));
  return tf.stack(masks.map((m) => m.add(tf.zeros(shape)))).min(0);`),
  'combine by recursion': combineOnly(
    'const least = ([first, ...rest]) => (rest.length ? tf.minimum(first, least(rest)) : first.clone()); return least(masks);',
  ),
  'combine as the negative of a maximum': combineOnly('return masks.map((m) => m.neg()).reduce((a, b) => tf.maximum(a, b)).neg().add(0);'),
  'padding from lists': paddingOnly(
    'return tf.tensor4d(Array.from(lens, (len) => [[Array.from({ length: T }, (_, j) => (j < len ? 0 : -1e9))]]));',
  ),
  'padding from one-hot lengths': paddingOnly(
    "return tf.tidy(() => tf.cumsum(tf.oneHot(tf.tensor1d(lens.map((len) => Math.min(len, T)), 'int32'), T + 1).cast('float32'), 1).slice([0, 0], [-1, T]).mul(-1e9).reshape([lens.length, 1, 1, T]));",
  ),
  'padding by a sequence mask that is tiled': paddingOnly(
    "return tf.tidy(() => tf.tile(tf.range(0, T).expandDims(0), [lens.length, 1]).greaterEqual(tf.tensor2d([...lens], [lens.length, 1])).cast('float32').mul(-1e9).expandDims(1).expandDims(1));",
  ),
});
