import { defineMutants } from '@llm-ladder/grader/course';

const torch = 'ten updates match PyTorch';
const large = 'micro-batches with unequal tokens equal one large batch';
const norm = 'the norm is one over all weights, of the mean gradient';
const within = 'a gradient within the limit is left as it is';
const decay = 'decay shrinks matrices by lr * wd and touches neither vectors nor the means';
const first = 'the first step has the size lr, whatever the gradient';
const last = 'every group updates, the last and smaller one too';
const calls = 'one call with three groups equals three calls with one';
const places = 'a weight in two places is one weight, a frozen one is none';
const unused = 'a weight that a micro-batch does not use keeps its sum';
const empty = 'a group without tokens changes nothing';
const groups = 'inGroups keeps the order and what is left';
const kept = 'an update keeps its two scalars and nothing else';

const summed = 'return loss.lossSum;';
const factor = 'tf.minimum(tf.scalar(options.clip).div(norm.add(1e-6)), 1).div<tf.Scalar>(tokens)';
const update = 'adamW(weight, gradSums[i]!, factor, state.m[i]!, state.v[i]!, state.step, options);';
const release = 'tf.dispose([before.lossSum, ...before.gradSums.filter((sum) => sum !== undefined)]);';
const shrink = 'const decayed = weight.rank > 1 ? weight.mul(1 - lr * wd) : weight;';
const grad = 'const grad = gradSum.mul(factor);';

