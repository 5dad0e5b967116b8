/** Other ways to normalise a row. */
import { solutionsOf } from './solution.ts';

const tidy = (body: string): string => `
export function layerNorm(x, g, b, eps = 1e-5) {
  return tf.tidy(() => { ${body} });
}`;

export const layernorm = solutionsOf('layernorm', 'layernorm.ts', {
  'tf.moments': tidy(`
    const { mean, variance } = tf.moments(x, -1, true);
    return x.sub(mean).div(variance.add(eps).sqrt()).mul(g).add(b);`),
  rsqrt: tidy('const c = x.sub(x.mean(-1, true)); return c.mul(c.square().mean(-1, true).add(eps).rsqrt()).mul(g).add(b);'),
  'sums divided by D': tidy(`
    const D = x.shape.at(-1);
    const c = x.sub(x.sum(-1, true).div(D));
    return tf.addN([c.div(c.mul(c).sum(-1, true).div(D).add(eps).sqrt()).mul(g), b.add(tf.zerosLike(x))]);`),
  'mean by a product with a matrix': tidy(`
    const D = x.shape.at(-1), rows = x.reshape([-1, D]), average = tf.fill([D, D], 1 / D);
    const c = rows.sub(rows.matMul(average));
    return c.div(c.square().matMul(average).add(eps).sqrt()).mul(g).add(b).reshape(x.shape);`),
  'centred by a projection': tidy(`
    const D = x.shape.at(-1), P = tf.eye(D).sub(1 / D);
    const c = x.sub(x.mean(-1, true)).reshape([-1, D]).matMul(P);
    return c.div(c.square().mean(-1, true).add(eps).sqrt()).mul(g).add(b).reshape(x.shape);`),
  'row by row': tidy(`
    const D = x.shape.at(-1);
    const rows = tf.unstack(x.reshape([-1, D])).map((row) => {
      const c = row.sub(row.mean());
      return c.div(c.dot(c).div(D).add(eps).sqrt());
    });
    return tf.stack(rows).mul(g).add(b).reshape(x.shape);`),
  'squared difference': tidy(`
    const mean = x.mean(-1, true);
    return x.sub(mean).div(tf.squaredDifference(x, mean).mean(-1, true).add(eps).sqrt()).mul(g).add(b);`),
  'divided by powers': tidy(
    'const c = x.sub(tf.mean(x, -1, true)); return c.mul(tf.pow(c.pow(2).mean(-1, true).add(eps), -0.5)).mul(g).add(b);',
  ),
  einsum: tidy(`
    const D = x.shape.at(-1), rows = x.reshape([-1, D]);
    const c = rows.sub(rows.mean(1, true));
    const variance = tf.einsum('nd,nd->n', c, c).div(D).reshape([-1, 1]);
    return c.div(variance.add(eps).sqrt()).mul(g).add(b).reshape(x.shape);`),
  'standard deviation by a norm': tidy(`
    const D = x.shape.at(-1), c = x.sub(x.mean(-1, true));
    return c.div(c.square().sum(-1, true).add(D * eps).sqrt().div(Math.sqrt(D))).mul(g).add(b);`),
  'two passes over the mean': tidy(`
    let c = x.sub(x.mean(-1, true));
    c = c.sub(c.mean(-1, true));
    return c.div(c.square().mean(-1, true).add(eps).sqrt()).mul(g).add(b);`),
  'features first': tidy(`
    const D = x.shape.at(-1), columns = x.reshape([-1, D]).transpose();
    const c = columns.sub(columns.mean(0, true));
    const y = c.div(c.square().mean(0, true).add(eps).sqrt());
    return y.mul(g.reshape([D, 1])).add(b.reshape([D, 1])).transpose().reshape(x.shape);`),
  'gain and bias by a loop over features': tidy(`
    const c = x.sub(x.mean(-1, true));
    const y = c.div(c.square().mean(-1, true).add(eps).sqrt());
    const D = x.shape.at(-1), [gs, bs] = [tf.split(g, D), tf.split(b, D)];
    return tf.concat(tf.split(y, D, -1).map((column, d) => column.mul(gs[d]).add(bs[d])), -1);`),
  'pairwise mean': tidy(`
    const average = (y) => {
      const parts = [...tf.split(y, y.shape.at(-1), -1)];
      while (parts.length > 1) parts.push(parts.shift().add(parts.shift()));
      return parts[0].div(y.shape.at(-1));
    };
    const c = x.sub(average(x));
    return c.div(average(c.square()).add(eps).sqrt()).mul(g).add(b);`),
  'a gradient written by hand': `
const normalise = tf.customGrad((x, save) => {
  const [D, eps] = [x.shape.at(-1), current];
  const c = x.sub(x.mean(-1, true));
  const r = c.square().mean(-1, true).add(eps).rsqrt();
  const y = c.mul(r);
  save([y, r]);
  const gradFunc = (dy, [y, r]) => dy.sub(dy.mean(-1, true)).sub(y.mul(dy.mul(y).mean(-1, true))).mul(r).reshape([...dy.shape.slice(0, -1), D]);
  return { value: y, gradFunc };
});
let current = 1e-5;
export const layerNorm = (x, g, b, eps = 1e-5) => (current = eps, tf.tidy(() => normalise(x).mul(g).add(b)));`,
  'memory by hand, without tidy': `
export function layerNorm(x, g, b, eps = 1e-5) {
  tf.engine().startScope();
  const c = tf.sub(x, tf.mean(x, -1, true));
  const y = tf.add(tf.mul(tf.div(c, tf.sqrt(tf.add(tf.mean(tf.square(c), -1, true), eps))), g), b);
  tf.engine().endScope(y);
  return y;
}`,
});
