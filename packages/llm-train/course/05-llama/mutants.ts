import { defineMutants } from '@llm-ladder/grader/course';

const hf = 'matches Hugging Face';
const meta = "matches PyTorch in Meta's form, with positions given";
const grads = 'the gradients match Hugging Face, both uses of the table included';
const counts = 'the two sizes of the course have 82,594,560 and 215,127,040 parameters';
const makes = 'countParams counts what initWeights makes';
const spread = 'what ends a branch starts smaller by sqrt(2 L)';
const packed = 'packed documents give what each gives alone';
const leak = 'a later id never changes an earlier row of logits';

const head = 'const logits = w.head ? out.matMul(w.head) : out.matMul(w.embed, false, true);';
const turnedQ = 'const q = applyRope(heads(y, attn.Wq, H), rope.cos, rope.sin, pos, style);';
const turnedK = 'const k = applyRope(heads(y, attn.Wk, G), rope.cos, rope.sin, pos, style);';
const values = 'const v = heads(y, attn.Wv, G);';
const added = 'const attended = x.add<tf.Tensor3D>(mixed.matMul(attn.Wo).reshape([B, T, D]));';
const fed = 'return attended.add(swiglu(rmsNorm(attended, ffnNorm, eps), ffn.w1, ffn.w2, ffn.w3));';
const layers = 'for (const layer of w.layers) x = llamaLayer(x, layer, cfg, { rope, pos, mask });';
const last = 'const out = rmsNorm(x, w.norm, cfg.eps).reshape<tf.Tensor2D>([B * T, cfg.D]);';
const scaled = 'ffn: { w1: normal(D, F), w2: normal(F, D, small), w3: normal(D, F) }';
const layerCount = 'const layer = 2 * D * D + 2 * D * kv + 3 * D * F + 2 * D;';
const tables = 'return (tied ? 1 : 2) * V * D + L * layer + D;';
const layerNorm = (x: string) => `(() => { const centred = ${x}.sub(${x}.mean(-1, true)); return centred as tf.Tensor3D; })()`;

