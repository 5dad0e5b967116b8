/**
 * Decoding with a key/value cache: what a token was to the attention does not change when more tokens follow, so it is worked out once.
 *
 * Papers: Shazeer 2019, "Fast Transformer Decoding", section 2.4 (incremental inference); Pope et al. 2022, section 2 (prefill and decode).
 * - Prefill reads many ids in one go, decoding one id a step. Both do the same: turn new keys, append them, let new queries see the whole past.
 * - The cache holds the G key/value heads, keys already turned. Copies for the H query heads would give away what grouping saves.
 * - Rows of unequal length are padded on the left, so that the newest id of every row stands in the last place.
 * - Only the last place of each row goes through the head: nobody asks the others.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { gqa } from '@llm-ladder/plm-zoo/gqa';
import { rmsNorm } from '@llm-ladder/plm-zoo/rmsnorm';
import { applyRope, type RopeCache, ropeCache } from '@llm-ladder/plm-zoo/rope';
import { swiglu } from '@llm-ladder/plm-zoo/swiglu';
import { causalMask, combine } from '@llm-ladder/transformer/masks';
import type { LlamaConfig, LlamaLayerWeights, LlamaWeights } from './llama.ts';

/** Dims: B batch, T new places, S all places so far, V vocabulary, D model width, H query heads, G key/value heads, K = D / H width of a head. */
export interface LayerCache {
  readonly k: tf.Tensor4D; // [B, S, G, K], turned
  readonly v: tf.Tensor4D; // [B, S, G, K]
}

/** What the model remembers of its rows. It is used up by the call that continues it: go on with the cache which that call returns. */
export class KvCache {
  readonly layers: readonly LayerCache[];
  /** How many places of each row, on the left, are padding. */
  readonly pads: readonly number[];
  /** Angles of all cfg.maxLen positions; every later cache has the same. */
  readonly rope: RopeCache;

  constructor(layers: readonly LayerCache[], pads: readonly number[], rope: RopeCache) {
    this.layers = layers;
    this.pads = pads;
    this.rope = rope;
  }

  /** How many places it holds, S. */
  get length(): number {
    return this.layers[0]!.k.shape[1];
  }

  dispose(): void {
    tf.dispose([this.layers, this.rope] as unknown as tf.TensorContainer);
  }
}

export interface Decoded {
  /** Of the id that follows each row: [B, V]. */
  readonly logits: tf.Tensor2D;
  readonly cache: KvCache;
}

export interface PrefillOptions {
  /** How many ids of each row, on the left, are padding; none unless told. With a cache, the cache knows. */
  readonly pads?: readonly number[];
  /** What came before these ids; used up. */
  readonly cache?: KvCache;
}

/**
 * Reads ids [B, T] (int32), after those of `cache` if there is one -> logits [B, V] of what follows, and the cache of all.
 * Positions count from the first id of a row that is no padding. The caller owns both. Throws UsageError beyond cfg.maxLen places.
 */
export function prefill(ids: tf.Tensor2D, w: LlamaWeights, cfg: LlamaConfig, { pads: given, cache }: PrefillOptions = {}): Decoded {
  // #region exercise: whose padding, the positions of the new places in each row, and on with it
  const [B, T] = ids.shape;
  const past = cache?.length ?? 0;
  const pads = cache?.pads ?? given ?? new Array<number>(B).fill(0);
  const places = pads.map((pad) => Array.from({ length: T }, (_, t) => Math.max(0, past + t - pad)));
  const pos = tf.tensor2d(places, [B, T], 'int32');
  try {
    return advance(ids, pos, w, cfg, pads, cache);
  } finally {
    pos.dispose();
  }
  // #endregion
}

/**
 * One more id for each row: id [B, 1] at pos [B, 1] (both int32) -> logits [B, V] of what follows, and the cache with that id.
 * `cache` is used up: its tensors are gone. Throws UsageError beyond cfg.maxLen places, and leaves `cache` as it was.
 */
export function decodeStep(id: tf.Tensor2D, cache: KvCache, pos: tf.Tensor2D, w: LlamaWeights, cfg: LlamaConfig): Decoded {
  // #region exercise: the same as prefill for one place, whose position is given
  return advance(id, pos, w, cfg, cache.pads, cache);
  // #endregion
}

