import { defineMutants } from '@llm-ladder/grader/course';

const matches = 'matches PyTorch, with places that are empty';
const divides = 'the mean divides by the neighbours that are there';
const gaps = 'every word is a gap, with its neighbours in order';
const empty = 'what stands in an empty place does not matter, a neighbour does';
const mean = 'tf.gather(Win, ctx).mul(words).sum(1).div<tf.Tensor2D>(count)';
const offsets = 'const offsets = [...before, ...before.map((offset) => offset + window + 1)];';
const places = 'sentences.flatMap((sentence) => sentence.flatMap((_, at) => offsets.map((offset) => sentence[at + offset])))';

export default defineMutants({
  mutants: [
    {
      name: 'divides by 2w',
      replace: [['words.sum(1).maximum(1)', 'tf.scalar(ctx.shape[1])']],
      killedBy: [matches, divides],
      looksLike: { en: 'the mean divides by 2w, also where places are empty', zh: '有空位时平均仍然除以 2w' },
    },
    {
      name: 'sum instead of mean',
      replace: [['.sum(1).div<tf.Tensor2D>(count)', '.sum<tf.Tensor2D>(1)']],
      killedBy: [matches, divides],
      looksLike: { en: 'the context vectors are added up; it is their mean that counts', zh: '上下文向量只求了和，应当求平均' },
    },
    {
      name: 'mask ignored',
      replace: [[mean, 'tf.gather(Win, ctx).mean<tf.Tensor2D>(1)']],
      killedBy: [matches, empty],
      looksLike: { en: 'empty places count as the word with id 0', zh: '空位被当成 id 为 0 的词算进去了' },
    },
    {
      name: 'mask in the divisor only',
      replace: [['tf.gather(Win, ctx).mul(words)', 'tf.gather(Win, ctx)']],
      killedBy: [matches, empty],
      looksLike: { en: 'the vectors of empty places are in the sum', zh: '空位的向量还在求和里' },
    },
    {
      name: 'mask worked out from id 0',
      replace: [["mask.cast('float32').expandDims(-1)", "ctx.notEqual(0).cast('float32').expandDims(-1)"]],
      killedBy: 'id 0 is a word like any other',
      looksLike: { en: 'id 0 is a word: the mask says which places are empty', zh: 'id 0 也是词：哪些位置为空要看掩码' },
    },
    {
      name: '0 / 0',
      replace: [['words.sum(1).maximum(1)', 'words.sum(1)']],
      killedBy: 'a gap without neighbours costs ln V and has a finite gradient',
      looksLike: { en: 'a gap without neighbours gives NaN', zh: '没有邻居的空得到 NaN' },
    },
    {
      name: 'tables swapped',
      replace: [
        ['tf.gather(Win, ctx)', 'tf.gather(Wout, ctx)'],
        ['mean.matMul(Wout, false, true)', 'mean.matMul(Win, false, true)'],
      ],
      killedBy: [matches, 'the gradients match PyTorch'],
      looksLike: { en: 'Win is for context words, Wout for the word in the gap', zh: 'Win 给上下文词用，Wout 给空里的词用' },
    },
    {
      name: 'one table for both',
      replace: [['mean.matMul(Wout, false, true)', 'mean.matMul(Win, false, true)']],
      killedBy: matches,
      looksLike: { en: 'the word in the gap has a table of its own, Wout', zh: '空里的词有自己的表 Wout' },
    },
    {
      name: 'log of softmax',
      replace: [['tf.logSoftmax(logits)', 'tf.log(tf.softmax(logits))']],
      killedBy: 'scores of 1e4 give a finite loss',
      looksLike: {
        en: 'log(softmax) is -Infinity for large scores: use tf.logSoftmax',
        zh: '分数很大时 log(softmax) 是 -Infinity：用 tf.logSoftmax',
      },
    },
    {
      name: 'sum over the batch',
      replace: [['chosen.mean<tf.Scalar>()', 'chosen.sum<tf.Scalar>()']],
      killedBy: [matches, 'the batch is a mean of its rows'],
      looksLike: { en: 'the loss is a sum over the gaps; it is a mean', zh: '损失对空求了和，应当求平均' },
    },
    {
      name: 'sign of the loss',
      replace: [['chosen.mean<tf.Scalar>().neg()', 'chosen.mean<tf.Scalar>()']],
      killedBy: matches,
      looksLike: { en: 'the loss is negative: the minus sign is missing', zh: '损失是负数：少了负号' },
    },
    {
      name: 'places weighted by their order',
      replace: [
        [
          "mask.cast('float32').expandDims(-1);",
          "mask.cast('float32').mul(tf.range(1, ctx.shape[1] + 1)).div(ctx.shape[1]).expandDims(-1);",
        ],
      ],
      killedBy: 'the order of the neighbours does not matter',
      looksLike: { en: 'the context is a bag: every neighbour has the same weight', zh: '上下文是词袋：每个邻居的权重相同' },
    },
    {
      name: 'the gap is in its own context',
      replace: [[offsets, 'const offsets = [...before, ...before.map((offset) => offset + window)];']],
      killedBy: gaps,
      looksLike: { en: 'the word in the gap is among its neighbours', zh: '空里的词也被算成了邻居' },
    },
    {
      name: 'the window crosses the end of a sentence',
      replace: [[places, 'sentences.flat().flatMap((_, at) => offsets.map((offset) => sentences.flat()[at + offset]))']],
      killedBy: gaps,
      looksLike: { en: 'the window reaches into the next sentence', zh: '窗口伸进了下一句' },
    },
    {
      name: 'the window looks back only',
      replace: [[offsets, 'const offsets = [...before.map((offset) => offset - window), ...before];']],
      killedBy: gaps,
      looksLike: { en: 'neighbours are the w words before and the w words after', zh: '邻居是前面 w 个和后面 w 个' },
    },
    {
      name: 'empty places are filled with the word itself',
      replace: [[places, places.replace('sentence[at + offset]', 'sentence[at + offset] ?? sentence[at]')]],
      killedBy: gaps,
      looksLike: { en: 'a place beyond the edge of the sentence is empty: id 0, mask 0', zh: '超出句子边缘的位置是空的：id 0、掩码 0' },
    },
    {
      name: 'gradient stops at the table',
      replace: [['tf.gather(Win, ctx)', 'tf.gather(tf.tensor2d(Win.dataSync() as Float32Array, Win.shape), ctx)']],
      killedBy: ['the gradients match PyTorch', 'cbowLoss: gradients are finite and not zero'],
      looksLike: { en: 'no gradient reaches Win', zh: '梯度到不了 Win' },
    },
  ],
  survivors: [
    {
      why: 'TF.js writes a 0 for `undefined` into an int32 tensor by itself',
      mutants: ['call: places.map((id) => id ?? 0) -> places', 'nullish: id ?? 0 -> (id)'],
    },
    {
      why: 'TF.js casts a mask of bool or int32 by itself where it meets vectors',
      mutants: ["call: mask.cast('float32') -> mask"],
    },
    {
      why: 'of two dims the last is dim 1',
      mutants: [
        'constant: tf.oneHot(target, V).mul<tf.Tensor2D>(tf.logSoftmax(logits)).sum(-1) -> tf.oneHot(target, V).mul<tf.Tensor2D>(tf.logSoftmax(logits)).sum(1)',
      ],
    },
  ],
});
