import { defineMutants } from '@llm-ladder/grader/course';

const matches = 'matches PyTorch';
const gradients = 'the gradients match PyTorch';
const means = 'a mean over pairs, a sum over negatives';
const six = 'the pairs of six words';
const sentence = 'a window ends where the sentence ends';
const own = 'a place is not its own neighbour, the same word elsewhere is';
const windows = 'each word has a window of its own, all sizes alike';
const adds = 'the table adds up frequencies to the power of 0.75';
const finds = 'a number finds its word in the table';
const often = 'negatives are drawn as often as the table says';
const moves = 'training moves the vectors as the loop says';
const trained = 'two words for one thing get one direction';
const same = 'the same rng gives the same vectors';
const refused = 'a window or an id outside its range is refused';
const losses = 'tf.softplus(truth.neg()).add(tf.softplus(noise).sum(-1))';
const reach = 'const reach = 1 + Math.floor(rng() * window);';
const step = 'weights.assign(weights.sub(grads[weights.name]!.mul(rate * B)));';

export default defineMutants({
  mutants: [
    {
      name: 'negatives without the minus sign',
      replace: [[losses, 'tf.softplus(truth.neg()).add(tf.softplus(noise.neg()).sum(-1))']],
      killedBy: [matches, means],
      looksLike: { en: 'the negatives lack their minus sign: their scores should be small', zh: '负样本少了负号：它们的得分应当小' },
    },
    {
      name: 'the true neighbour with a minus sign',
      replace: [[losses, 'tf.softplus(truth).add(tf.softplus(noise).sum(-1))']],
      killedBy: [matches, means],
      looksLike: { en: 'the score of the true neighbour should be large', zh: '真邻居的得分应当大' },
    },
    {
      name: 'no negatives',
      replace: [[losses, 'tf.softplus(truth.neg()).add(tf.softplus(noise).sum(-1).mul(0))']],
      killedBy: [matches, means],
      looksLike: { en: 'the negatives are not in the loss', zh: '损失里没有负样本' },
    },
    {
      name: 'a mean over the negatives',
      replace: [[losses, 'tf.softplus(truth.neg()).add(tf.softplus(noise).mean(-1))']],
      killedBy: [matches, means],
      looksLike: { en: 'the negatives of a pair are added up, not averaged', zh: '一对的各个负样本要相加，不是求平均' },
    },
    {
      name: 'a sum over the pairs',
      replace: [['return losses.mean<tf.Scalar>();', 'return losses.sum<tf.Scalar>();']],
      killedBy: [matches, means],
      looksLike: { en: 'the loss is a mean over the pairs', zh: '损失是各对的平均' },
    },
    {
      name: 'a negated loss',
      replace: [['return losses.mean<tf.Scalar>();', 'return losses.mean<tf.Scalar>().neg();']],
      killedBy: [matches, means],
      looksLike: { en: 'the loss has the wrong sign', zh: '损失的符号反了' },
    },
    {
      name: 'the logarithm is missing',
      replace: [[losses, 'tf.sigmoid(truth).neg().add(tf.sigmoid(noise).sum(-1))']],
      killedBy: [matches, means],
      looksLike: { en: 'σ without its logarithm', zh: 'σ 外面少了对数' },
    },
    {
      name: 'the logarithm of a sigmoid that is 0',
      replace: [[losses, 'tf.sigmoid(truth).log().neg().add(tf.sigmoid(noise.neg()).log().neg().sum(-1))']],
      killedBy: 'very large scores stay finite',
      looksLike: { en: 'σ of a very small score is 0, its logarithm -Infinity: use softplus', zh: '得分极小时 σ 为 0：请用 softplus' },
    },
    {
      name: 'one table for both roles',
      replace: [['tf.gather(Wout, ctx)', 'tf.gather(Win, ctx)']],
      killedBy: [matches, gradients],
      looksLike: { en: 'neighbours have their vectors in Wout', zh: '邻居的向量在 Wout 里' },
    },
    {
      name: 'negatives against the neighbour',
      replace: [['tf.gather(Wout, neg).mul(v.expandDims(1))', 'tf.gather(Wout, neg).mul(tf.gather(Wout, ctx).expandDims(1))']],
      killedBy: [matches, gradients],
      looksLike: { en: 'a negative meets the word in the middle, not the true neighbour', zh: '负样本要和中间的词打分，而不是和真邻居' },
    },
    {
      name: 'the loss checks no shapes',
      replace: [['  checkShapes(center, ctx, neg, Win, Wout);\n', '  if (checkShapes.length === 0) throw new Error();\n']],
      killedBy: 'tensors that do not fit are refused',
      looksLike: { en: 'tensors that do not fit must throw a ShapeError', zh: '形状不配的张量应抛出 ShapeError' },
    },
    {
      name: 'the context includes the center',
      replace: [['if (other === at) continue;', '']],
      killedBy: [six, own],
      looksLike: { en: 'a word is paired with itself', zh: '词和它自己配成了一对' },
    },
    {
      name: 'a word is never paired with the same word',
      replace: [['if (other === at) continue;', 'if (sent[other] === word) continue;']],
      killedBy: own,
      looksLike: { en: 'skip the place itself, not every place with the same word', zh: '要跳过的是这个位置，而不是所有相同的词' },
    },
    {
      name: 'the window crosses the end of the sentence',
      replace: [['of sents) {\n    for', 'of [sents.flat()]) {\n    for']],
      killedBy: sentence,
      looksLike: { en: 'a window reaches into the next sentence', zh: '窗口伸进了下一句' },
    },
    {
      name: 'only neighbours behind the word',
      replace: [['let other = Math.max(0, at - reach)', 'let other = at']],
      killedBy: [six, windows],
      looksLike: { en: 'neighbours stand before the word too', zh: '词的前面也有邻居' },
    },
    {
      name: 'always the full window',
      replace: [[reach, 'const reach = window;']],
      killedBy: [six, windows],
      looksLike: { en: 'the window of each word is drawn from 1 to window', zh: '每个词的窗口要从 1 到 window 里抽取' },
    },
    {
      name: 'a window of 0 to window - 1',
      replace: [[reach, 'const reach = Math.floor(rng() * window);']],
      killedBy: [six, windows],
      looksLike: { en: 'the smallest window is 1', zh: '最小的窗口是 1' },
    },
    {
      name: 'one window for a whole sentence',
      replace: [
        [reach, ''],
        [
          'for (const [at, word] of sent.entries()) {',
          'const reach = 1 + Math.floor(rng() * window);\n    for (const [at, word] of sent.entries()) {',
        ],
      ],
      killedBy: windows,
      looksLike: { en: 'each word has a window of its own', zh: '每个词各有自己的窗口' },
    },
    {
      name: 'a window for each side',
      replace: [
        ['other <= Math.min(sent.length - 1, at + reach)', 'other <= Math.min(sent.length - 1, at + behind)'],
        [reach, `${reach}\n      const behind = 1 + Math.floor(rng() * window);`],
      ],
      killedBy: windows,
      looksLike: { en: 'a window reaches as far to the left as to the right', zh: '窗口向左和向右一样远' },
    },
    {
      name: 'neighbour and center swapped',
      replace: [
        ['center.push(word);', 'ctx.push(word);'],
        ['ctx.push(sent[other]!);', 'center.push(sent[other]!);'],
      ],
      killedBy: windows,
      looksLike: { en: 'center is the word whose window it is', zh: 'center 是窗口所属的那个词' },
    },
    {
      name: 'the power of 0.75 is missing',
      replace: [['power = 0.75', 'power = 1']],
      killedBy: [adds, often],
      looksLike: { en: 'without an argument the power is 0.75', zh: '不传参数时，幂应为 0.75' },
    },
    {
      name: 'the power is always 0.75',
      replace: [['freq[id]! ** power', 'freq[id]! ** (power - power + 0.75)']],
      killedBy: adds,
      looksLike: { en: 'the argument power has no effect', zh: '参数 power 没有起作用' },
    },
    {
      name: 'probabilities that are not added up',
      replace: [['table[id] = sum;', 'table[id] = freq[id] === 0 ? 0 : freq[id]! ** power;']],
      killedBy: [adds, often],
      looksLike: { en: 'each entry is the sum of all up to it', zh: '每一项都应是到它为止的累加' },
    },
    {
      name: 'the table ends at the sum',
      replace: [['table.map((value) => value / sum)', 'table']],
      killedBy: [adds, often],
      looksLike: { en: 'the last entry is 1: divide by the sum', zh: '最后一项应为 1：要除以总和' },
    },
    {
      name: 'any frequency passes',
      replace: [
        ['if (!(freq[id]! >= 0))', 'if (freq[id] === undefined)'],
        ['if (!(sum > 0))', 'if (sum < 0)'],
      ],
      killedBy: adds,
      looksLike: { en: 'negative frequencies, and none at all, must throw a UsageError', zh: '负的词频，以及全为 0，应抛出 UsageError' },
    },
    {
      name: 'an entry equal to the number is taken',
      replace: [['table[middle]! > number', 'table[middle]! >= number']],
      killedBy: finds,
      looksLike: { en: 'the entry has to lie above the number: no word of frequency 0', zh: '那一项必须大于这个数：频率为 0 的词抽不到' },
    },
    {
      name: 'all words are drawn alike',
      replace: [['table.length - 1];', 'table.length - 1];\n    if (high > 0) return Math.floor(number * table.length);']],
      killedBy: [finds, often],
      looksLike: { en: 'negatives are drawn as if all words were equally frequent', zh: '抽负样本时好像所有的词一样常见' },
    },
    {
      name: 'the same negative again and again',
      replace: [
        ['const number = rng();\n', ''],
        ['return Int32Array.from({ length: count }, () => {', 'const number = rng();\n  return Int32Array.from({ length: count }, () => {'],
      ],
      killedBy: often,
      looksLike: { en: 'each negative takes a number of its own from rng', zh: '每个负样本都要从 rng 取一个数' },
    },
    {
      name: 'training uphill',
      replace: [[step, 'weights.assign(weights.add(grads[weights.name]!.mul(rate * B).clipByValue(-1, 1)));']],
      killedBy: [moves, trained],
      looksLike: { en: 'the step goes along the gradient; it goes against it', zh: '沿梯度方向走了，应当往反方向走' },
    },
    {
      name: 'Wout is never trained',
      replace: [['for (const weights of [Win, Wout])', 'for (const weights of [Win])']],
      killedBy: [moves, trained],
      looksLike: { en: 'both tables learn', zh: '两张表都要学' },
    },
    {
      name: 'a step for the batch, not for the pair',
      replace: [['.mul(rate * B)', '.mul(rate)']],
      killedBy: [moves, trained],
      looksLike: { en: 'the loss is a mean: multiply its gradient by the number of pairs', zh: '损失是平均值：梯度要乘上词对的个数' },
    },
    {
      name: 'the neighbours are shuffled alone',
      replace: [['for (const list of [center, ctx])', 'for (const list of [ctx])']],
      killedBy: trained,
      looksLike: { en: 'a word and its neighbour have to stay together when pairs are shuffled', zh: '打乱词对时，词和它的邻居要一起移动' },
    },
    {
      name: 'trains on the first batch only',
      replace: [['from < center.length; from += batch', 'from < Math.min(batch, center.length); from += batch']],
      killedBy: [moves, trained],
      looksLike: { en: 'an epoch goes through all pairs', zh: '一轮要走完所有的词对' },
    },
    {
      name: 'Math.random',
      replace: [['() => (rng() - 0.5) / D', '() => (Math.random() - 0.5) / D']],
      killedBy: same,
      looksLike: { en: 'the same rng gives other vectors: all chance comes from rng', zh: '同样的 rng 得到了不同的向量：随机性应来自 rng' },
    },
    {
      name: 'Wout is kept',
      replace: [['  Wout.dispose();\n', '']],
      killedBy: 'trainSkipgram: keeps no tensors over 20 calls',
      looksLike: { en: 'training leaves tensors behind besides its result', zh: '训练除结果外还留下了张量' },
    },
    {
      name: 'takes the sentences apart',
      replace: [['Int32Array(V);', 'Int32Array(V);\n  sents = sents.map((sent) => (sent as number[]).splice(0));']],
      killedBy: 'trainSkipgram: does not change its inputs',
      looksLike: { en: 'the sentences belong to the caller: leave them as they are', zh: '句子属于调用者，不要改动' },
    },
    {
      name: 'any window passes',
      replace: [['if (!(Number.isInteger(window) && window >= 1))', 'if (Number.isNaN(window))']],
      killedBy: refused,
      looksLike: { en: 'a window below 1 or not whole must throw a UsageError', zh: '窗口小于 1 或不是整数时，应抛出 UsageError' },
    },
    {
      name: 'any id passes',
      replace: [['if (!(Number.isInteger(id) && id >= 0 && id < V))', 'if (Number.isNaN(id))']],
      killedBy: refused,
      looksLike: { en: 'an id outside 0 to V - 1 must throw a UsageError', zh: 'id 在 0 到 V - 1 之外时，应抛出 UsageError' },
    },
  ],
  naive: [
    {
      name: 'eight pairs at a time',
      replace: [
        [
          'return tf.tidy(() => {\n    const v',
          'const [B] = center.shape;\n  if (B > 8) {\n    return tf.tidy(() => {\n      const parts = Array.from({ length: Math.ceil(B / 8) }, (_, part) => {\n        const [from, size] = [8 * part, Math.min(8, B - 8 * part)];\n        return sgnsLoss(center.slice(from, size), ctx.slice(from, size), neg.slice([from, 0], [size, -1]), Win, Wout).mul(size);\n      });\n      return tf.addN(parts).div<tf.Scalar>(B);\n    });\n  }\n  return tf.tidy(() => {\n    const v',
        ],
      ],
      fails: 'trains as many pairs a second',
    },
  ],
  survivors: [
    {
      why: 'the rule treats both alike; only the words of the error name them in another order',
      mutants: [
        'arguments: checkShapes(center, ctx, neg, Win, Wout) -> checkShapes(ctx, center, neg, Win, Wout)',
        'arguments: checkShapes(center, ctx, neg, Win, Wout) -> checkShapes(center, ctx, neg, Wout, Win)',
      ],
    },
    {
      why: 'of two dims the last is dim 1; the order in which two tables learn makes no difference',
      mutants: [
        'constant: tf.gather(Wout, ctx).mul(v).sum(-1) -> tf.gather(Wout, ctx).mul(v).sum(1)',
        'constant: tf.softplus(noise).sum(-1) -> tf.softplus(noise).sum(1)',
        'order: [Win, Wout] -> [Wout, Win]',
        'order: [Win, Wout] -> [Wout, Win] #2',
      ],
    },
    {
      why: 'before the first entry nothing is above a number, and the last entry, 1, is above all',
      mutants: [
        'constant: [low, high] = [0, table.length - 1] -> [low, high] = [-1, table.length - 1]',
        'constant: table.length - 1 -> table.length - 0',
      ],
    },
    {
      why: 'TF.js makes an int32 tensor of an Int32Array by itself',
      mutants: [
        "argument: tf.tensor1d(center.subarray(from, from + batch), 'int32') -> tf.tensor1d(center.subarray(from, from + batch))",
        "argument: tf.tensor1d(ctx.subarray(from, from + batch), 'int32') -> tf.tensor1d(ctx.subarray(from, from + batch))",
        "argument: tf.tensor2d(drawNegatives(table, B * cfg.negatives, rng), [B, cfg.negatives], 'int32') -> tf.tensor2d(drawNegatives(table, B * cfg.negatives, rng), [B, cfg.negatives])",
      ],
    },
    {
      why: 'pairs come both ways round equally often, so training on the swapped ones learns from the same distribution',
      mutants: ['arguments: sgnsLoss(c, o, neg, Win, Wout) -> sgnsLoss(o, c, neg, Win, Wout)'],
    },
  ],
});