/** Takes ids [B, T] at their positions [B, T] through all layers, each of which appends to its past; disposes of the old keys and values. */
function advance(
  ids: tf.Tensor2D,
  pos: tf.Tensor2D,
  w: LlamaWeights,
  cfg: LlamaConfig,
  pads: readonly number[],
  cache: KvCache | undefined,
): Decoded {
  // #region exercise: check the length; embed, mask, all layers, the last place, the final norm, the head; let go of the old cache
  const [B, T] = ids.shape;
  const S = (cache?.length ?? 0) + T;
  if (S > cfg.maxLen) throw new UsageError('kv-cache', `at most ${cfg.maxLen} places`, `${S}`);

  const rope = cache?.rope ?? ropeCache(cfg.D / cfg.H, cfg.maxLen, cfg.theta);
  const { logits, layers } = tf.tidy(() => {
    const mask = combine(causalMask(T, S), leftPaddingMask(pads, S)); // [B, 1, T, S]
    let x = tf.gather(w.embed, ids) as unknown as tf.Tensor3D; // [B, T] -> [B, T, D]
    const layers = w.layers.map((layer, l) => {
      const { out, k, v } = cachedLayer(x, layer, cfg, { rope, pos, mask }, cache?.layers[l]);
      x = out;
      return { k, v };
    });
    const last = x.slice([0, T - 1, 0], [B, 1, cfg.D]).reshape<tf.Tensor2D>([B, cfg.D]);
    const out = rmsNorm(last, w.norm, cfg.eps);
    const logits = w.head ? tf.matMul<tf.Tensor2D>(out, w.head) : tf.matMul<tf.Tensor2D>(out, w.embed, false, true); // [B, D] x [D, V]
    return { logits, layers };
  });
  tf.dispose((cache?.layers ?? []) as unknown as tf.TensorContainer);
  return { logits, cache: new KvCache(layers, pads, rope) };
  // #endregion
}

/** A layer of llama.ts with a past: x [B, T, D] -> out [B, T, D], and the keys and values of past and new places, [B, S, G, K]. */
function cachedLayer(
  x: tf.Tensor3D,
  { attnNorm, attn, ffnNorm, ffn }: LlamaLayerWeights,
  { D, H, G, eps, style }: LlamaConfig,
  { rope, pos, mask }: { readonly rope: RopeCache; readonly pos: tf.Tensor2D; readonly mask: tf.Tensor4D },
  past: LayerCache | undefined,
): LayerCache & { readonly out: tf.Tensor3D } {
  // #region exercise: as llamaLayer; new keys and values go behind the past ones along time, and the queries see all of them
  const [B, T] = x.shape;
  const K = D / H;
  const heads = (y: tf.Tensor2D, W: tf.Tensor2D, count: number) => y.matMul(W).reshape<tf.Tensor4D>([B, T, count, K]);

  const y = rmsNorm(x, attnNorm, eps).reshape<tf.Tensor2D>([B * T, D]);
  const q = applyRope(heads(y, attn.Wq, H), rope.cos, rope.sin, pos, style); // [B, T, H, K]
  const newK = applyRope(heads(y, attn.Wk, G), rope.cos, rope.sin, pos, style); // [B, T, G, K]
  const newV = heads(y, attn.Wv, G);
  const k = past ? tf.concat([past.k, newK], 1) : newK; // [B, S, G, K]
  const v = past ? tf.concat([past.v, newV], 1) : newV;
  const mixed = gqa(q, k, v, mask).reshape<tf.Tensor2D>([B * T, D]);
  const attended = x.add<tf.Tensor3D>(mixed.matMul(attn.Wo).reshape([B, T, D]));

  return { out: attended.add(swiglu(rmsNorm(attended, ffnNorm, eps), ffn.w1, ffn.w2, ffn.w3)), k, v };
  // #endregion
}

/** Hides the first pads[b] of S keys in row b: additive, [B, 1, 1, S]. */
function leftPaddingMask(pads: readonly number[], S: number): tf.Tensor4D {
  // #region exercise: -1e9 where the key stands before pads[b], 0 elsewhere
  const hidden = pads.map((pad) => [[Array.from({ length: S }, (_, place) => (place < pad ? -1e9 : 0))]]);
  return tf.tensor4d(hidden, [pads.length, 1, 1, S]);
  // #endregion
}
