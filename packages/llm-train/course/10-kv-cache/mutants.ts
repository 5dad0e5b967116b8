import { defineMutants } from '@llm-ladder/grader/course';

const hf = 'every step of a left-padded batch matches Hugging Face';
const holds = 'the cache holds the turned keys and the values of Hugging Face';
const anew = 'a step gives what reading everything anew gives';
const parts = 'a prefill in parts gives what one in a piece gives';
const alone = 'a row padded on the left gives what it gives alone';
const padding = 'ids in the padding have no influence, all others have';
const stands = 'the step stands at the position that it is given';
const heads = 'the cache grows by one place a step and holds key/value heads only';
const refused = 'more places than there are positions are refused, and the cache stays good';
const own = 'the pads of each row are its own, and the call leaves its inputs alone';
const disposes = 'a step disposes of the old cache and keeps nothing else';

const places = 'Math.max(0, past + t - pad)';
const step = 'return advance(id, pos, w, cfg, cache.pads, cache);';
const masks = 'const mask = combine(causalMask(T, S), leftPaddingMask(pads, S));';
const newK = 'const newK = applyRope(heads(y, attn.Wk, G), rope.cos, rope.sin, pos, style);';
const newV = 'const newV = heads(y, attn.Wv, G);';
const keys = 'const k = past ? tf.concat([past.k, newK], 1) : newK;';
const values = 'const v = past ? tf.concat([past.v, newV], 1) : newV;';
const last = 'const last = x.slice([0, T - 1, 0], [B, 1, cfg.D])';
const out = 'const out = rmsNorm(last, w.norm, cfg.eps);';
const tooLong = 'if (S > cfg.maxLen) throw';
const freed = 'tf.dispose((cache?.layers ?? []) as unknown as tf.TensorContainer);';
const hides = 'place < pad ? -1e9 : 0';

/** Without a use for the cache: all ids are remembered, and a step takes all of them through the model. */
const anewEachStep: [find: string, by: string][] = [
  [
    'export interface LayerCache {',
    'const histories = new WeakMap<KvCache, { ids: number[][]; pos: number[][] }>();\n\nexport interface LayerCache {',
  ],
  [
    step,
    `const before = histories.get(cache)!;
  const all = (old: number[][], more: tf.Tensor2D) => tf.tensor2d(more.arraySync().map((row, b) => [...old[b]!, ...row]), undefined, 'int32');
  const [ids, at] = [all(before.ids, id), all(before.pos, pos)];
  const { logits, cache: fresh } = advance(ids, at, w, cfg, cache.pads, undefined);
  const next = new KvCache(fresh.layers, cache.pads, cache.rope);
  histories.set(next, histories.get(fresh)!);
  tf.dispose([ids, at, fresh.rope, cache.layers] as unknown as tf.TensorContainer);
  return { logits, cache: next };`,
  ],
  [
    'return { logits, cache: new KvCache(layers, pads, rope) };',
    `const next = new KvCache(layers, pads, rope);
  const before = cache && histories.get(cache);
  const all = (old: number[][] | undefined, more: tf.Tensor2D) => more.arraySync().map((row, b) => [...(old?.[b] ?? []), ...row]);
  histories.set(next, { ids: all(before?.ids, ids), pos: all(before?.pos, pos) });
  return { logits, cache: next };`,
  ],
];

