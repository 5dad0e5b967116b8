/**
 * Decoding one row as fast as the backend allows: the same numbers as kv-cache.ts, in as few operations as TF.js has for them.
 *
 * What costs is reading all weights once a token, and the call of an operation:
 * - One product gives queries, keys and values, with 1 / sqrt(K) in the queries' weights. Gate and up stay two: cutting one product up takes longer.
 * - All heads are turned in one call. The values' heads stand at an angle of 0, so they need not be cut off first.
 * - A single new place sees all that is there: no mask. Norm, turn and gate are the fused ops of the backend.
 * - The table is kept as [D, V], the layout in which TensorFlow multiplies one row twice as fast.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { causalSoftmax, rmsNorm, rotate, swiGlu } from '@llm-ladder/backend/fused';
import type { LlamaConfig, LlamaLayerWeights, LlamaWeights } from '../llama.ts';
import { commonLength, type RowDecoder } from './row-decoder.ts';

/** Dims: T new places, S all places, D model width, H query heads, G key/value heads, N = H + 2 G, K width of a head, F MLP width, V vocabulary. */
type FusedLayer = {
  readonly attnNorm: tf.Tensor1D;
  readonly qkv: tf.Tensor2D; // [D, N * K]
  readonly out: tf.Tensor2D; // [D, D]
  readonly ffnNorm: tf.Tensor1D;
  readonly gate: tf.Tensor2D; // [D, F]
  readonly up: tf.Tensor2D; // [D, F]
  readonly down: tf.Tensor2D; // [F, D]
};

type Past = {
  readonly k: tf.Tensor4D; // [1, G, S, K]
  readonly v: tf.Tensor4D;
};

/** Holds weights of its own: those that it was made of may be disposed of. */
export class FastDecoder implements RowDecoder {
  readonly #cfg: LlamaConfig;
  readonly #embed: tf.Tensor2D; // [V, D]
  readonly #layers: readonly FusedLayer[];
  readonly #norm: tf.Tensor1D;
  readonly #head: tf.Tensor2D; // [D, V]
  #past: readonly Past[] = [];
  #held: readonly number[] = [];

  constructor(w: LlamaWeights, cfg: LlamaConfig) {
    this.#cfg = cfg;
    this.#embed = w.embed.clone();
    this.#layers = w.layers.map((layer) => tf.tidy(() => fuse(layer, cfg)));
    this.#norm = w.norm.clone();
    this.#head = w.head?.clone() ?? w.embed.transpose<tf.Tensor2D>();
  }

