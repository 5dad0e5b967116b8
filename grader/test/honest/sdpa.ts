/** Other ways to compute attention. */
import { solutionsOf } from './solution.ts';

/** The function around a body that has q, k, v, mask, K, s (scores without a mask) and gives w; out follows. */
const fromScores = (body: string): string => `
const seen = (mask) => mask.max(-1, true).greater(-5e8).cast('float32');
export function attention(q, k, v, mask) {
  return tf.tidy(() => {
    const K = q.shape.at(-1);
    const s = tf.matMul(q, k, false, true).div(Math.sqrt(K));
    ${body}
    return { out: tf.matMul(w, v), w };
  });
}`;

/** The function around code that makes scores; the rest is as in the solution. */
const fromInputs = (scores: string): string => `
export function attention(q, k, v, mask) {
  return tf.tidy(() => {
    const K = q.shape.at(-1), lead = q.shape.slice(0, -2), [Tq, Tk] = [q.shape.at(-2), k.shape.at(-2)];
    ${scores}
    let w = tf.softmax(mask ? s.add(mask) : s);
    if (mask) w = w.mul(mask.max(-1, true).greater(-5e8).cast('float32'));
    return { out: tf.matMul(w, v), w };
  });
}`;

export const sdpa = solutionsOf('sdpa', 'attention.ts', {
  'softmax by log-sum-exp': fromScores(`
    const m = mask ? s.add(mask) : s;
    const e = m.sub(m.logSumExp(-1, true)).exp();
    const w = mask ? e.mul(seen(mask)) : e;`),
  'softmax by hand, largest score taken off': fromScores(`
    const m = mask ? s.add(mask) : s;
    const e = m.sub(m.max(-1, true)).exp();
    let w = e.div(e.sum(-1, true));
    if (mask) w = w.mul(seen(mask));`),
  'log-softmax, then exp': fromScores(`
    let w = tf.logSoftmax(mask ? s.add(mask) : s).exp();
    if (mask) w = w.mul(seen(mask));`),
  'softmax over rows of a flat matrix': fromScores(`
    const m = mask ? s.add(mask) : s;
    let w = m.reshape([-1, s.shape.at(-1)]).softmax().reshape(s.shape);
    if (mask) w = w.mul(seen(mask));`),
  'hidden keys replaced by where': fromScores(`
    const m = mask ? tf.where(mask.less(-5e8), tf.fill(s.shape, -1e9), s) : s;
    let w = tf.softmax(m);
    if (mask) w = w.mul(seen(mask));`),
  'hidden keys multiplied away, rows divided by what is left': fromScores(`
    const e = s.sub(s.max(-1, true)).exp();
    const left = mask ? e.mul(mask.greater(-5e8).cast('float32')) : e;
    const w = left.div(left.sum(-1, true).maximum(1e-30));`),
  'a mask that is not given is a zero': fromScores(`
    const m = mask ?? tf.scalar(0);
    const some = mask ? seen(mask) : tf.scalar(1);
    const w = s.add(m).softmax().mul(some);`),
  'online softmax, key by key': fromScores(`
    const m = mask ? s.add(mask) : s;
    let top = null, total = null;
    for (const column of tf.split(m, m.shape.at(-1), -1)) {
      if (top === null) { top = column; total = tf.onesLike(column); continue; }
      const next = tf.maximum(top, column);
      total = total.mul(top.sub(next).exp()).add(column.sub(next).exp());
      top = next;
    }
    let w = m.sub(top).exp().div(total);
    if (mask) w = w.mul(seen(mask));`),
  'sigmoid of the difference for two keys, softmax for more': fromScores(`
    const m = mask ? s.add(mask) : s;
    const [a, b] = m.shape.at(-1) === 2 ? tf.split(m, 2, -1) : [];
    let w = a && b ? tf.concat([a.sub(b).sigmoid(), b.sub(a).sigmoid()], -1) : tf.softmax(m);
    if (mask) w = w.mul(seen(mask));`),
  'powers of two': fromScores(`
    const m = (mask ? s.add(mask) : s).mul(Math.LOG2E);
    const e = tf.pow(tf.scalar(2), m.sub(m.max(-1, true)));
    let w = e.div(e.sum(-1, true));
    if (mask) w = w.mul(seen(mask));`),
  'sum of the row by a product with ones': fromScores(`
    const m = mask ? s.add(mask) : s;
    const e = m.sub(m.max(-1, true)).exp();
    const [Tk] = m.shape.slice(-1);
    const sums = e.reshape([-1, Tk]).matMul(tf.ones([Tk, 1])).reshape([...e.shape.slice(0, -1), 1]);
    let w = e.div(sums);
    if (mask) w = w.mul(seen(mask));`),
  'einsum over flat leading dims': fromInputs(`
    const flat = (x) => x.reshape([-1, x.shape.at(-2), K]);
    const s = tf.einsum('nik,njk->nij', flat(q), flat(k)).div(Math.sqrt(K)).reshape([...lead, Tq, Tk]);`),
  'queries scaled first': fromInputs('const s = tf.matMul(q.mul(K ** -0.5), k, false, true);'),
  'both sides scaled by the fourth root': fromInputs('const c = K ** -0.25; const s = tf.matMul(q.mul(c), k.mul(c), false, true);'),
  'keys transposed by a permutation': fromInputs(`
    const axes = [...k.shape.keys()]; [axes[axes.length - 1], axes[axes.length - 2]] = [axes.at(-2), axes.at(-1)];
    const s = tf.matMul(q, k.transpose(axes)).div(Math.sqrt(K));`),
  'products by explicit broadcasting': fromInputs(`
    const s = q.reshape([...lead, Tq, 1, K]).mul(k.reshape([...lead, 1, Tk, K])).sum(-1).div(Math.sqrt(K));`),
  'a loop over blocks': fromInputs(`
    const blocks = (x) => tf.unstack(x.reshape([-1, x.shape.at(-2), K]));
    const keys = blocks(k);
    const s = tf.stack(blocks(q).map((block, n) => block.matMul(keys[n], false, true))).reshape([...lead, Tq, Tk]).div(Math.sqrt(K));`),
  'a loop over queries': fromInputs(`
    const s = tf.concat(tf.split(q, Tq, -2).map((row) => tf.matMul(row, k, false, true)), -2).div(Math.sqrt(K));`),
  'a loop over features': fromInputs(`
    const column = (x) => tf.split(x, K, -1);
    const right = column(k).map((x) => x.reshape([...lead, 1, Tk]));
    const s = tf.addN(column(q).map((x, c) => x.mul(right[c]))).div(Math.sqrt(K));`),
  'scores from distances': fromInputs(`
    const square = (x) => x.square().sum(-1, true);
    const apart = q.reshape([...lead, Tq, 1, K]).sub(k.reshape([...lead, 1, Tk, K])).square().sum(-1);
    const s = square(q).add(square(k).reshape([...lead, 1, Tk])).sub(apart).div(2 * Math.sqrt(K));`),
  'recursion over leading dims': `
const attend = (q, k, v, mask) => {
  if (q.rank > 2) {
    const parts = tf.unstack(q).map((part, n) => attend(part, tf.unstack(k)[n], tf.unstack(v)[n], mask && tf.unstack(mask)[n]));
    return { out: tf.stack(parts.map(({ out }) => out)), w: tf.stack(parts.map(({ w }) => w)) };
  }
  const s = q.matMul(k, false, true).div(Math.sqrt(q.shape[1]));
  let w = tf.softmax(mask ? s.add(mask) : s);
  if (mask) w = w.mul(mask.max(-1, true).greater(-5e8).cast('float32'));
  return { out: w.matMul(v), w };
};
export const attention = (q, k, v, mask) => tf.tidy(() => attend(q, k, v, mask && mask.add(tf.zeros([...q.shape.slice(0, -1), k.shape.at(-2)]))));`,
});