export default defineMutants({
  mutants: [
    {
      name: 'position always 0',
      replace: [
        [
          step,
          'return tf.tidy(() => { const { logits, cache: next } = advance(id, tf.zerosLike(pos), w, cfg, cache.pads, cache); tf.keep(logits); for (const { k, v } of next.layers) { tf.keep(k); tf.keep(v); } return { logits, cache: next }; });',
        ],
      ],
      killedBy: [hf, anew, stands],
      looksLike: { en: 'every new id stands at position 0: pos is not used', zh: '每个新 id 都站在位置 0：没有用 pos' },
    },
    {
      name: 'the step counts its own position from the cache',
      replace: [
        [
          step,
          'const at = tf.fill<tf.Rank.R2>([id.shape[0], 1], cache.length, "int32"); try { return advance(id, at, w, cfg, cache.pads, cache); } finally { at.dispose(); void pos; }',
        ],
      ],
      killedBy: [hf, stands],
      looksLike: {
        en: 'the position is the length of the cache, padding included; it is given as pos',
        zh: '把缓存长度（含填充）当成了位置；位置由 pos 给出',
      },
    },
    {
      name: 'the causal mask of one query hides the past',
      replace: [[masks, 'const mask = combine(causalMask(T, S, 0), leftPaddingMask(pads, S));']],
      killedBy: [hf, anew, parts],
      looksLike: {
        en: 'the mask starts at 0 and hides the past: query 0 stands behind it',
        zh: '掩码从 0 开始，把前文遮住了：第 0 个查询站在前文之后',
      },
    },
    {
      name: 'no causal mask within a part',
      replace: [[masks, 'const mask = combine(causalMask(1, S), leftPaddingMask(pads, S));']],
      killedBy: [hf, parts],
      looksLike: { en: 'places of one prefill see later ones', zh: '同一段预填充里，前面的位置看到了后面的' },
    },
    {
      name: 'a later part is not masked',
      replace: [[masks, 'const mask = combine(cache ? causalMask(1, S) : causalMask(T, S), leftPaddingMask(pads, S));']],
      killedBy: parts,
      looksLike: {
        en: 'with a cache no causal mask is built, though the part has more than one place',
        zh: '有缓存时没有建因果掩码，可这一段不止一个位置',
      },
    },
    {
      name: 'joins on the head axis',
      replace: [
        [keys, 'const k = past ? tf.concat([past.k, newK], 2) : newK;'],
        [values, 'const v = past ? tf.concat([past.v, newV], 2) : newV;'],
      ],
      killedBy: [hf, anew, heads],
      looksLike: { en: 'new keys are joined along the heads; time is axis 1', zh: '新的键沿头的轴拼接；时间是第 1 轴' },
    },
    {
      name: 'new places in front',
      replace: [
        [keys, 'const k = past ? tf.concat([newK, past.k], 1) : newK;'],
        [values, 'const v = past ? tf.concat([newV, past.v], 1) : newV;'],
      ],
      killedBy: [hf, holds, parts],
      looksLike: { en: 'new keys stand before the old ones', zh: '新的键放到了旧的前面' },
    },
    {
      name: 'values not in the order of the keys',
      replace: [[values, 'const v = past ? tf.concat([newV, past.v], 1) : newV;']],
      killedBy: [hf, holds, anew],
      looksLike: { en: 'keys and values are joined in different orders', zh: '键和值拼接的次序不同' },
    },
    {
      name: 'only the newest values count',
      replace: [[values, 'const v = past ? tf.concat([past.v.mul<tf.Tensor4D>(0), newV], 1) : newV;']],
      killedBy: [hf, holds, anew],
      looksLike: { en: 'past values do not reach the attention', zh: '前文的值没有进入注意力' },
    },
    {
      name: 'caches heads once for every query head',
      replace: [
        [
          newK,
          'const repeated = (z: tf.Tensor4D): tf.Tensor4D => tf.stack(Array.from({ length: H / G }, () => z), 3).reshape([B, T, H, K]);\n  const newK = repeated(applyRope(heads(y, attn.Wk, G), rope.cos, rope.sin, pos, style));',
        ],
        [newV, 'const newV = repeated(heads(y, attn.Wv, G));'],
      ],
      killedBy: [heads, holds],
      looksLike: { en: 'the cache holds a copy for every query head: nothing is saved', zh: '缓存为每个查询头各存一份：什么都没省下' },
    },
    {
      name: 'turns cached keys again',
      replace: [
        [
          keys,
          'const k = past ? tf.concat([applyRope(past.k, rope.cos, rope.sin, tf.range(0, past.k.shape[1], 1, "int32").reshape<tf.Tensor2D>([1, -1]).tile<tf.Tensor2D>([B, 1]), style), newK], 1) : newK;',
        ],
      ],
      killedBy: [hf, holds, anew, parts],
      looksLike: { en: 'cached keys are turned again at every step', zh: '缓存的键每一步都又旋转一次' },
    },
    {
      name: 'keys are not turned',
      replace: [[newK, 'const newK = heads(y, attn.Wk, G);']],
      killedBy: [hf, holds],
      looksLike: { en: 'new keys are not turned', zh: '新的键没有旋转' },
    },
    {
      name: 'values are turned',
      replace: [[newV, 'const newV = applyRope(heads(y, attn.Wv, G), rope.cos, rope.sin, pos, style);']],
      killedBy: [hf, holds],
      looksLike: { en: 'the values are turned; only queries and keys are', zh: '值也旋转了；只有查询和键要转' },
    },
    {
      name: 'always the half style',
      replace: [
        [newK, newK.replace('style)', "style && 'half')")],
        [
          'const q = applyRope(heads(y, attn.Wq, H), rope.cos, rope.sin, pos, style);',
          "const q = applyRope(heads(y, attn.Wq, H), rope.cos, rope.sin, pos, 'half');",
        ],
      ],
      killedBy: hf,
      looksLike: {
        en: "cfg.style is not used: 'interleaved' weights are read as 'half'",
        zh: "没有使用 cfg.style：'interleaved' 的权重被当成了 'half'",
      },
    },
    {
      name: 'one cache for all layers',
      replace: [['cache?.layers[l]);', 'cache?.layers[0 * l]);']],
      killedBy: [hf, holds, anew],
      looksLike: { en: 'every layer reads the past of the first', zh: '每一层都读了第一层的缓存' },
    },
    {
      name: 'the past counts nothing in a later part',
      replace: [[places, 'Math.max(0, t - pad)']],
      killedBy: parts,
      looksLike: { en: 'positions start again at 0 in every part of a prefill', zh: '每段预填充的位置都从 0 重新开始' },
    },
    {
      name: 'padding counts as positions',
      replace: [[places, 'past + t + 0 * pad']],
      killedBy: [hf, holds, alone],
      looksLike: { en: 'positions count the padding: the first real id is not at 0', zh: '位置把填充也算进去了：第一个真正的 id 不在 0' },
    },
    {
      name: 'padding is not hidden',
      replace: [[hides, 'place < 0 * pad ? -1e9 : 0']],
      killedBy: [hf, alone, padding],
      looksLike: { en: 'padded places are seen', zh: '填充的位置也被看到了' },
    },
    {
      name: 'padding on the right',
      replace: [[hides, 'place >= S - pad ? -1e9 : 0']],
      killedBy: [hf, alone, padding],
      looksLike: { en: 'the last places are hidden; padding stands on the left', zh: '遮住的是末尾；填充在左边' },
    },
    {
      name: 'one place too many hidden',
      replace: [[hides, 'place <= pad && pad > 0 ? -1e9 : 0']],
      killedBy: [hf, alone, padding],
      looksLike: { en: 'the first real id is hidden with the padding', zh: '第一个真正的 id 和填充一起被遮住了' },
    },
    {
      name: 'all rows padded like the first',
      replace: [['const hidden = pads.map((pad) => [[', 'const [pad = 0] = pads; const hidden = pads.map(() => [[']],
      killedBy: [hf, alone, own],
      looksLike: { en: 'the padding of the first row is used for all', zh: '所有行都用了第一行的填充' },
    },
    {
      name: 'a step forgets the padding',
      replace: [[step, 'return advance(id, pos, w, cfg, cache.pads.map(() => 0), cache);']],
      killedBy: [hf, alone, padding],
      looksLike: { en: 'after the prefill nobody knows of the padding', zh: '预填充之后，没人记得填充了' },
    },
    {
      name: 'logits of the first place',
      replace: [[last, 'const last = x.slice([0, 0, 0], [B, 1, cfg.D])']],
      killedBy: [hf, parts],
      looksLike: { en: 'the logits are those of the first place of the part', zh: '给出的是这一段第一个位置的 logits' },
    },
    {
      name: 'no final norm',
      replace: [[out, 'const out = last;']],
      killedBy: hf,
      looksLike: { en: 'the final norm before the head is missing', zh: '输出头之前缺少最后的归一化' },
    },
    {
      name: 'an untied head ignored',
      replace: [['const logits = w.head ? tf.matMul<tf.Tensor2D>(out, w.head) : tf', 'const logits = tf']],
      killedBy: hf,
      looksLike: { en: 'w.head is not used although it is there', zh: '有 w.head 却没有用' },
    },
    {
      name: 'any length goes',
      replace: [[tooLong, 'if (S > 10 * cfg.maxLen) throw']],
      killedBy: refused,
      looksLike: {
        en: 'more places than cfg.maxLen are taken, whose angles nobody has',
        zh: '超过 cfg.maxLen 的位置也收下了，可它们没有角度',
      },
    },
    {
      name: 'the length of the part alone is checked',
      replace: [[tooLong, 'if (T > cfg.maxLen) throw']],
      killedBy: refused,
      looksLike: {
        en: 'only the new places are compared with cfg.maxLen; the past counts too',
        zh: '只拿新位置和 cfg.maxLen 比；前文也要算',
      },
    },
    {
      name: 'disposes of the cache before the check',
      replace: [
        [tooLong, 'if (S > cfg.maxLen) tf.dispose((cache?.layers ?? []) as unknown as tf.TensorContainer);\n  if (S > cfg.maxLen) throw'],
      ],
      killedBy: refused,
      looksLike: { en: 'a refused call has disposed of the cache', zh: '被拒绝的调用已经把缓存释放了' },
    },
    {
      name: 'the old cache stays in memory',
      replace: [[freed, '']],
      killedBy: disposes,
      looksLike: {
        en: 'old keys and values are never disposed of: memory grows with the square of the length',
        zh: '旧的键和值从不释放：内存随长度的平方增长',
      },
    },
    {
      name: 'disposes of the ids',
      replace: [[freed, 'ids.dispose(); tf.dispose((cache?.layers ?? []) as unknown as tf.TensorContainer);']],
      killedBy: own,
      looksLike: { en: 'the ids belong to the caller', zh: 'ids 属于调用者' },
    },
  ],
  naive: [
    {
      name: 'reads everything anew at each step',
      replace: anewEachStep,
      fails: 'decoding up to 256 places costs a third of reading anew, or less',
    },
    { name: 'reads all that came before at each step', replace: anewEachStep, fails: 'a step hardly grows with what came before' },
  ],
  survivors: [
    {
      why: 'masks are combined by their minimum, in any order; a list of numbers will do, and a mask above 0 is 0',
      mutants: [
        'arguments: combine(causalMask(T, S), leftPaddingMask(pads, S)) -> combine(leftPaddingMask(pads, S), causalMask(T, S))',
        'constant: place < pad ? -1e9 : 0 -> place < pad ? -1e9 : 1',
        'call: tf.tensor4d(hidden, [pads.length, 1, 1, S]) -> (hidden)',
      ],
    },
    {
      why: 'the same number for all keys that are seen is lost in the softmax',
      mutants: ['constant: place < pad ? -1e9 : 0 -> place < pad ? -1e9 : -1'],
    },
    {
      why: 'tf.dispose passes over what is not there',
      mutants: ['nullish: cache?.layers ?? [] -> (cache?.layers)'],
    },
    {
      why: 'a product with a matrix works on any leading dims',
      mutants: ['call: rmsNorm(x, attnNorm, eps).reshape<tf.Tensor2D>([B * T, D]) -> rmsNorm(x, attnNorm, eps)'],
    },
  ],
});
