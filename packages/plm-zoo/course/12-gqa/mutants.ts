import { defineMutants } from '@llm-ladder/grader/course';

const behind = 'tf.stack(copies, 3)';
const keysAndValues = 'const [keys, values] = [k.transpose([0, 2, 1, 3]), v.transpose([0, 2, 1, 3])];';
const attend = 'const { out } = attention(grouped, keys, values, seen);';
const seen = 'const seen = mask && mask.shape[2] > 1 ? mask.tile<tf.Tensor4D>([1, 1, n, 1]) : mask;';
const cut = '.reshape<tf.Tensor5D>([B, Tq, G, n, K])\n      .transpose([0, 2, 3, 1, 4]) // [B, G, n, Tq, K]';
const back = '.reshape<tf.Tensor5D>([B, G, n, Tq, v.shape[3]])\n      .transpose([0, 3, 1, 2, 4]) // [B, Tq, G, n, K]';

export default defineMutants({
  mutants: [
    {
      name: 'repeats as 0, 1, 0, 1',
      replace: [[behind, 'tf.stack(copies, 2)']],
      killedBy: ['repeatKv puts equal heads side by side', 'the gradient of a repeated head is the sum over its copies'],
      looksLike: { en: 'repeatKv gives 0, 1, 0, 1; it must give 0, 0, 1, 1', zh: 'repeatKv 的次序是 0, 1, 0, 1；应当是 0, 0, 1, 1' },
    },
    {
      name: 'every G-th query head to one key head',
      replace: [
        [cut, '.reshape<tf.Tensor5D>([B, Tq, n, G, K])\n      .transpose([0, 3, 2, 1, 4])'],
        [back, '.reshape<tf.Tensor5D>([B, G, n, Tq, v.shape[3]])\n      .transpose([0, 3, 2, 1, 4])'],
      ],
      killedBy: ['matches PyTorch', 'every query head reads its own key head', 'another key head changes its own group and no other'],
      looksLike: {
        en: 'query head h reads key head h mod G; it is floor(h / n), so that neighbours share',
        zh: '查询头 h 读的是键头 h mod G；应当是 floor(h / n)，相邻的头共用',
      },
    },
    {
      name: 'heads come back in another order',
      replace: [[back, '.reshape<tf.Tensor5D>([B, G, n, Tq, v.shape[3]])\n      .transpose([0, 3, 2, 1, 4])']],
      killedBy: ['matches PyTorch', 'every query head reads its own key head'],
      looksLike: { en: 'the heads of the result are in another order than those of the queries', zh: '结果的头和查询的头次序不同' },
    },
    {
      name: 'only the first key head',
      replace: [
        [
          keysAndValues,
          'const [keys, values] = [k, v].map((x) => x.slice([0, 0, 0, 0], [-1, -1, 1, -1]).tile([1, 1, G, 1]).transpose([0, 2, 1, 3])) as [tf.Tensor4D, tf.Tensor4D];',
        ],
      ],
      killedBy: ['matches PyTorch', 'another key head changes its own group and no other'],
      looksLike: { en: 'every query head reads key head 0', zh: '每个查询头读的都是键头 0' },
    },
    {
      name: 'key heads averaged',
      replace: [
        [
          keysAndValues,
          'const [keys, values] = [k, v].map((x) => x.mean(2, true).tile([1, 1, G, 1]).transpose([0, 2, 1, 3])) as [tf.Tensor4D, tf.Tensor4D];',
        ],
      ],
      killedBy: ['matches PyTorch', 'another key head changes its own group and no other'],
      looksLike: { en: 'the key heads are averaged; they are shared, each by its own group', zh: '把键头求了平均；它们是各自被一组共用' },
    },
    {
      name: 'query heads averaged within a group',
      replace: [
        [
          attend,
          'const mean = grouped.reshape([B, G, n, Tq, K]).mean(2, true).tile([1, 1, n, 1, 1]).reshape<tf.Tensor4D>([B, G, n * Tq, K]); const { out } = attention(mean, keys, values, seen);',
        ],
      ],
      killedBy: ['matches PyTorch', 'every query head reads its own key head'],
      looksLike: {
        en: 'the query heads of a group are merged; each keeps its own scores',
        zh: '一组里的查询头被合并了；每个都应有自己的分数',
      },
    },
    {
      name: 'scales by the key heads',
      replace: [[attend, 'const { out } = attention(grouped.mul(Math.sqrt(G / H)) as tf.Tensor4D, keys, values, seen);']],
      killedBy: ['matches PyTorch', 'every query head reads its own key head'],
      looksLike: {
        en: 'the scale depends on the number of key heads; it is the width of a query that counts',
        zh: '缩放用了键头的数目；应当用查询的宽度',
      },
    },
    {
      name: 'scales twice',
      replace: [[attend, 'const { out } = attention(grouped.div(Math.sqrt(K)) as tf.Tensor4D, keys, values, seen);']],
      killedBy: ['matches PyTorch', 'as many key heads as query heads is multi-head, one is multi-query attention'],
      looksLike: {
        en: 'the scores are divided by sqrt(K) twice: attention does it already',
        zh: '分数除以了两次 sqrt(K)：attention 已经做过了',
      },
    },
    {
      name: 'heads not moved before time',
      replace: [[keysAndValues, 'const [keys, values] = [k.reshape<tf.Tensor4D>([B, G, -1, K]), v.reshape<tf.Tensor4D>([B, G, -1, K])];']],
      killedBy: ['matches PyTorch', 'every query head reads its own key head'],
      looksLike: {
        en: 'keys are reshaped where they should be transposed: heads and time are mixed',
        zh: '键该 transpose 的地方用了 reshape：头和时间混在了一起',
      },
    },
    {
      name: 'mask ignored',
      replace: [[attend, 'const { out } = attention(grouped, keys, values);']],
      killedBy: ['matches PyTorch with a mask', 'a hidden key has no influence, and a mask may have one row for all queries'],
      looksLike: { en: 'the mask is not passed on', zh: '没有把掩码传下去' },
    },
    {
      name: 'mask rows repeated the other way',
      replace: [
        [
          seen,
          'const seen = mask && mask.shape[2] > 1 ? mask.expandDims<tf.Tensor5D>(3).tile([1, 1, 1, n, 1]).reshape<tf.Tensor4D>([mask.shape[0], 1, -1, mask.shape[3]]) : mask;',
        ],
      ],
      killedBy: ['matches PyTorch with a mask', 'a hidden key has no influence, and a mask may have one row for all queries'],
      looksLike: { en: 'the rows of the mask meet other queries than their own', zh: '掩码的行对到了别的查询上' },
    },
    {
      name: 'mask of the first sentence for all',
      replace: [[attend, 'const { out } = attention(grouped, keys, values, seen?.slice([0], [1]));']],
      killedBy: 'a hidden key has no influence, and a mask may have one row for all queries',
      looksLike: { en: 'every sentence gets the mask of the first', zh: '每个句子用的都是第一个句子的掩码' },
    },
    {
      name: 'H and G not checked',
      replace: [['if (H % G !== 0) throw', 'if (false) throw']],
      killedBy: 'G must divide H',
      looksLike: {
        en: 'G = 3 with H = 4 is accepted, or fails without a ShapeError that says so',
        zh: 'H = 4 时接受了 G = 3，或者没有抛出说明原因的 ShapeError',
      },
    },
    {
      name: 'one repeat too many',
      replace: [['if (n === 1) return x.clone();', 'if (n === 1) return x.tile([1, 1, 2, 1]);']],
      killedBy: 'one repeat changes nothing',
      looksLike: { en: 'n = 1 must leave the heads as they are', zh: 'n = 1 时头应保持不变' },
    },
    {
      name: 'keys without a gradient',
      replace: [
        [
          keysAndValues,
          'const [keys, values] = [tf.tensor4d(k.dataSync(), k.shape).transpose<tf.Tensor4D>([0, 2, 1, 3]), v.transpose<tf.Tensor4D>([0, 2, 1, 3])];',
        ],
      ],
      killedBy: ['the gradients match PyTorch', 'gqa: gradients are finite and not zero'],
      looksLike: {
        en: 'dataSync cuts the gradient of the keys: stay with tensor operations',
        zh: 'dataSync 切断了键的梯度：请一直用张量运算',
      },
    },
    {
      name: 'keys of the first sentence for all',
      replace: [
        [
          keysAndValues,
          'const [keys, values] = [k.slice([0], [1]).tile([B, 1, 1, 1]).transpose<tf.Tensor4D>([0, 2, 1, 3]), v.transpose<tf.Tensor4D>([0, 2, 1, 3])];',
        ],
      ],
      killedBy: 'gqa: a batch of two equals two singles',
      looksLike: { en: 'one batch row uses the keys of another', zh: '一条数据用了另一条数据的键' },
    },
    {
      name: 'no tidy in repeatKv',
      replace: [
        ['return tf.tidy(() => {\n    const [B, T, G, K]', 'return (() => {\n    const [B, T, G, K]'],
        ['no gradient for it in rank 5\n  });', 'no gradient for it in rank 5\n  })();'],
      ],
      killedBy: 'repeatKv: keeps no tensors over 20 calls',
      looksLike: { en: 'repeatKv leaves tensors behind: compute inside tf.tidy', zh: 'repeatKv 留下了张量：把计算放进 tf.tidy' },
    },
  ],
  naive: [
    {
      name: 'keys and values repeated for every query head',
      replace: [
        [
          keysAndValues,
          'const swap = (x: tf.Tensor4D) => x.transpose<tf.Tensor4D>([0, 2, 1, 3]); if (n > 1) return swap(attention(swap(q), swap(repeatKv(k, n)), swap(repeatKv(v, n)), mask).out); const [keys, values] = [swap(k), swap(v)];',
        ],
      ],
      fails: 'keys and values are not copied for every query head',
    },
  ],
  survivors: [
    {
      why: 'a stack of one copy is the copy: n = 1 is only spared the work, and n = 0 is refused above',
      mutants: ['condition: n === 1 -> false', 'constant: n === 1 -> n === 0'],
    },
    {
      why: 'the two axes stand side by side, and are moved and merged as one: their sizes may be exchanged',
      mutants: ['order: [B, Tq, G, n, K] -> [B, Tq, n, G, K]', 'order: [B, G, n, Tq, v.shape[3]] -> [B, n, G, Tq, v.shape[3]]'],
    },
  ],
});