export default defineMutants({
  mutants: [
    {
      name: 'the head is a copy of the table',
      replace: [[head, 'const logits = out.matMul(w.head ?? tf.tensor2d(w.embed.dataSync(), w.embed.shape), false, !w.head);']],
      killedBy: grads,
      looksLike: { en: 'the head is a copy of the table: its gradient is lost', zh: '输出头是词表的拷贝：它那一份梯度丢了' },
    },
    {
      name: 'an untied head ignored',
      replace: [[head, 'const logits = out.matMul(w.embed, false, true);']],
      killedBy: meta,
      looksLike: { en: 'w.head is not used although it is there', zh: '有 w.head 却没有用' },
    },
    {
      name: 'LayerNorm in place of RMSNorm',
      replace: [
        ['const y = rmsNorm(x, attnNorm, eps)', `const y = rmsNorm(${layerNorm('x')}, attnNorm, eps)`],
        [fed, `return attended.add(swiglu(rmsNorm(${layerNorm('attended')}, ffnNorm, eps), ffn.w1, ffn.w2, ffn.w3));`],
      ],
      killedBy: [hf, meta],
      looksLike: { en: 'the norm takes the mean off; RMSNorm does not', zh: '归一化减去了均值；RMSNorm 不减' },
    },
    {
      name: 'no final norm',
      replace: [[last, 'const out = x.reshape<tf.Tensor2D>([B * T, cfg.D]);']],
      killedBy: [hf, meta],
      looksLike: { en: 'the final norm before the head is missing', zh: '输出头之前缺少最后的归一化' },
    },
    {
      name: 'feed-forward reads the stream without its norm',
      replace: [[fed, 'return attended.add(swiglu(attended, ffn.w1, ffn.w2, ffn.w3));']],
      killedBy: [hf, meta],
      looksLike: { en: 'the feed-forward network gets the stream without its norm', zh: '前馈网络读入的主干没有归一化' },
    },
    {
      name: 'norms after the parts',
      replace: [[fed, 'return rmsNorm(attended.add<tf.Tensor3D>(swiglu(attended, ffn.w1, ffn.w2, ffn.w3)), ffnNorm, eps);']],
      killedBy: [hf, meta],
      looksLike: {
        en: 'the norm stands after the addition (post-norm); here it stands before each part',
        zh: '归一化放在了相加之后（post-norm）；这里放在每个部件之前',
      },
    },
    {
      name: 'no residual around attention',
      replace: [[added, 'const attended = mixed.matMul(attn.Wo).reshape<tf.Tensor3D>([B, T, D]);']],
      killedBy: [hf, meta],
      looksLike: { en: 'the input of the attention is not added back', zh: '没有把注意力的输入加回来' },
    },
    {
      name: 'residual from the normed input',
      replace: [[added, 'const attended = y.add(mixed.matMul(attn.Wo)).reshape<tf.Tensor3D>([B, T, D]);']],
      killedBy: [hf, meta],
      looksLike: { en: 'what is added back is the normed input; it is the stream itself', zh: '加回来的是归一化后的输入；应当是主干本身' },
    },
    {
      name: 'feed-forward beside the attention',
      replace: [[fed, 'return attended.add(swiglu(rmsNorm(x, ffnNorm, eps), ffn.w1, ffn.w2, ffn.w3));']],
      killedBy: [hf, meta],
      looksLike: { en: 'the feed-forward network reads what came before the attention', zh: '前馈网络读的是注意力之前的主干' },
    },
    {
      name: 'values turned too',
      replace: [[values, 'const v = applyRope(heads(y, attn.Wv, G), rope.cos, rope.sin, pos, style);']],
      killedBy: [hf, meta, 'all positions moved by the same distance change nothing'],
      looksLike: { en: 'the values are turned; only queries and keys are', zh: '值也旋转了；只有查询和键要转' },
    },
    {
      name: 'only queries turned',
      replace: [[turnedK, 'const k = heads(y, attn.Wk, G);']],
      killedBy: [hf, 'all positions moved by the same distance change nothing'],
      looksLike: { en: 'the keys are not turned', zh: '键没有旋转' },
    },
    {
      name: 'no positions at all',
      replace: [
        [turnedQ, 'const q = heads(y, attn.Wq, H);'],
        [turnedK, 'const k = heads(y, attn.Wk, G); void applyRope; void rope; void pos; void style;'],
      ],
      killedBy: [hf, meta, 'an earlier id and its place change later rows'],
      looksLike: { en: 'neither queries nor keys are turned: order does not matter', zh: '查询和键都没有旋转：次序不起作用' },
    },
    {
      name: 'two styles in one model',
      replace: [[turnedK, turnedK.replace('style)', "style === 'half' ? 'interleaved' : 'half')")]],
      killedBy: [hf, meta],
      looksLike: { en: 'queries and keys are turned in different styles', zh: '查询和键用了不同的旋转风格' },
    },
    {
      name: 'always the half style',
      replace: [
        [turnedQ, turnedQ.replace('style)', "'half')")],
        [turnedK, turnedK.replace('style)', "style && 'half')")],
      ],
      killedBy: meta,
      looksLike: {
        en: "cfg.style is not used: 'interleaved' weights are read as 'half'",
        zh: "没有使用 cfg.style：'interleaved' 的权重被当成了 'half'",
      },
    },
    {
      name: 'heads turned as positions',
      replace: [
        [
          turnedQ,
          'const q = applyRope(heads(y, attn.Wq, H).transpose<tf.Tensor4D>([0, 2, 1, 3]).reshape<tf.Tensor4D>([B, T, H, K]), rope.cos, rope.sin, pos, style);',
        ],
      ],
      killedBy: [hf, meta],
      looksLike: { en: 'heads and time are mixed up before the turn', zh: '旋转之前把头和时间弄混了' },
    },
    {
      name: 'theta always 10000',
      replace: [['T, cfg.theta)', 'T, 10_000)']],
      killedBy: meta,
      looksLike: { en: 'cfg.theta is not used', zh: '没有使用 cfg.theta' },
    },
    {
      name: 'eps always 1e-5',
      replace: [[last, last.replace('cfg.eps', '1e-5')]],
      killedBy: meta,
      looksLike: { en: 'cfg.eps is not used', zh: '没有使用 cfg.eps' },
    },
    {
      name: 'positions given are ignored',
      replace: [['const pos = options.pos ?? tf.range', 'const pos = tf.range']],
      killedBy: [meta, 'all positions moved by the same distance change nothing'],
      looksLike: { en: 'options.pos is not used', zh: '没有使用 options.pos' },
    },
    {
      name: 'mask given is ignored',
      replace: [['options.mask ?? causalMask(T)', 'causalMask(T)']],
      killedBy: packed,
      looksLike: { en: 'options.mask is not used', zh: '没有使用 options.mask' },
    },
    {
      name: 'no mask',
      replace: [['options.mask ?? causalMask(T)', 'options.mask ?? causalMask(T).mul<tf.Tensor4D>(0)']],
      killedBy: [hf, leak],
      looksLike: { en: 'tokens see the future', zh: '词元看得见未来' },
    },
    {
      name: 'the first layer L times',
      replace: [[layers, layers.replace('x = llamaLayer(x, layer,', 'x = llamaLayer(x, w.layers[0] ?? layer,')]],
      killedBy: [hf, meta],
      looksLike: { en: 'every layer uses the weights of the first', zh: '每一层用的都是第一层的权重' },
    },
    {
      name: 'layers from last to first',
      replace: [[layers, layers.replace('of w.layers)', 'of [...w.layers].reverse())')]],
      killedBy: [hf, meta],
      looksLike: { en: 'the layers run in the wrong order', zh: '层的次序反了' },
    },
    {
      name: 'embedding times sqrt(D)',
      replace: [
        [
          'let x = tf.gather(w.embed, ids) as unknown as tf.Tensor3D;',
          'let x = tf.gather(w.embed, ids).mul<tf.Tensor3D>(Math.sqrt(cfg.D));',
        ],
      ],
      killedBy: [hf, meta],
      looksLike: {
        en: 'the embedding is multiplied by sqrt(D), as in 2017; LLaMA does not',
        zh: '词向量乘了 sqrt(D)，那是 2017 年的做法；LLaMA 不乘',
      },
    },
    {
      name: 'gate and content swapped',
      replace: [[fed, fed.replace('ffn.w1, ffn.w2, ffn.w3', 'ffn.w3, ffn.w2, ffn.w1')]],
      killedBy: [hf, meta],
      looksLike: { en: 'w1 and w3 are swapped', zh: 'w1 和 w3 用反了' },
    },
    {
      name: 'scaled init on w3',
      replace: [[scaled, 'ffn: { w1: normal(D, F), w2: normal(F, D), w3: normal(D, F, small) }']],
      killedBy: spread,
      looksLike: { en: 'w3 starts smaller; the matrix that ends the branch is w2', zh: '缩小的是 w3；结束分支的矩阵是 w2' },
    },
    {
      name: 'no scaled init',
      replace: [['const small = 0.02 / Math.sqrt(2 * L);', 'const small = 0.02;']],
      killedBy: spread,
      looksLike: { en: 'Wo and w2 do not start smaller', zh: 'Wo 和 w2 没有缩小' },
    },
    {
      name: 'scaled by sqrt(L)',
      replace: [['const small = 0.02 / Math.sqrt(2 * L);', 'const small = 0.02 / Math.sqrt(L);']],
      killedBy: spread,
      looksLike: {
        en: 'the scale is sqrt(L); each layer adds twice, so it is sqrt(2 L)',
        zh: '用了 sqrt(L)；每层加两次，应当是 sqrt(2 L)',
      },
    },
    {
      name: 'one seed for all tensors',
      replace: [
        ['const seed = () => 1 + Math.floor(rng() * 2 ** 31);', 'const once = 1 + Math.floor(rng() * 2 ** 31); const seed = () => once;'],
      ],
      killedBy: 'the same seed gives the same weights, and no two matrices are alike',
      looksLike: { en: 'matrices of one shape are the same', zh: '形状相同的矩阵一模一样' },
    },
    {
      name: 'chance of its own',
      replace: [['Math.floor(rng() * 2 ** 31)', 'Math.floor((rng() + Math.random()) * 2 ** 30)']],
      killedBy: 'the same seed gives the same weights, and no two matrices are alike',
      looksLike: { en: 'Math.random is used: a run cannot be repeated', zh: '用了 Math.random：结果无法重现' },
    },
    {
      name: 'keys as wide as queries',
      replace: [['const kv = G * (D / H);\n  const small', 'const kv = D;\n  const small']],
      killedBy: ['fresh weights have the promised names and shapes', makes],
      looksLike: { en: 'Wk and Wv have H heads; they have G', zh: 'Wk 和 Wv 有 H 个头；应当是 G 个' },
    },
    {
      name: 'tied table counted twice',
      replace: [[tables, 'return 2 * V * D + L * layer + D + 0 * Number(tied);']],
      killedBy: [counts, makes],
      looksLike: { en: 'the tied table is counted twice', zh: '共享的词表算了两次' },
    },
    {
      name: 'final norm not counted',
      replace: [[tables, 'return (tied ? 1 : 2) * V * D + L * layer;']],
      killedBy: [counts, makes],
      looksLike: { en: 'the final norm is not counted', zh: '最后的归一化没有算' },
    },
    {
      name: 'keys counted with H heads',
      replace: [[layerCount, 'const layer = 4 * D * D + 3 * D * F + 2 * D + 0 * kv;']],
      killedBy: [counts, makes],
      looksLike: { en: 'keys and values are counted with H heads', zh: '键和值按 H 个头算了' },
    },
    {
      name: 'any length accepted',
      replace: [['if (T > cfg.maxLen)', 'if (T < 0)']],
      killedBy: 'too long a row, and heads that do not divide, are refused',
      looksLike: { en: 'more places than cfg.maxLen are accepted', zh: '接受了超过 cfg.maxLen 的长度' },
    },
    {
      name: 'the first sentence serves the whole batch',
      replace: [['tf.gather(w.embed, ids) as', 'tf.gather(w.embed, ids.slice([0, 0], [1, T]).tile([B, 1])) as']],
      killedBy: 'llamaForward: a batch of two equals two singles',
      looksLike: { en: 'every row of the batch gets the ids of the first', zh: '批次的每一行用的都是第一行的编号' },
    },
    {
      name: 'values without a gradient',
      replace: [[values, 'const v = tf.tensor4d(heads(y, attn.Wv, G).dataSync(), [B, T, G, K]);']],
      killedBy: [grads, 'llamaForward: gradients are finite and not zero'],
      looksLike: { en: 'dataSync cuts the gradient of the values', zh: 'dataSync 切断了值的梯度' },
    },
  ],
  naive: [
    {
      name: 'one token of one sentence at a time through the feed-forward network',
      replace: [
        [
          fed,
          'const each = tf.split(rmsNorm(attended, ffnNorm, eps).reshape<tf.Tensor3D>([B * T, 1, D]), B * T); return attended.add(tf.concat(each.map((one) => swiglu(one, ffn.w1, ffn.w2, ffn.w3))).reshape([B, T, D]));',
        ],
      ],
      fails: 'a training step keeps up with the reference',
    },
  ],
  survivors: [
    {
      why: 'angles of more positions than are asked for change nothing',
      mutants: ['condition: options.pos -> true'],
    },
    {
      why: 'a product with a matrix works on any leading dims',
      mutants: [
        'call: rmsNorm(x, w.norm, cfg.eps).reshape<tf.Tensor2D>([B * T, cfg.D]) -> rmsNorm(x, w.norm, cfg.eps)',
        'call: rmsNorm(x, attnNorm, eps).reshape<tf.Tensor2D>([B * T, D]) -> rmsNorm(x, attnNorm, eps)',
      ],
    },
    {
      why: 'the range of a seed is open, and TF.js takes fractions too',
      mutants: [
        'constant: 1 + Math.floor(rng() * 2 ** 31) -> 2 + Math.floor(rng() * 2 ** 31)',
        'call: Math.floor(rng() * 2 ** 31) -> (rng() * 2 ** 31)',
        'method: Math.floor(rng() * 2 ** 31) -> Math.ceil(rng() * 2 ** 31)',
        'constant: 2 ** 31 -> 3 ** 31',
        'constant: 2 ** 31 -> 2 ** 30',
        'constant: 2 ** 31 -> 2 ** 32',
      ],
    },
  ],
});
