import { defineMutants } from '@llm-ladder/grader/course';

const matches = 'all layers match PyTorch, for rows of unequal length';
const scores = 'the scores of the next and of the previous word match PyTorch';
const loss = 'the loss and its gradients match PyTorch';
const reversed = 'each row is reversed by its own length';
const forwardLeak = 'a later word never changes an earlier forward state';
const backwardLeak = 'an earlier word never changes a later backward state';
const padding = 'more padding and other ids in it change nothing, and the padding is 0';
const pairs = 'every pair of neighbours counts the same, and nothing else counts';
const mix = 'the weights of the mix are a softmax, times gamma';
const keep = 'reverseRows, bilmLayers and bilmLoss keep one tensor each, the result';
const start = 'let backward = reverseRows(x, mask);';
const push = 'tf.concat([forward, reverseRows(backward, mask)], -1)';
const forwardStep = 'forward = lstmSeq(forward, mask, W, b).out;';
const backwardStep = 'backward = lstmSeq(backward, mask, bwd[level]!.W, bwd[level]!.b).out;';
const from = 'tf.where(mirrored.greaterEqual(0), mirrored, t)';
const nextPart = 'mean(next.slice([0, 0, 0], [B, T - 1, V]), ids.slice([0, 1], [B, T - 1]))';
const previousPart = 'mean(previous.slice([0, 1, 0], [B, T - 1, V]), ids.slice([0, 0], [B, T - 1]))';
const mixed = 'layers.mul(weights).sum<tf.Tensor3D>(0).mul(gamma)';

