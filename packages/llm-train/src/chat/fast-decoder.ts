/**
 * Decoding one row as fast as the backend allows: the same numbers as kv-cache.ts, in as few operations as there are for them.
 *
 * What costs is reading all weights once a token, and the call of an operation. Where the backend has a kernel for a whole layer and one token
 * (`decodeLayer`), a token takes one operation a layer, and its key and value are written into room that was left for them. Everywhere else:
 * - One product gives queries, keys and values, with 1 / sqrt(K) in the queries' weights. Gate and up stay two: cutting one product up takes longer.
 * - All heads are turned in one call. The values' heads stand at an angle of 0, so they need not be cut off first.
 * - A single new place sees all that is there: no mask. Norm, turn and gate are the fused ops of the backend.
 * - The table is kept as [D, V], the layout in which TF.js multiplies one row twice as fast.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import {
  causalSoftmax,
  type DecodeCache,
  type DecodeWeights,
  decodeLayer,
  hasDecodeLayer,
  rmsNorm,
  rotate,
  rowByTable,
  swiGlu,
} from '@llm-ladder/backend/fused';
import type { LlamaConfig, LlamaLayerWeights, LlamaWeights } from '../llama.ts';
import { commonLength, type RowDecoder } from './row-decoder.ts';

/** Places for which there is room at first; it doubles when they are taken. */
const ROOM = 64;

/**
 * Holds weights of its own: those that it was made of may be disposed of.
 * Dims: T new places, S all places, C places for which there is room, D model width, H query heads, G key/value heads, N = H + 2 G, K width of a
 * head, F MLP width, V vocabulary.
 */
export class FastDecoder implements RowDecoder {
  readonly #cfg: LlamaConfig;
  readonly #embed: tf.Tensor2D; // [V, D]
  readonly #layers: readonly DecodeWeights[];
  readonly #norm: tf.Tensor1D;
  /** [D, V]; absent where the backend multiplies by the table as it is. */
  readonly #head: tf.Tensor2D | undefined;
  readonly #native = hasDecodeLayer();
  /** A layer's keys and values, [1, G, C, K]: the first places are those of #held, room for more may follow. */
  #past: readonly DecodeCache[] = [];
  #held: readonly number[] = [];

  constructor(w: LlamaWeights, cfg: LlamaConfig) {
    this.#cfg = cfg;
    this.#embed = w.embed.clone();
    this.#layers = w.layers.map((layer) => tf.tidy(() => fuse(layer, cfg)));
    this.#norm = w.norm.clone();
    this.#head = w.head?.clone() ?? (this.#native ? undefined : w.embed.transpose<tf.Tensor2D>());
  }

  next(ids: readonly number[]): tf.Tensor2D {
    if (ids.length > this.#cfg.maxLen) throw new UsageError('chat', `at most ${this.#cfg.maxLen} tokens`, `${ids.length}`);
    // The last id is read in any case: its logits are asked for.
    const done = Math.min(commonLength(this.#held, ids), ids.length - 1);
    const logits = this.#native && done === ids.length - 1 ? this.#step(ids[done] ?? 0, done) : this.#read(ids.slice(done), done);
    this.#held = [...ids];
    return logits;
  }

  dispose(): void {
    const owned = [this.#embed, this.#layers, this.#norm, this.#head, this.#past];
    tf.dispose(owned as unknown as tf.TensorContainer);
    this.#past = [];
    this.#held = [];
  }

  /** Any number of new places. */
  #read(ids: readonly number[], done: number): tf.Tensor2D {
    this.#resize(done);
    const angles = headAngles(this.#cfg, done, ids.length);
    const past: DecodeCache[] = [];
    const logits = tf.tidy(() => {
      let x = tf.gather(this.#embed, tf.tensor1d([...ids], 'int32')); // [T, D]
      for (const [l, layer] of this.#layers.entries()) {
        const { out, k, v } = fastLayer(x, layer, this.#cfg, angles, this.#past[l]);
        x = out;
        past.push({ k: tf.keep(k), v: tf.keep(v) });
      }
      return this.#logits(ids.length === 1 ? x : x.slice([ids.length - 1, 0], [1, this.#cfg.D]));
    });
    tf.dispose(angles);
    this.#hold(past);
    return logits;
  }

  /** One new place, with the backend's own kernel for a layer. */
  #step(id: number, place: number): tf.Tensor2D {
    const { D, H, eps, theta, maxLen, style } = this.#cfg;
    const room = this.#past[0]?.k.shape[2] ?? 0;
    if (place >= room) this.#resize(Math.min(maxLen, Math.max(ROOM, 2 * place)));
    return tf.tidy(() => {
      const half = D / H / 2;
      const angles = Float64Array.from({ length: half }, (_, i) => place * theta ** (-i / half));
      const step = {
        place: tf.tensor1d([place], 'int32'),
        cos: tf.tensor1d(Float32Array.from(angles, Math.cos)),
        sin: tf.tensor1d(Float32Array.from(angles, Math.sin)),
        epsilon: eps,
        interleaved: style === 'interleaved',
      };
      let x = tf.gather(this.#embed, tf.tensor1d([id], 'int32')); // [1, D]
      for (const [l, layer] of this.#layers.entries()) x = decodeLayer(x, layer, this.#past[l]!, step);
      return this.#logits(x);
    });
  }

  #logits(last: tf.Tensor2D): tf.Tensor2D {
    const y = rmsNorm(last, this.#norm, this.#cfg.eps); // [1, D]
    return this.#head ? tf.matMul(y, this.#head) : rowByTable(y, this.#embed); // [1, V]
  }

  /** Room for exactly so many places: what is beyond is forgotten, what is new holds zeros. */
  #resize(places: number): void {
    const { D, H, G } = this.#cfg;
    const room = this.#past[0]?.k.shape[2] ?? 0;
    if (places === room) return;
    const K = D / H;
    const fit = (x: tf.Tensor4D | undefined): tf.Tensor4D => {
      if (!x) return tf.fill<tf.Rank.R4>([1, G, places, K], 0);
      return places < room
        ? x.slice([0, 0, 0, 0], [-1, -1, places, -1])
        : tf.concat([x, tf.fill<tf.Rank.R4>([1, G, places - room, K], 0)], 2);
    };
    const resized = (l: number): DecodeCache => tf.tidy(() => ({ k: fit(this.#past[l]?.k), v: fit(this.#past[l]?.v) }));
    this.#hold(places === 0 ? [] : this.#layers.map((_, l) => resized(l)));
  }

  #hold(past: readonly DecodeCache[]): void {
    tf.dispose(this.#past as unknown as tf.TensorContainer);
    this.#past = past;
  }
}

// --- helpers ---

function fuse(
  { attnNorm, attn: { Wq, Wk, Wv, Wo }, ffnNorm, ffn: { w1, w2, w3 } }: LlamaLayerWeights,
  { D, H }: LlamaConfig,
): DecodeWeights {
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
  { attnNorm, qkv, out, ffnNorm, gate, up, down }: DecodeWeights,
  { D, H, G, eps, style }: LlamaConfig,
  { cos, sin }: { readonly cos: tf.Tensor2D; readonly sin: tf.Tensor2D },
  past: DecodeCache | undefined,
): DecodeCache & { readonly out: tf.Tensor2D } {
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
