import { defineMutants } from '@llm-ladder/grader/course';

const preTied = 'the pre-norm, tied model matches PyTorch';
const postUntied = 'the post-norm, untied model matches PyTorch';
const leak = 'a later target id never changes an earlier row of logits';
const padding = 'more padding behind the source changes nothing, another source id does';
const shift = 'shiftRight puts BOS in front and drops the last id';
const loss = 'the loss and its gradient match PyTorch';
const count = 'countParams is exact';
const shapes = 'fresh weights have the promised names and shapes';
const spread = 'fresh weights have the promised spread';
const seeds = 'the same seed gives the same weights, and no two matrices are alike';
const scaled = 'tf.gather(table, ids).mul(Math.sqrt(D)).add(sinusoidal(T, D))';
const joined = 'tf.concat([bos, tgt.slice([0, 0], [B, T - 1])], 1)';

export default defineMutants({
  mutants: [
    {
      name: 'embedding not scaled',
      replace: [['.mul(Math.sqrt(D))', '']],
      killedBy: [preTied, postUntied],
      looksLike: { en: 'the embedding is not multiplied by sqrt(D)', zh: '嵌入没有乘以 sqrt(D)' },
    },
    {
      name: 'positions scaled too',
      replace: [[scaled, 'tf.gather(table, ids).add<tf.Tensor3D>(sinusoidal(T, D)).mul(Math.sqrt(D))']],
      killedBy: preTied,
      looksLike: { en: 'sqrt(D) multiplies the embedding only, not the positions', zh: 'sqrt(D) 只乘嵌入，不乘位置编码' },
    },
    {
      name: 'no positions',
      replace: [['.add(sinusoidal(T, D))', '']],
      killedBy: preTied,
      looksLike: { en: 'the position encoding is missing', zh: '缺少位置编码' },
    },
    {
      name: 'the source is fed to the decoder',
      replace: [['embed(tgtIn, weights.tgtEmbed', 'embed(src.slice([0, 0], [B, T]), weights.tgtEmbed']],
      killedBy: [preTied, leak],
      looksLike: { en: 'the decoder reads the source; it reads tgtIn', zh: '解码器读的是源，应当读 tgtIn' },
    },
    {
      name: 'the encoder is skipped',
      replace: [['encoder(embed(src, weights.embed), weights.encoder, cfg, padding)', 'embed(src, weights.embed)']],
      killedBy: preTied,
      looksLike: { en: 'the memory is the bare embedding of the source', zh: '记忆只是源的嵌入，没有经过编码器' },
    },
    {
      name: 'padding seen by the encoder',
      replace: [['weights.encoder, cfg, padding)', 'weights.encoder, cfg)']],
      killedBy: [preTied, padding],
      looksLike: { en: 'the encoder reads the padding of the source', zh: '编码器读到了源的填充' },
    },
    {
      name: 'padding seen by cross-attention',
      replace: [['causalMask(T, T, 0), padding)', 'causalMask(T, T, 0))']],
      killedBy: [preTied, padding],
      looksLike: { en: 'cross-attention reads the padding of the source', zh: '交叉注意力读到了源的填充' },
    },
    {
      name: 'the future is seen',
      replace: [['causalMask(T, T, 0)', 'undefined']],
      killedBy: [preTied, leak],
      looksLike: { en: 'the decoder has no causal mask', zh: '解码器没有因果掩码' },
    },
    {
      name: 'one step of the future is seen',
      replace: [['causalMask(T, T, 0)', 'causalMask(T, T, 1)']],
      killedBy: [preTied, leak],
      looksLike: { en: 'each position sees the next one: the causal mask is off by one', zh: '每个位置都看到了下一个：因果掩码差了一位' },
    },
    {
      name: "the target uses the source's table",
      replace: [['weights.tgtEmbed ?? weights.embed', 'weights.embed']],
      killedBy: postUntied,
      looksLike: { en: 'the untied target has a table of its own', zh: '不共享时目标有自己的词表' },
    },
    {
      name: 'the head is always tied',
      replace: [['weights.head ? out.matMul(weights.head) : ', '']],
      killedBy: postUntied,
      looksLike: { en: 'the untied model has a head of its own', zh: '不共享时模型有自己的输出头' },
    },
    {
      name: 'target not shifted',
      replace: [[joined, 'tgt.clone()']],
      killedBy: shift,
      looksLike: {
        en: 'the decoder reads what it is to say: the loss goes to 0 at once and nothing is learned',
        zh: '解码器读到了它要说的内容：损失立刻降到 0，什么也没学到',
      },
    },
    {
      name: 'shifted left',
      replace: [[joined, 'tf.concat([tgt.slice([0, 1], [B, T - 1]), bos], 1)']],
      killedBy: shift,
      looksLike: { en: 'the target is shifted to the left', zh: '目标往左移了' },
    },
    {
      name: 'BOS added, nothing dropped',
      replace: [[joined, 'tf.concat([bos, tgt], 1)']],
      killedBy: shift,
      looksLike: { en: 'the shifted target is one id too long', zh: '右移后多了一个 id' },
    },
    {
      name: 'ids become float32',
      replace: [["bosId, 'int32')", "bosId, 'float32')"]],
      killedBy: shift,
      looksLike: { en: 'ids are int32, also after the shift', zh: 'id 右移后也应当是 int32' },
    },
    {
      name: 'mean over all positions',
      replace: [["counts.cast('float32').sum().maximum(1)", 'tf.scalar(counts.size)']],
      killedBy: [loss, 'id 0 is a label like any other'],
      looksLike: { en: 'the mean includes ignored positions', zh: '平均时把被忽略的位置也算进去了' },
    },
    {
      name: 'sum instead of mean',
      replace: [['.div<tf.Scalar>(total)', '']],
      killedBy: loss,
      looksLike: { en: 'the loss is a sum; it is a mean', zh: '损失是总和，应当是平均' },
    },
    {
      name: 'mean of the means of rows',
      replace: [
        ["counts.cast('float32').sum().maximum(1)", "counts.cast('float32').sum(1).maximum(1)"],
        [".mul(counts.cast('float32')).sum().div<tf.Scalar>(total)", ".mul(counts.cast('float32')).sum(1).div(total).mean<tf.Scalar>()"],
      ],
      killedBy: loss,
      looksLike: { en: 'every label has the same weight, also in rows with few labels', zh: '每个标签的权重相同，标签少的行也一样' },
    },
    {
      name: 'ignored labels count as id 0',
      replace: [["chosen.mul(counts.cast('float32'))", 'chosen']],
      killedBy: [loss, 'an ignored position has neither weight nor gradient'],
      looksLike: { en: 'a label of -100 still adds to the loss', zh: '标签 -100 仍然进入了损失' },
    },
    {
      name: 'label 0 ignored too',
      replace: [['labels.notEqual(IGNORE)', 'labels.greater(0)']],
      killedBy: 'id 0 is a label like any other',
      looksLike: { en: 'only -100 is ignored, not id 0', zh: '只忽略 -100，不忽略 id 0' },
    },
    {
      name: '0 / 0',
      replace: [['.sum().maximum(1)', '.sum()']],
      killedBy: 'without any label the loss is 0',
      looksLike: { en: 'without any label the loss is NaN', zh: '一个标签都没有时损失成了 NaN' },
    },
    {
      name: 'log of softmax',
      replace: [['tf.logSoftmax(logits)', 'tf.log(tf.softmax(logits))']],
      killedBy: 'logits of 1e4 give a finite loss',
      looksLike: {
        en: 'log(softmax) is -Infinity for large logits: use tf.logSoftmax',
        zh: '大 logits 的 log(softmax) 是 -Infinity：用 tf.logSoftmax',
      },
    },
    {
      name: 'tied table counted three times',
      replace: [['(cfg.tied ? 1 : 3)', '3']],
      killedBy: count,
      looksLike: { en: 'a tied table is one table', zh: '共享的词表只算一张' },
    },
    {
      name: 'final norms forgotten',
      replace: [["cfg.norm === 'pre' ? 2 * ln : 0", '0']],
      killedBy: count,
      looksLike: { en: 'the final norms of the pre-norm form are not counted', zh: '没有算上 pre-norm 末尾的归一化' },
    },
    {
      name: 'biases of the feed-forward forgotten',
      replace: [['D * F + F + F * D + D', '2 * D * F']],
      killedBy: count,
      looksLike: { en: 'the feed-forward has two biases', zh: '前馈网络有两个偏置' },
    },
    {
      name: 'final norms in both forms',
      replace: [["...(cfg.norm === 'pre' && { ln: ln() })", 'ln: ln()']],
      killedBy: shapes,
      looksLike: { en: 'a post-norm model has no final norm', zh: 'post-norm 的模型没有末尾的归一化' },
    },
    {
      name: 'untied matrices forgotten',
      replace: [['...(!cfg.tied && { tgtEmbed: table(), head: glorot(D, V) }),', '']],
      killedBy: shapes,
      looksLike: { en: 'an untied model has tgtEmbed and head', zh: '不共享的模型有 tgtEmbed 和 head' },
    },
    {
      name: 'deviation 1 for the tables',
      replace: [["0, 0.02, 'float32'", "0, 1, 'float32'"]],
      killedBy: spread,
      looksLike: { en: 'the deviation of a table is 0.02', zh: '词表的标准差应为 0.02' },
    },
    {
      name: 'limit from the rows alone',
      replace: [['Math.sqrt(6 / (rows + columns))', 'Math.sqrt(6 / rows)']],
      killedBy: spread,
      looksLike: { en: 'the limit of a matrix depends on rows plus columns', zh: '矩阵的范围取决于行数加列数' },
    },
    {
      name: 'gains start at 0',
      replace: [['g: tf.ones<tf.Rank.R1>([D])', 'g: tf.zeros<tf.Rank.R1>([D])']],
      killedBy: spread,
      looksLike: { en: 'a norm starts with gain 1', zh: '归一化的增益从 1 开始' },
    },
    {
      name: 'Math.random',
      replace: [['Math.floor(rng() *', 'Math.floor(Math.random() *']],
      killedBy: seeds,
      looksLike: { en: 'chance does not come from rng', zh: '随机性没有来自 rng' },
    },
    {
      name: 'one seed for all matrices',
      replace: [
        ['const seed = () => 1 + Math.floor(rng() * 2 ** 31);', 'const one = 1 + Math.floor(rng() * 2 ** 31); const seed = () => one;'],
      ],
      killedBy: seeds,
      looksLike: { en: 'every matrix starts with the same numbers', zh: '每个矩阵的初值都一样' },
    },
    {
      name: 'layers share their weights',
      replace: [['Array.from({ length: L }, layer)', 'new Array<T>(L).fill(layer())']],
      killedBy: seeds,
      looksLike: { en: 'all layers are one and the same', zh: '所有层其实是同一层' },
    },
    {
      name: 'the memory is copied out of the graph',
      replace: [
        ['const mem = encoder(', 'const mem = outOfGraph(encoder('],
        ['cfg, padding); // [B, S] -> [B, S, D]', 'cfg, padding)); // [B, S]'],
        [
          '/** Ids to vectors, with',
          'function outOfGraph(x: tf.Tensor3D): tf.Tensor3D {\n  return tf.tensor3d(x.dataSync() as Float32Array, x.shape);\n}\n\n/** Ids to vectors, with',
        ],
      ],
      killedBy: 'forward: gradients are finite and not zero',
      looksLike: { en: 'no gradient reaches the encoder', zh: '梯度到不了编码器' },
    },
    {
      name: 'the memory of the first sentence for all',
      replace: [['decoder(y, mem,', 'decoder(y, mem.slice([0], [1]).tile([B, 1, 1]) as tf.Tensor3D,']],
      killedBy: 'forward: a batch of two equals two singles',
      looksLike: { en: 'one batch row reads the source of another', zh: '一条数据读了另一条数据的源' },
    },
    {
      name: 'the loss without tidy',
      replace: [
        ['return tf.tidy(() => {\n    const V', 'return (() => {\n    const V'],
        ['.neg();\n  });', '.neg();\n  })();'],
      ],
      killedBy: 'shiftRight and ceLoss keep one tensor each, the result',
      looksLike: { en: 'tensors pile up: compute inside tf.tidy', zh: '张量越积越多：把计算放进 tf.tidy' },
    },
    {
      name: 'one more label in the divisor',
      replace: [['.sum().maximum(1); // at least 1: 0 / 0 would be NaN', '.sum().add(1);']],
      killedBy: 'a single label is divided by 1',
      looksLike: { en: 'the divisor counts one label too many', zh: '除数里多算了一个标签' },
    },
  ],
  survivors: [
    {
      why: 'TF.js multiplies a boolean tensor as zeros and ones: the cast only says so',
      mutants: [
        "call: src.equal(cfg.padId).cast('float32') -> src.equal(cfg.padId)",
        "call: counts.cast('float32') -> counts",
        "call: counts.cast('float32') -> counts #2",
      ],
    },
    {
      why: 'with as many keys as queries the past is 0 by default',
      mutants: ['argument: causalMask(T, T, 0) -> causalMask(T, T)'],
    },
    {
      why: 'TF.js multiplies a tensor of any rank by a matrix: flat rows are only faster',
      mutants: ['call: causalMask(T, T, 0), padding).reshape<tf.Tensor2D>([B * T, cfg.D]) -> causalMask(T, T, 0), padding)'],
    },
    {
      why: 'seeds of another range, or not rounded, are as random: TF.js takes any number, and 0 comes once in 2^31 draws',
      mutants: [
        'constant: 1 + Math.floor(rng() * 2 ** 31) -> 0 + Math.floor(rng() * 2 ** 31)',
        'constant: 1 + Math.floor(rng() * 2 ** 31) -> 2 + Math.floor(rng() * 2 ** 31)',
        'operator: 1 + Math.floor(rng() * 2 ** 31) -> 1 - Math.floor(rng() * 2 ** 31)',
        'call: Math.floor(rng() * 2 ** 31) -> (rng() * 2 ** 31)',
        'method: Math.floor(rng() * 2 ** 31) -> Math.ceil(rng() * 2 ** 31)',
        'constant: 2 ** 31 -> 3 ** 31',
        'constant: 2 ** 31 -> 2 ** 30',
        'constant: 2 ** 31 -> 2 ** 32',
      ],
    },
    {
      why: 'uniform between -limit and limit is uniform between limit and -limit',
      mutants: [
        "arguments: tf.randomUniform<tf.Rank.R2>([rows, columns], -limit, limit, 'float32', seed()) -> tf.randomUniform<tf.Rank.R2>([rows, columns], limit, -limit, 'float32', seed())",
      ],
    },
    {
      why: 'what is chosen under an ignored label is multiplied by 0, and oneHot takes any id',
      mutants: ['call: tf.zerosLike(labels) -> (labels)', 'method: tf.zerosLike(labels) -> tf.onesLike(labels)'],
    },
  ],
});