export default defineMutants({
  mutants: [
    {
      name: 'the backward model reads forwards',
      replace: [
        [start, 'let backward = x;'],
        [push, 'tf.concat([forward, backward], -1)'],
      ],
      killedBy: [matches, backwardLeak],
      looksLike: {
        en: 'the backward model reads from left to right: it has already read the word that it should guess',
        zh: '反向模型从左往右读：它早就读过了该猜的词',
      },
    },
    {
      name: 'the backward states are not turned back',
      replace: [[push, 'tf.concat([forward, backward], -1)']],
      killedBy: [matches, backwardLeak],
      looksLike: { en: 'the backward states stand in reversed order', zh: '反向状态的顺序没有转回来' },
    },
    {
      name: 'turned back after the first layer',
      replace: [
        [backwardStep, 'backward = lstmSeq(level === 0 ? backward : reverseRows(backward, mask), mask, bwd[level]!.W, bwd[level]!.b).out;'],
      ],
      killedBy: [matches, backwardLeak],
      looksLike: { en: 'from the second layer on the backward model reads forwards', zh: '从第二层起，反向模型变成了正着读' },
    },
    {
      name: 'the whole row is reversed',
      replace: [[from, 'tf.sub(T - 1, t).add(mirrored.mul(0))']],
      killedBy: [matches, reversed, padding],
      looksLike: { en: 'the whole row is reversed, so that the padding comes first', zh: '整行都反转了，填充跑到了最前面' },
    },
    {
      name: 'reversed by one place too much',
      replace: [['.sum(1, true).sub(1).sub(t)', '.sum(1, true).sub(t)']],
      killedBy: [matches, reversed],
      looksLike: { en: 'the reversal is off by one', zh: '反转差了一位' },
    },
    {
      name: 'every row has the length of the first',
      replace: [
        [
          "mask.cast('float32').sum(1, true).sub(1).sub(t)",
          "mask.cast('float32').sum(1, true).slice([0, 0], [1, 1]).tile([B, 1]).sub(1).sub(t)",
        ],
      ],
      killedBy: [matches, reversed],
      looksLike: { en: 'every row is reversed by the length of the first', zh: '每一行都按第一行的长度反转' },
    },
    {
      name: 'forward states come from the other direction too',
      replace: [
        [forwardStep, 'forward = lstmSeq(level === 0 ? forward : forward.add<tf.Tensor3D>(reverseRows(backward, mask)), mask, W, b).out;'],
      ],
      killedBy: [matches, forwardLeak],
      looksLike: {
        en: 'the second layer mixes both directions: each model can then see the word that it should guess',
        zh: '第二层把两个方向混在了一起：模型由此能看到该猜的词',
      },
    },
    {
      name: 'backward states come from the other direction too',
      replace: [
        [
          backwardStep,
          'backward = lstmSeq(level === 0 ? backward : backward.add<tf.Tensor3D>(reverseRows(forward, mask)), mask, bwd[level]!.W, bwd[level]!.b).out;',
        ],
      ],
      killedBy: [matches, backwardLeak],
      looksLike: {
        en: 'the backward model mixes in what the forward model has read',
        zh: '反向模型混进了正向模型读到的内容',
      },
    },
    {
      name: 'backward first',
      replace: [[push, 'tf.concat([reverseRows(backward, mask), forward], -1)']],
      killedBy: [matches, scores],
      looksLike: { en: 'the forward half comes first, then the backward half', zh: '先是正向的一半，再是反向的一半' },
    },
    {
      name: 'one LSTM for both directions',
      replace: [[backwardStep, 'backward = lstmSeq(backward, mask, W, b).out;']],
      killedBy: [matches, scores],
      looksLike: { en: 'the backward model has weights of its own, bwd', zh: '反向模型有自己的权重 bwd' },
    },
    {
      name: 'every layer reads the embedding',
      replace: [[forwardStep, 'forward = lstmSeq(x, mask, W, b).out;']],
      killedBy: matches,
      looksLike: { en: 'a layer reads the layer below it, not the embedding', zh: '每一层读的是下面一层，不是词嵌入' },
    },
    {
      name: 'the embedding is not a layer',
      replace: [['const layers = [tf.concat([x, x], -1)];', 'const layers: tf.Tensor3D[] = [];']],
      killedBy: matches,
      looksLike: { en: 'the embedding is layer 0', zh: '词嵌入是第 0 层' },
    },
    {
      name: 'the last state goes on over the padding',
      replace: [[`${push}.mul<tf.Tensor3D>(token)`, push]],
      killedBy: [matches, padding],
      looksLike: { en: 'behind the end of a row the layers are 0', zh: '一行结束之后，各层都应当是 0' },
    },
    {
      name: 'the embedding of the padding is kept',
      replace: [['tf.gather(embed, ids).mul<tf.Tensor3D>(token)', 'tf.gather<tf.Tensor3D>(embed, ids)']],
      killedBy: [matches, padding],
      looksLike: { en: 'behind the end of a row the embedding is 0 too', zh: '一行结束之后，词嵌入也应当是 0' },
    },
    {
      name: 'the scores come from the first layer',
      replace: [['slice([weights.fwd.length], [1])', 'slice([1], [1])']],
      killedBy: [scores, loss],
      looksLike: { en: 'the scores come from the top layer', zh: '分数应当来自最上面一层' },
    },
    {
      name: 'next and previous swapped',
      replace: [
        ['return { next: score(forward), previous: score(backward) };', 'return { next: score(backward), previous: score(forward) };'],
      ],
      killedBy: [scores, loss],
      looksLike: {
        en: 'the forward model guesses the next word, the backward model the previous one',
        zh: '正向模型猜后一个词，反向模型猜前一个词',
      },
    },
    {
      name: 'no bias in the head',
      replace: [['.add(weights.bias)', '']],
      killedBy: [scores, loss],
      looksLike: { en: 'the bias of the head is missing', zh: '输出头缺少偏置' },
    },
    {
      name: 'each word is asked for itself',
      replace: [
        [nextPart, 'mean(next.slice([0, 0, 0], [B, T - 1, V]), ids.slice([0, 0], [B, T - 1]))'],
        [previousPart, 'mean(previous.slice([0, 1, 0], [B, T - 1, V]), ids.slice([0, 1], [B, T - 1]))'],
      ],
      killedBy: loss,
      looksLike: {
        en: 'a model is asked for the word that it has just read: the loss goes to 0 and nothing is learned',
        zh: '问的是模型刚读过的词：损失会降到 0，却什么也没学到',
      },
    },
    {
      name: 'only the forward loss',
      replace: [['return forwards.add<tf.Scalar>(backwards).div(2);', 'return forwards.add<tf.Scalar>(backwards.mul(0));']],
      killedBy: [loss, pairs],
      looksLike: { en: 'the loss of the backward model is missing', zh: '缺少反向模型的损失' },
    },
    {
      name: 'the two losses are added up',
      replace: [['forwards.add<tf.Scalar>(backwards).div(2)', 'forwards.add<tf.Scalar>(backwards)']],
      killedBy: [loss, pairs],
      looksLike: { en: 'the loss is the mean of the two, not their sum', zh: '损失是两者的平均，而不是和' },
    },
    {
      name: 'padding counts in the loss',
      replace: [["mask.slice([0, 1], [B, T - 1]).cast('float32')", 'tf.ones<tf.Rank.R2>([B, T - 1])']],
      killedBy: [loss, pairs, padding],
      looksLike: { en: 'the loss asks for words behind the end of a row', zh: '损失把一行结束之后的位置也算进去了' },
    },
    {
      name: 'the last word is asked for what comes after it',
      replace: [["mask.slice([0, 1], [B, T - 1]).cast('float32')", "mask.slice([0, 0], [B, T - 1]).cast('float32')"]],
      killedBy: [loss, pairs],
      looksLike: { en: 'the last word of a row has no next word', zh: '一行最后的词没有后一个词' },
    },
    {
      name: 'mean over all places',
      replace: [['const total = pair.sum().maximum(1);', 'const total = tf.scalar(pair.size);']],
      killedBy: [loss, pairs],
      looksLike: { en: 'the mean divides by the pairs that exist', zh: '平均时除以存在的词对数' },
    },
    {
      name: '0 / 0',
      replace: [['pair.sum().maximum(1)', 'pair.sum()']],
      killedBy: 'rows of one word have a loss of 0',
      looksLike: { en: 'without any pair the loss is NaN', zh: '一对词都没有时损失成了 NaN' },
    },
    {
      name: 'mix without softmax',
      replace: [['tf.softmax(s).reshape', 's.reshape']],
      killedBy: mix,
      looksLike: { en: 'the weights of the layers are not a softmax', zh: '各层的权重没有做 softmax' },
    },
    {
      name: 'plain mean of the layers',
      replace: [['tf.softmax(s).reshape', 'tf.softmax(s.mul<tf.Tensor1D>(0)).reshape']],
      killedBy: [mix, 'scalarMix: gradients are finite and not zero'],
      looksLike: { en: 'every layer has the same weight', zh: '每一层的权重都一样' },
    },
    {
      name: 'gamma forgotten',
      replace: [['.sum<tf.Tensor3D>(0).mul(gamma)', '.sum<tf.Tensor3D>(0)']],
      killedBy: mix,
      looksLike: { en: 'gamma is missing', zh: '缺少 gamma' },
    },
    {
      name: 'softmax of s times gamma',
      replace: [
        ['tf.softmax(s).reshape', 'tf.softmax(s.mul<tf.Tensor1D>(gamma)).reshape'],
        ['.sum<tf.Tensor3D>(0).mul(gamma)', '.sum<tf.Tensor3D>(0)'],
      ],
      killedBy: mix,
      looksLike: { en: 'gamma multiplies the mix, not s', zh: 'gamma 乘的是混合结果，不是 s' },
    },
    {
      name: 'only the top layer',
      replace: [
        [
          mixed,
          'layers.slice([L - 1], [1]).reshape<tf.Tensor3D>(layers.shape.slice(1) as [number, number, number]).mul(gamma.mul(weights.sum()))',
        ],
      ],
      killedBy: mix,
      looksLike: { en: 'only the top layer is used', zh: '只用了最上面一层' },
    },
    {
      name: 'squeezes the states',
      replace: [
        [
          'tf.split(top.reshape<tf.Tensor2D>([B * T, 2 * D]), 2, 1)',
          'tf.split(T === 1 ? top.squeeze<tf.Tensor2D>([0]) : top.reshape<tf.Tensor2D>([B * T, 2 * D]), 2, 1)',
        ],
      ],
      killedBy: 'bilmLogits: works for T = 1',
      looksLike: { en: 'a sequence of one word is treated in another way', zh: '只有一个词的序列被特殊处理了' },
    },
    {
      name: 'the words of the first row for all',
      replace: [
        [
          'tf.gather(embed, ids).mul<tf.Tensor3D>(token)',
          'tf.gather(embed, tf.tile(ids.slice([0], [1]), [ids.shape[0], 1])).mul<tf.Tensor3D>(token)',
        ],
      ],
      killedBy: 'bilmLogits: a batch of two equals two singles',
      looksLike: { en: 'every row reads the words of the first', zh: '每一行读的都是第一行的词' },
    },
    {
      name: 'no gradient into the table',
      replace: [['tf.gather(embed, ids)', 'tf.gather(tf.tensor2d(embed.dataSync() as Float32Array, embed.shape), ids)']],
      killedBy: [loss, 'bilmLogits: gradients are finite and not zero'],
      looksLike: { en: 'no gradient reaches the table', zh: '梯度到不了词表' },
    },
    {
      name: 'bilmLoss without tidy',
      replace: [
        [
          'return tf.tidy(() => {\n    const [B, T] = ids.shape;\n    const V',
          'return (() => {\n    const [B, T] = ids.shape;\n    const V',
        ],
        ['.div(2);\n  });', '.div(2) as tf.Scalar;\n  })();'],
      ],
      killedBy: keep,
      looksLike: { en: 'tensors pile up: compute inside tf.tidy', zh: '张量越积越多：把计算放进 tf.tidy' },
    },
  ],
  survivors: [
    {
      why: 'TF.js casts a mask of bool or int32 by itself where it meets fractions',
      mutants: [
        "call: mask.cast('float32') -> mask",
        "call: mask.cast('float32') -> mask #2",
        "call: mask.slice([0, 1], [B, T - 1]).cast('float32') -> mask.slice([0, 1], [B, T - 1])",
      ],
    },
    {
      why: 'indices [B, T] gather [B, T, D], which is the shape that the result takes in the end',
      mutants: ["call: from .add(row) .cast('int32') .reshape<tf.Tensor1D>([B * T]) -> from .add(row) .cast('int32')"],
    },
  ],
});