  next(ids: readonly number[]): tf.Tensor2D {
    if (ids.length > this.#cfg.maxLen) throw new UsageError('chat', `at most ${this.#cfg.maxLen} tokens`, `${ids.length}`);
    // The last id is read in any case: its logits are asked for.
    const done = Math.min(commonLength(this.#held, ids), ids.length - 1);
    if (done < this.#held.length) this.#forget(done);
    let past: Past[] = [];
    const logits = tf.tidy(() => {
      const step = this.#advance(ids.slice(done), done);
      past = step.past.map(({ k, v }) => ({ k: tf.keep(k), v: tf.keep(v) }));
      return step.logits;
    });
    tf.dispose(this.#past as unknown as tf.TensorContainer);
    this.#past = past;
    this.#held = [...ids];
    return logits;
  }

  dispose(): void {
    const owned = [this.#embed, this.#layers, this.#norm, this.#head, this.#past];
    tf.dispose(owned as unknown as tf.TensorContainer);
    this.#past = [];
    this.#held = [];
  }

  #forget(length: number): void {
    const start = (x: tf.Tensor4D) => x.slice([0, 0, 0, 0], [-1, -1, length, -1]);
    const kept = length === 0 ? [] : this.#past.map(({ k, v }) => ({ k: start(k), v: start(v) }));
    tf.dispose(this.#past as unknown as tf.TensorContainer);
    this.#past = kept;
    this.#held = this.#held.slice(0, length);
  }

  #advance(ids: readonly number[], done: number): { logits: tf.Tensor2D; past: readonly Past[] } {
    const { D, eps } = this.#cfg;
    const T = ids.length;
    const angles = headAngles(this.#cfg, done, T);
    let x = tf.gather(this.#embed, tf.tensor1d([...ids], 'int32')); // [T, D]
    const past = this.#layers.map((layer, l) => {
      const { out, ...cache } = fastLayer(x, layer, this.#cfg, angles, this.#past[l]);
      x = out;
      return cache;
    });
    const last = T === 1 ? x : x.slice([T - 1, 0], [1, D]);
    return { logits: tf.matMul(rmsNorm(last, this.#norm, eps), this.#head), past };
  }
}

// --- helpers ---

function fuse({ attnNorm, attn: { Wq, Wk, Wv, Wo }, ffnNorm, ffn: { w1, w2, w3 } }: LlamaLayerWeights, { D, H }: LlamaConfig): FusedLayer {
  return {
    attnNorm: attnNorm.clone(),
    qkv: tf.concat([Wq.div(Math.sqrt(D / H)), Wk, Wv], 1),
    out: Wo.clone(),
    ffnNorm: ffnNorm.clone(),
    gate: w1.clone(),
    up: w3.clone(),
    down: w2.clone(),
  };
}

function fastLayer(
  x: tf.Tensor2D,
  { attnNorm, qkv, out, ffnNorm, gate, up, down }: FusedLayer,
  { D, H, G, eps, style }: LlamaConfig,
  { cos, sin }: { readonly cos: tf.Tensor2D; readonly sin: tf.Tensor2D },
  past: Past | undefined,
): Past & { readonly out: tf.Tensor2D } {
  const [T, K, N] = [x.shape[0], D / H, H + 2 * G];
  const projected = tf.matMul(rmsNorm(x, attnNorm, eps), qkv); // [T, D] x [D, N * K]
  const heads = T === 1 ? projected : projected.reshape([T, N, K]).transpose([1, 0, 2]); // [N, T, K]
  const turned = rotate(heads.reshape<tf.Tensor4D>([1, N * T, 1, K]), cos, sin, { interleaved: style === 'interleaved' });
  const rows = T === 1 ? turned : turned.reshape<tf.Tensor4D>([1, N, T, K]);
  const [q, newK, newV] = tf.split(rows, [H, G, G], 1) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const k = past ? tf.concat([past.k, newK], 2) : newK; // [1, G, S, K]
  const v = past ? tf.concat([past.v, newV], 2) : newV;

  const grouped = q.reshape<tf.Tensor4D>([1, G, (H / G) * T, K]);
  const weights = seen(tf.matMul(grouped, k, false, true), H, T); // [1, G, H / G * T, S]
  const mixed = tf.matMul(weights, v); // [1, G, H / G * T, K]
  const joined = T === 1 ? mixed : mixed.reshape([H, T, K]).transpose([1, 0, 2]);
  const attended = x.add<tf.Tensor2D>(tf.matMul(joined.reshape<tf.Tensor2D>([T, D]), out));

  const y = rmsNorm(attended, ffnNorm, eps);
  return { out: attended.add(tf.matMul(swiGlu(tf.matMul(y, gate), tf.matMul(y, up)), down)), k, v };
}

/** Softmax over the keys that each query may see: one new place sees all. */
function seen(scores: tf.Tensor4D, H: number, T: number): tf.Tensor4D {
  if (T === 1) return tf.softmax(scores);
  const S = scores.shape[3];
  return causalSoftmax(scores.reshape<tf.Tensor3D>([H, T, S]), 1).reshape(scores.shape);
}

/** Angles of N heads at places past .. past + T - 1, in float64 until the end: the values' heads, the last G, are not turned. Each [N * T, K / 2]. */
function headAngles({ D, H, G, theta }: LlamaConfig, past: number, T: number): { cos: tf.Tensor2D; sin: tf.Tensor2D } {
  const [half, N] = [D / H / 2, H + 2 * G];
  const table = (wave: (angle: number) => number, unturned: number) => {
    const values = new Float32Array(N * T * half).fill(unturned, (N - G) * T * half);
    for (let t = 0; t < T; t++) for (let i = 0; i < half; i++) values[t * half + i] = wave((past + t) * theta ** (-i / half));
    for (let n = 1; n < N - G; n++) values.copyWithin(n * T * half, 0, T * half);
    return tf.tensor2d(values, [N * T, half]);
  };
  return { cos: table(Math.cos, 1), sin: table(Math.sin, 0) };
}
