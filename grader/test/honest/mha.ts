/** Other ways to many heads. */
import { solutionsOf } from './solution.ts';

const withAttention = (body: string): string => `
import { attention } from '@llm-ladder/transformer/attention';
export function mha(xq, xkv, { Wq, Wk, Wv, Wo }, H, mask) {
  const [B, Tq, D] = xq.shape, Tk = xkv.shape[1], K = D / H;
  if (!Number.isInteger(H) || H < 1 || !Number.isInteger(K)) throw new ShapeError('mha', 'H divides D', \`\${D}, \${H}\`);
  return tf.tidy(() => {
    const product = (x, W) => x.reshape([-1, x.shape.at(-1)]).matMul(W).reshape([...x.shape.slice(0, -1), W.shape[1]]);
    void [B, Tq, Tk, product];
    ${body}
  });
}`;

export const mha = solutionsOf('mha', 'mha.ts', {
  'heads by split and stack': withAttention(`
    const heads = (x, W) => tf.stack(tf.split(product(x, W), H, 2), 1);
    const { out } = attention(heads(xq, Wq), heads(xkv, Wk), heads(xkv, Wv), mask);
    return product(tf.concat(tf.unstack(out, 1), 2), Wo);`),
  'one head after the other': withAttention(`
    const columns = (W) => tf.split(W, H, 1);
    const [q, k, v] = [columns(Wq), columns(Wk), columns(Wv)];
    const m = mask && mask.reshape([mask.shape[0], mask.shape[2], mask.shape[3]]);
    return product(tf.concat(q.map((W, h) => attention(product(xq, W), product(xkv, k[h]), product(xkv, v[h]), m).out), 2), Wo);`),
  'the sum of what each head adds': withAttention(`
    const columns = (W) => tf.split(W, H, 1), rows = tf.split(Wo, H, 0);
    const [q, k, v] = [Wq, Wk, Wv].map(columns);
    const m = mask && mask.squeeze([1]);
    return tf.addN(rows.map((W, h) => product(attention(product(xq, q[h]), product(xkv, k[h]), product(xkv, v[h]), m).out, W)));`),
  'keys and values in one product': withAttention(`
    const split = (x, T) => x.reshape([B, T, H, K]).transpose([0, 2, 1, 3]);
    const [k, v] = tf.split(product(xkv, tf.concat([Wk, Wv], 1)), 2, 2);
    const { out } = attention(split(product(xq, Wq), Tq), split(k, Tk), split(v, Tk), mask);
    return product(out.transpose([0, 2, 1, 3]).reshape([B, Tq, D]), Wo);`),
  'sentence by sentence': withAttention(`
    const split = (x) => x.reshape([x.shape[0], H, K]).transpose([1, 0, 2]);
    const [qs, ks] = [tf.unstack(xq), tf.unstack(xkv)];
    const masks = mask && tf.unstack(mask.add(tf.zeros([B, 1, 1, 1])));
    return tf.stack(qs.map((q, b) => attention(split(q.matMul(Wq)), split(ks[b].matMul(Wk)), split(ks[b].matMul(Wv)), masks?.[b]).out.transpose([1, 0, 2]).reshape([Tq, D]).matMul(Wo)));`),
  'queries meet keys through one matrix per head': withAttention(`
    const per = (W) => tf.split(W, H, 1);
    const scale = Math.sqrt(K);
    const parts = per(Wq).map((q, h) => {
      const M = q.matMul(per(Wk)[h], false, true);
      const s = tf.matMul(product(xq, M), xkv, false, true).div(scale);
      const m = mask?.squeeze([1]);
      let w = tf.softmax(m ? s.add(m) : s);
      if (m) w = w.mul(m.max(-1, true).greater(-5e8).cast('float32'));
      return tf.matMul(w, product(xkv, per(Wv)[h]));
    });
    return product(tf.concat(parts, -1), Wo);`),
  'heads in the batch axis': withAttention(`
    const fold = (x, T) => x.reshape([B, T, H, K]).transpose([0, 2, 1, 3]).reshape([B * H, T, K]);
    const m = mask && mask.add(tf.zeros([B, H, 1, 1])).reshape([B * H, mask.shape[2], mask.shape[3]]);
    const { out } = attention(fold(product(xq, Wq), Tq), fold(product(xkv, Wk), Tk), fold(product(xkv, Wv), Tk), m);
    return product(out.reshape([B, H, Tq, K]).transpose([0, 2, 1, 3]).reshape([B, Tq, D]), Wo);`),
});