export default defineMutants({
  mutants: [
    {
      name: 'mean of means',
      replace: [
        ['tokens += loss.tokens;', 'tokens += 1;'],
        [summed, 'return loss.lossSum.div<tf.Scalar>(Math.max(1, loss.tokens));'],
      ],
      killedBy: [torch, large],
      looksLike: {
        en: 'each micro-batch is averaged on its own: tokens in small micro-batches weigh more than others',
        zh: '每个小批次各自求了平均：小批次少的词元分量更重',
      },
    },
    {
      name: 'sum instead of mean',
      replace: [
        [factor, factor.replace('.div<tf.Scalar>(tokens)', '')],
        ['const norm = globalNorm(gradSums).div<tf.Scalar>(tokens);', 'const norm = globalNorm(gradSums);'],
      ],
      killedBy: [torch, norm],
      looksLike: { en: 'the gradient is not divided by the number of tokens', zh: '梯度没有除以词元数' },
    },
    {
      name: 'divided by micro-batches, not tokens',
      replace: [['tokens += loss.tokens;', 'tokens += 1;']],
      killedBy: [torch, norm],
      looksLike: { en: 'sums over tokens are divided by the number of micro-batches', zh: '对词元求的和除以了小批次数' },
    },
    {
      name: 'clipped tensor by tensor',
      replace: [
        [
          update,
          update.replace('factor', 'tf.minimum(tf.scalar(options.clip * tokens).div(globalNorm([gradSums[i]!]).add(1e-6)), 1).div(tokens)'),
        ],
      ],
      killedBy: [torch, norm],
      looksLike: {
        en: 'each weight is clipped by a norm of its own; one norm over all of them keeps the direction',
        zh: '每个权重按自己的范数裁剪；应当用所有权重合在一起的一个范数，方向才不变',
      },
    },
    {
      name: 'clipped value by value',
      replace: [[grad, 'const grad = tf.clipByValue(gradSum.mul(factor), -0.2, 0.2);']],
      killedBy: [torch, norm],
      looksLike: { en: 'single numbers are clipped, not the length of the gradient', zh: '裁剪的是单个数，而不是梯度的长度' },
    },
    {
      name: 'clipped before the division by tokens',
      replace: [['norm.add(1e-6)', 'norm.mul(tokens).add(1e-6)']],
      killedBy: [torch, within],
      looksLike: { en: 'the sum of the gradients is clipped, before it becomes a mean', zh: '裁剪的是梯度之和，那时它还不是平均' },
    },
    {
      name: 'always stretched to the limit',
      replace: [[factor, 'tf.scalar(options.clip).div(norm.add(1e-6)).div<tf.Scalar>(tokens)']],
      killedBy: [torch, within],
      looksLike: { en: 'short gradients are made longer: clipping only shortens', zh: '短梯度被拉长了：裁剪只会缩短' },
    },
    {
      name: 'a sum of norms',
      replace: [
        [
          'tf.addN(grads.map((grad) => grad.square().sum())).sqrt() as tf.Scalar',
          'tf.addN(grads.map((grad) => grad.square().sum().sqrt())) as tf.Scalar',
        ],
      ],
      killedBy: [torch, norm],
      looksLike: {
        en: 'the norms of the weights are added; add the squares, then take the root',
        zh: '把各权重的范数相加了；应先加平方再开方',
      },
    },
    {
      name: 'the norm after clipping is reported',
      replace: [
        [
          'return { loss: lossSum.div<tf.Scalar>(tokens), norm, tokens };',
          'return { loss: lossSum.div<tf.Scalar>(tokens), norm: tf.minimum<tf.Scalar>(norm, options.clip), tokens };',
        ],
      ],
      killedBy: [torch, norm],
      looksLike: { en: 'the norm that is reported is already clipped', zh: '报告的范数已经裁剪过' },
    },
    {
      name: 'L2 in the gradient',
      replace: [
        [grad, 'const grad = weight.rank > 1 ? gradSum.mul(factor).add(weight.mul(wd)) : gradSum.mul(factor);'],
        [shrink, 'const decayed = weight;'],
      ],
      killedBy: [torch, decay],
      looksLike: {
        en: 'the decay goes through the gradient (that is Adam with L2); AdamW shrinks the weight itself',
        zh: '衰减进了梯度（那是带 L2 的 Adam）；AdamW 直接缩小权重',
      },
    },
    {
      name: 'gains and biases decay',
      replace: [[shrink, 'const decayed = weight.mul(1 - lr * wd);']],
      killedBy: [torch, decay],
      looksLike: { en: 'vectors decay too; only weights with two axes or more do', zh: '向量也被衰减了；只有两维及以上的权重才衰减' },
    },
    {
      name: 'the decay is not scaled by the rate',
      replace: [['weight.mul(1 - lr * wd)', 'weight.mul(1 - wd)']],
      killedBy: [torch, decay],
      looksLike: { en: 'the weight shrinks by wd; it shrinks by lr * wd', zh: '权重缩小了 wd；应当缩小 lr * wd' },
    },
    {
      name: 'only tables decay',
      replace: [['weight.rank > 1 ?', 'weight.rank === 2 ?']],
      killedBy: decay,
      looksLike: { en: 'a weight with three axes does not decay', zh: '三维的权重没有衰减' },
    },
    {
      name: 'the leftover group is lost',
      replace: [['return groups.map((group) => {', 'return groups.filter((group) => group.length === groups[0]!.length).map((group) => {']],
      killedBy: [torch, last],
      looksLike: { en: 'a last group with fewer micro-batches is dropped', zh: '最后小批次不足的一组被丢掉了' },
    },
    {
      name: 'inGroups loses what is left',
      replace: [['Math.ceil(batches.length / accum)', 'Math.floor(batches.length / accum)']],
      killedBy: groups,
      looksLike: { en: 'inGroups drops the last, shorter group', zh: 'inGroups 丢掉了最后较短的一组' },
    },
    {
      name: 'inGroups deals them out in turn',
      replace: [['batches.slice(i * accum, (i + 1) * accum)', 'batches.filter((_, at) => at % Math.ceil(batches.length / accum) === i)']],
      killedBy: groups,
      looksLike: { en: 'the groups are dealt out in turn; they are slices', zh: '像发牌一样轮流分组了；每组应当是连续的一段' },
    },
    {
      name: 'only the last micro-batch counts',
      replace: [['return sum && grad ? sum.add(grad) : (grad ?? sum?.clone());', 'return grad ?? sum?.clone();']],
      killedBy: [torch, large, norm],
      looksLike: { en: 'the gradients of earlier micro-batches are overwritten', zh: '前面小批次的梯度被覆盖了' },
    },
    {
      name: 'a weight that is not used loses its sum',
      replace: [['(grad ?? sum?.clone())', 'grad']],
      killedBy: unused,
      looksLike: {
        en: 'a weight that one micro-batch does not use loses what the others gave it',
        zh: '有一个小批次没用到的权重，丢了其他小批次给它的梯度',
      },
    },
    {
      name: 'an update after every micro-batch',
      replace: [['return groups.map((group) => {', 'return groups.flatMap((group) => group.map((batch) => [batch])).map((group) => {']],
      killedBy: [torch, large],
      looksLike: { en: 'every micro-batch updates the weights: that is no accumulation', zh: '每个小批次都更新了权重：这不是累积' },
    },
    {
      name: 'no bias correction',
      replace: [
        ['.div(1 - beta2 ** step)', ''],
        ['m.mul(lr / (1 - beta1 ** step))', 'm.mul(lr)'],
      ],
      killedBy: [torch, first],
      looksLike: { en: 'the running means start at 0 and are not corrected for it', zh: '滑动平均从 0 开始，却没有修正' },
    },
    {
      name: 'the step is not counted',
      replace: [['state.step += 1;', 'state.step = 1;']],
      killedBy: [torch],
      looksLike: { en: 'the correction is always that of the first update', zh: '修正一直用的是第一次更新的' },
    },
    {
      name: 'the step is counted afterwards',
      replace: [
        ['state.step += 1;', ''],
        ['      return { loss: lossSum', '      state.step += 1; return { loss: lossSum'],
      ],
      killedBy: [torch, first],
      looksLike: { en: 'the first update divides by 1 - beta^0 = 0: count before', zh: '第一次更新除以了 1 - beta^0 = 0：应当先计数' },
    },
    {
      name: 'the state begins anew in every call',
      replace: [['const weights = parametersOf(params);', 'const weights = parametersOf(params); state = new AdamState(params);']],
      killedBy: [calls, torch],
      looksLike: { en: 'the means are forgotten from call to call', zh: '每次调用都忘掉了滑动平均' },
    },
    {
      name: 'eps under the root',
      replace: [['.sqrt()\n      .add(eps);', '.add(eps)\n      .sqrt();']],
      killedBy: ['eps is added to the root, not under it', torch],
      looksLike: { en: 'eps is added before the root', zh: 'eps 在开方之前就加上了' },
    },
    {
      name: 'betas swapped',
      replace: [['betas: [beta1, beta2], eps }: AdamWOptions,\n', 'betas: [beta2, beta1], eps }: AdamWOptions,\n']],
      killedBy: [torch, norm],
      looksLike: { en: 'the two betas are swapped', zh: '两个 beta 弄反了' },
    },
    {
      name: 'the mean of sizes instead of squares',
      replace: [['grad.square().mul(1 - beta2)', 'grad.abs().mul(1 - beta2)']],
      killedBy: [torch, first],
      looksLike: { en: 'v holds sizes of the gradient, not squares', zh: 'v 里存的是梯度的绝对值，而不是平方' },
    },
    {
      name: 'a tied weight counts twice',
      replace: [
        ['const found = new Set<tf.Variable>();', 'const found: tf.Variable[] = [];'],
        ['found.add(node)', 'found.push(node)'],
      ],
      killedBy: places,
      looksLike: { en: 'a variable that stands in two places is updated twice', zh: '出现在两处的变量被更新了两次' },
    },
    {
      name: 'frozen weights move',
      replace: [['if (node.trainable) found.add(node);', 'found.add(node);']],
      killedBy: places,
      looksLike: { en: 'a variable that is not trainable is updated', zh: '不可训练的变量也被更新了' },
    },
    {
      name: 'arrays are not searched',
      replace: [
        [
          "} else if (typeof node === 'object' && node !== null)",
          "} else if (typeof node === 'object' && node !== null && !Array.isArray(node))",
        ],
      ],
      killedBy: places,
      looksLike: { en: 'variables in arrays (the layers) are not found', zh: '没有找到数组里（各层）的变量' },
    },
    {
      name: 'a group without tokens divides by 0',
      replace: [['if (tokens === 0) return { loss: tf.scalar(0), norm: tf.scalar(0), tokens };', '']],
      killedBy: empty,
      looksLike: { en: 'a group whose tokens are all masked turns the weights into NaN', zh: '词元全被屏蔽的组把权重变成了 NaN' },
    },
    {
      name: 'a group without tokens still decays',
      replace: [
        [
          'if (tokens === 0) return',
          'if (tokens === 0) for (const weight of weights) if (weight.rank > 1) weight.assign(weight.mul(1 - options.lr * options.wd)); if (tokens === 0) return',
        ],
      ],
      killedBy: empty,
      looksLike: { en: 'a group without tokens changes the weights', zh: '没有词元的组改动了权重' },
    },
    {
      name: 'the sums pile up',
      replace: [[release, '']],
      killedBy: kept,
      looksLike: { en: 'the old sums are never disposed of', zh: '旧的和从未释放' },
    },
    {
      name: 'disposes of the batches',
      replace: [[release, `${release} for (const part of Object.values(batch as object)) if (part instanceof tf.Tensor) part.dispose();`]],
      killedBy: 'batches stay whole: the caller may use them again',
      looksLike: { en: 'the batches belong to the caller: do not dispose of them', zh: '批次属于调用者，不要释放' },
    },
  ],
  naive: [
    {
      name: 'keeps the sums of every micro-batch until the end',
      replace: [
        ['  let tokens = 0;\n', '  let tokens = 0;\n  const late: tf.Tensor[] = [];\n'],
        [release, 'late.push(before.lossSum, ...before.gradSums.filter((sum) => sum !== undefined));'],
        [
          '  return { lossSum: sums.lossSum, gradSums, tokens };',
          '  tf.dispose(late);\n  return { lossSum: sums.lossSum, gradSums, tokens };',
        ],
      ],
      fails: 'memory does not grow with the micro-batches',
    },
  ],
  survivors: [
    {
      why: 'a product does not mind the order of its factors',
      mutants: [
        'arguments: adamW(weight, gradSums[i]!, factor, state.m[i]!, state.v[i]!, state.step, options) -> adamW(weight, factor!, gradSums[i], state.m[i]!, state.v[i]!, state.step, options)',
      ],
    },
    {
      why: 'tf.dispose passes over what is no tensor',
      mutants: ['call: before.gradSums.filter((sum) => sum !== undefined) -> before.gradSums'],
    },
    {
      why: 'it is called inside the tidy of the update, which frees the same tensors',
      mutants: [
        'call: tf.tidy(() => tf.addN(grads.map((grad) => grad.square().sum())).sqrt() as tf.Scalar) -> (() => tf.addN(grads.map((grad) => grad.square().sum())).sqrt())()',
        'call: tf.tidy(() => { const grad = gradSum.mul(factor); m.assign(m.mul(beta1).add(grad.mul(1 - b ... ssign(decayed.sub(change)); }) -> (() => { const grad = gradSum.mul(factor); m.assign(m.mul(beta1).add(grad.mul(1 - beta1))) ... ign(decayed.sub(change)); })()',
      ],
    },
  ],
});
