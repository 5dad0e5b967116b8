import { defineMutants } from '@llm-ladder/grader/course';

const cut = 'return x.reshape<tf.Tensor4D>([B, T, H, D / H]).transpose([0, 2, 1, 3]);';
const attend = 'const { out } = attention(q, k, v, mask);';
const merge = 'return x.transpose([0, 2, 1, 3]).reshape([B, T, H * K]);';

export default defineMutants({
  mutants: [
    {
      name: 'reshape without transpose',
      replace: [[cut, 'return x.reshape<tf.Tensor4D>([B, H, T, D / H]);']],
      killedBy: ['matches PyTorch', 'each head works on its own slice of the columns'],
      looksLike: {
        en: 'the heads are cut across time: reshape to [B, T, H, K] first, then transpose',
        zh: '头把时间切断了：先 reshape 成 [B, T, H, K]，再 transpose',
      },
    },
    {
      name: 'merges without transposing back',
      replace: [[merge, 'return x.reshape([B, T, H * K]);']],
      killedBy: ['matches PyTorch', 'each head works on its own slice of the columns'],
      looksLike: { en: 'the heads are not moved back behind time before they are merged', zh: '合并之前没有把头移回时间之后' },
    },
    {
      name: 'interleaved heads',
      replace: [
        [cut, 'return x.reshape<tf.Tensor4D>([B, T, D / H, H]).transpose([0, 3, 1, 2]);'],
        [merge, 'return x.transpose([0, 2, 3, 1]).reshape([B, T, H * K]);'],
      ],
      killedBy: ['matches PyTorch', 'heads in another order give the same output'],
      looksLike: { en: 'a head takes every H-th column; it must take K neighbours', zh: '一个头每隔 H 列取一列；应当取相邻的 K 列' },
    },
    {
      name: 'scales by the root of D',
      replace: [[attend, 'const { out } = attention(q.div(Math.sqrt(H)), k, v, mask);']],
      killedBy: ['matches PyTorch', 'each head works on its own slice of the columns'],
      looksLike: {
        en: 'the scores are divided by sqrt(D); each head scales by its own width K',
        zh: '分数除以了 sqrt(D)；每个头应按自己的宽度 K 缩放',
      },
    },
    {
      name: 'mask over the wrong axis',
      replace: [[attend, 'const { out } = attention(q, k, v, mask?.transpose([1, 0, 2, 3]));']],
      killedBy: ['matches PyTorch with padded keys', 'a padded key has no influence, a real one does'],
      looksLike: { en: 'the mask meets the heads where it should meet the batch', zh: '掩码对到了头上，应当对到批次上' },
    },
    {
      name: 'mask of the first sentence for all',
      replace: [[attend, 'const { out } = attention(q, k, v, mask?.slice([0], [1]));']],
      killedBy: ['matches PyTorch with padded keys', 'a padded key has no influence, a real one does'],
      looksLike: { en: 'every sentence gets the mask of the first', zh: '每个句子用的都是第一个句子的掩码' },
    },
    {
      name: 'mask ignored',
      replace: [[attend, 'const { out } = attention(q, k, v);']],
      killedBy: ['matches PyTorch with padded keys', 'a padded key has no influence, a real one does'],
      looksLike: { en: 'the mask is not passed on', zh: '没有把掩码传下去' },
    },
    {
      name: 'K and V use Tq',
      replace: [
        [
          'const v = splitHeads(project(xkv, Wv), H);',
          'const v = splitHeads(project(xkv.slice([0, 0, 0], [-1, xq.shape[1], -1]), Wv), H);',
        ],
        [
          'const k = splitHeads(project(xkv, Wk), H);',
          'const k = splitHeads(project(xkv.slice([0, 0, 0], [-1, xq.shape[1], -1]), Wk), H);',
        ],
      ],
      killedBy: ['matches PyTorch', 'each head works on its own slice of the columns'],
      looksLike: {
        en: 'keys and values are cut with the length of the queries; they have their own',
        zh: '键和值用了查询的长度；它们有自己的长度',
      },
    },
    {
      name: 'queries from xkv',
      replace: [['project(xq, Wq)', 'project(xkv, Wq)']],
      killedBy: 'matches PyTorch',
      looksLike: { en: 'the queries come from xkv', zh: '查询取自 xkv' },
    },
    {
      name: 'values from the key weights',
      replace: [['project(xkv, Wv)', 'project(xkv, Wk)']],
      killedBy: ['matches PyTorch', 'one head is plain attention between two projections', 'mha: gradients are finite and not zero'],
      looksLike: { en: 'the values are projected with Wk', zh: '值用 Wk 做了投影' },
    },
    {
      name: 'no output projection',
      replace: [['return project(mergeHeads(out), Wo);', 'return mergeHeads(out);']],
      killedBy: 'one head is plain attention between two projections',
      looksLike: { en: 'Wo is not used: the heads are never mixed', zh: '没有用 Wo：各个头没有混合' },
    },
    {
      name: 'weights taken as [out, in]',
      replace: [['.matMul<tf.Tensor2D>(W)', '.matMul<tf.Tensor2D>(W, false, true)']],
      killedBy: 'matches PyTorch',
      looksLike: { en: 'the weights are transposed; here they are [in, out]', zh: '权重被转置了；这里的权重是 [in, out]' },
    },
    {
      name: 'no check of H',
      replace: [['if (!Number.isInteger(H) || H < 1 || D % H !== 0)', 'if (false)']],
      killedBy: 'H must divide D',
      looksLike: { en: 'H = 3 with D = 8 is accepted, or fails without a ShapeError', zh: 'D = 8 时接受了 H = 3，或者报的不是 ShapeError' },
    },
    {
      name: 'keys of the first sentence for all',
      replace: [
        [
          'const k = splitHeads(project(xkv, Wk), H);',
          'const k = splitHeads(project(xkv.slice([0], [1]).tile([xkv.shape[0], 1, 1]), Wk), H);',
        ],
      ],
      killedBy: 'mha: a batch of two equals two singles',
      looksLike: { en: 'one batch row uses the keys of another', zh: '一条数据用了另一条数据的键' },
    },
  ],
  naive: [
    {
      name: 'one head after the other',
      replace: [
        [
          attend,
          'const one = (x: tf.Tensor4D, h: number) => x.slice([0, h, 0, 0], [-1, 1, -1, -1]); const out = tf.concat(Array.from({ length: H }, (_, h) => tf.concat(Array.from({ length: x0(q) }, (_, b) => attention(one(q, h).slice([b], [1]), one(k, h).slice([b], [1]), one(v, h).slice([b], [1]), mask && (mask.shape[0] === 1 ? mask : mask.slice([b], [1]))).out), 0)), 1);',
        ],
        ['/** Cuts the width', 'function x0(x: tf.Tensor): number { return x.shape[0]!; }\n/** Cuts the width'],
      ],
      fails: 'many heads keep up with the reference',
    },
    {
      name: 'projects the keys twice',
      replace: [['project(xkv, Wk)', 'project(xkv, Wk).add(project(xkv, Wk)).div(2)']],
      fails: 'six matrix products are enough',
    },
  ],
  survivors: [
    {
      why: 'D % 0 is NaN, which is not 0 either: no heads at all are refused twice',
      mutants: ['constant: H < 1 -> H < 0'],
    },
  ],
});
