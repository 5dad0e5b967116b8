import { defineMutants } from '@llm-ladder/grader/course';

const scaled = '.div(Math.sqrt(K))';
const plainSoftmax = 'const w = tf.softmax(scores) as T;';
const maskedWeights = "tf.softmax(scores.add(mask)).mul(seesAKey.cast('float32'))";

export default defineMutants({
  mutants: [
    {
      name: 'no 1/sqrt(K)',
      replace: [[scaled, '']],
      killedBy: ['matches PyTorch', 'the scores are divided by the root of the query width'],
      looksLike: { en: 'the scores are not divided by sqrt(K)', zh: '分数没有除以 sqrt(K)' },
    },
    {
      name: 'divides by K',
      replace: [[scaled, '.div(K)']],
      killedBy: 'the scores are divided by the root of the query width',
      looksLike: { en: 'the scores are divided by K, not by its square root', zh: '分数除以了 K，而不是它的平方根' },
    },
    {
      name: 'divides by the root of the value width',
      replace: [['const K = q.shape.at(-1)!;', 'const K = v.shape.at(-1)!;']],
      killedBy: 'matches PyTorch',
      looksLike: {
        en: 'the scale uses the width of the values; it is the width of the queries that counts',
        zh: '缩放用了值的宽度，应当用查询的宽度',
      },
    },
    {
      name: 'softmax over the queries',
      replace: [
        [
          plainSoftmax,
          'const swap = [...scores.shape.keys()]; swap.push(...swap.splice(-2).reverse()); const w = tf.softmax(scores.transpose(swap)).transpose(swap) as T;',
        ],
      ],
      killedBy: ['matches PyTorch', 'each row of weights sums to 1'],
      looksLike: {
        en: 'the softmax runs over the queries; each query spreads its weight over the keys',
        zh: 'softmax 沿查询方向计算了，应当沿键的方向',
      },
    },
    {
      name: 'softmax by hand, without taking off the largest score',
      replace: [[plainSoftmax, 'const e = scores.exp(); const w = e.div(e.sum(-1, true)) as T;']],
      killedBy: 'very large scores stay finite',
      looksLike: {
        en: 'exp of a large score is Infinity: take off the largest score first, or use tf.softmax',
        zh: '大分数的 exp 会变成 Infinity：先减去最大值，或者用 tf.softmax',
      },
    },
    {
      name: 'mask added after the softmax',
      replace: [[maskedWeights, 'tf.softmax(scores).add(mask)']],
      killedBy: ['matches PyTorch with a mask', 'each row of weights sums to 1'],
      looksLike: { en: 'the mask comes after the softmax; it belongs to the scores', zh: '掩码加在了 softmax 之后，应当加在分数上' },
    },
    {
      name: 'masked weights set to zero after the softmax',
      replace: [[maskedWeights, "tf.softmax(scores).mul(mask.greater(MASKED / 2).cast('float32'))"]],
      killedBy: ['matches PyTorch with a mask', 'each row of weights sums to 1'],
      looksLike: {
        en: 'hidden keys are zeroed after the softmax, so the rest no longer sums to 1',
        zh: '在 softmax 之后才把被遮住的键清零，剩下的权重之和不再是 1',
      },
    },
    {
      name: 'mask ignored',
      replace: [['scores.add(mask)', 'scores']],
      killedBy: ['matches PyTorch with a mask', 'a hidden key has no influence, a visible one does'],
      looksLike: { en: 'the mask is not used', zh: '没有使用掩码' },
    },
    {
      name: 'blind queries average the hidden keys',
      replace: [[".mul(seesAKey.cast('float32'))", '']],
      killedBy: ['matches PyTorch with a mask', 'a query that sees no key returns zeros'],
      looksLike: {
        en: 'with -1e9 everywhere the softmax is uniform: a query that sees no key must give zeros',
        zh: '整行都是 -1e9 时 softmax 变成均匀分布：看不到任何键的查询应当返回零',
      },
    },
    {
      name: 'always causal',
      replace: [
        [
          `${scaled};`,
          `${scaled}.add(tf.range(0, q.shape.at(-2)!).expandDims(1).less(tf.range(0, k.shape.at(-2)!)).cast('float32').mul(-1e9));`,
        ],
      ],
      killedBy: 'keys and values in another order give the same output',
      looksLike: { en: 'later keys are hidden although no mask says so', zh: '没有掩码要求，却遮住了后面的键' },
    },
    {
      name: 'only for four dims',
      replace: [['tf.matMul(q, k, false, true)', 'tf.matMul(q, k.transpose([0, 1, 3, 2]))']],
      killedBy: 'takes any number of leading dims',
      looksLike: { en: 'the code expects exactly four dims', zh: '代码只接受四维张量' },
    },
    {
      name: 'the first sentence serves the whole batch',
      replace: [['tf.matMul(q, k, false, true)', 'tf.matMul(q, k.rank > 2 ? k.slice([0], [1]) : k, false, true)']],
      killedBy: 'attention: a batch of two equals two singles',
      looksLike: { en: 'one batch row uses the keys of another', zh: '一条数据用了另一条数据的键' },
    },
  ],
  naive: [
    {
      name: 'loops over blocks and queries',
      replace: [
        [
          'tf.matMul(q, k, false, true)',
          'tf.concat(tf.unstack(q.reshape([-1, q.shape.at(-2)!, K])).flatMap((block, n) => tf.split(block, block.shape[0]!).map((row) => tf.matMul(row, k.reshape([-1, k.shape.at(-2)!, K]).gather(n), false, true))), 0).reshape([...q.shape.slice(0, -1), k.shape.at(-2)!])',
        ],
      ],
      fails: 'attention keeps up with the reference',
    },
    {
      name: 'computes the scores twice',
      replace: [[scaled, '.add(tf.matMul(q, k, false, true)).div(2 * Math.sqrt(K))']],
      fails: 'two matrix products are enough',
    },
  ],
  survivors: [
    {
      why: 'a mask holds 0 or -1e9 and nothing between: any bound from -1e9 up to 0 tells them apart',
      mutants: [
        'method: mask.max(-1, true).greater(MASKED / 2) -> mask.max(-1, true).greaterEqual(MASKED / 2)',
        'constant: MASKED / 2 -> MASKED / 1',
        'constant: MASKED / 2 -> MASKED / 3',
      ],
    },
    {
      why: 'the weight of a hidden key is 0 already, so a factor for each key is as good as one for the row',
      mutants: ['call: mask.max(-1, true) -> mask'],
    },
    {
      why: 'TF.js multiplies a boolean tensor as zeros and ones: the cast only says so',
      mutants: ["call: seesAKey.cast('float32') -> seesAKey"],
    },
  ],
});
