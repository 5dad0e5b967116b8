/**
 * What a waiting box runs until V8 has compiled for good what every exercise goes through: TF.js, its gradients, the WASM kernels, the codec.
 * A stack of the course's commonest ops on numbers that mean nothing: no exercise's answer.
 */
import { tf } from '@llm-ladder/backend';
import { decodeFrame, encodeFrame } from '../codec.ts';
import { TensorValue } from '../values.ts';
import { call, grad, type Loaded, type Outcome } from './calls.ts';

const [B, T, D, H, V] = [2, 5, 12, 3, 11] as const;

type Weights = Record<'table' | 'a' | 'b', tf.Tensor2D> & {
  readonly rows: readonly { readonly g: tf.Tensor1D; readonly m: tf.Tensor2D }[];
};

function shapes(ids: tf.Tensor2D, w: Weights): tf.Tensor4D {
  const wave = tf
    .range(0, T)
    .reshape([T, 1])
    .mul(tf.exp(tf.range(0, D / 2).mul(-0.3))); // [T, D/2]
  const waves = tf.stack([wave.sin(), wave.cos()], 2).reshape([T, D]);
  const x = tf.gather(w.table, ids).mul(1.5).add(waves); // [B, T, D]
  const [left, right] = tf.split(x, 2, -1);
  const y = tf.concat([left!.neg(), right!], -1).add(x.slice([0, 0, 0], [-1, -1, D]));
  return y.reshape<tf.Tensor4D>([B, T, H, D / H]).transpose([0, 2, 1, 3]); // [B, H, T, D/H]
}

function products(x: tf.Tensor4D, w: Weights): tf.Tensor3D {
  const order = tf
    .range(0, T)
    .reshape([1, T])
    .sub(tf.range(0, T).reshape([T, 1]))
    .greaterEqual(1)
    .cast('float32')
    .mul(-9);
  const p = tf.softmax(tf.matMul(x, x, false, true).div(2).add(tf.minimum(order, 0))); // [B, H, T, T]
  const seen = order.max(-1, true).greater(-1).cast('float32');
  const mixed = p
    .mul(seen)
    .matMul(x)
    .transpose([0, 2, 1, 3])
    .reshape<tf.Tensor2D>([B * T, D]);
  const flat = mixed.matMul<tf.Tensor2D>(w.a).relu().matMul<tf.Tensor2D>(w.b);
  return tf.where(tf.ones([B * T, D], 'bool'), flat, flat.mul(0.5)).reshape([B, T, D]);
}

function centred(x: tf.Tensor3D, w: Weights): tf.Tensor3D {
  return w.rows.reduce((h, { g, m }) => {
    const c = h.sub(h.mean(-1, true));
    const unit = c.div(c.square().mean(-1, true).add(1e-3).sqrt()).mul(g).add(g);
    return h.add<tf.Tensor3D>(
      unit
        .reshape<tf.Tensor2D>([B * T, D])
        .matMul(m)
        .reshape([B, T, D])
        .tanh(),
    );
  }, x);
}

const exports: Loaded['exports'] = {
  stack: (ids: tf.Tensor2D, w: Weights): { out: tf.Tensor; kept: tf.Tensor } =>
    tf.tidy(() => {
      const h = centred(products(shapes(ids, w), w), w);
      const logits = h
        .reshape<tf.Tensor2D>([B * T, D])
        .matMul(w.table, false, true)
        .reshape([B, T, V]); // [B, T, V]
      return { out: logits, kept: h.sigmoid().sum() };
    }),
  chosen: (ids: tf.Tensor2D, w: Weights): tf.Tensor =>
    tf.tidy(() => {
      const counts = ids.notEqual(3);
      const label = tf.where(counts, ids, tf.zerosLike(ids));
      const rows = tf
        .gather(w.table, ids)
        .reshape([B, T, D])
        .matMul(tf.ones([B, D, V]));
      const picked = tf.oneHot(label, V).mul(tf.logSoftmax(rows)).sum(-1).mul(counts.cast('float32'));
      return picked.sum().div(counts.cast('float32').sum().maximum(1)).neg();
    }),
  made: (): Record<string, tf.Tensor | readonly tf.Tensor[]> => ({
    noise: tf.randomNormal([V, D], 0, 0.1, 'float32', 7),
    spread: [tf.randomUniform([D, D], -1, 1, 'float32', 9), tf.ones([D]), tf.zeros([D])],
    ids: tf.tidy(() => tf.concat([tf.fill([B, 1], 1, 'int32'), tf.zeros([B, T - 1], 'int32')], 1)),
  }),
};
const loaded: Loaded = { exports, boxed: {} };

/** One round: some calls and gradients through the whole of a box, as if the grader had asked. */
export async function practise(): Promise<void> {
  const numbers = (shape: readonly number[]): TensorValue => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.7));
    return new TensorValue('float32', shape, values);
  };
  const ids = new TensorValue(
    'int32',
    [B, T],
    Int32Array.from({ length: B * T }, (_, i) => (i * 7) % V),
  );
  const layer = () => ({ g: numbers([D]), m: numbers([D, D]) });
  const weights = { table: numbers([V, D]), a: numbers([D, D]), b: numbers([D, D]), rows: [layer(), layer()] };
  const ask = async (name: string, args: readonly unknown[], wrt: readonly string[] = [], output: string | null = null): Promise<void> => {
    const frame = encodeFrame(['call', 0, { export: name }, args]).subarray(4);
    const [, , target, real] = decodeFrame(frame) as [string, number, { export: string }, unknown[]];
    answer(wrt.length === 0 ? await call(loaded, target, real) : await grad(loaded, target, real, { wrt, output, upstream: null }));
  };
  await ask('stack', [ids, weights]);
  await ask('stack', [ids, weights], ['1.table', '1.a', '1.rows.0.g', '1.rows.1.m'], 'out');
  await ask('chosen', [ids, weights]);
  await ask('chosen', [ids, weights], ['1.table']);
  await ask('made', []);
}

function answer({ value, wasPromise, stats, cleanUp }: Outcome): void {
  encodeFrame(['done', 0, value, wasPromise, stats]);
  cleanUp();
}
