import { defineMutants } from '@llm-ladder/grader/course';

const preLayer = 'a pre-norm layer matches PyTorch';
const postLayer = 'a post-norm layer matches PyTorch';
const self = 'mha(h, h, w.self, options.H, selfMask)';
const cross = 'mha(h, mem, w.cross, options.H, memMask)';
const feed = "drop(ffn(h, W1, b1, W2, b2, 'relu'), options)";
const first = 'y.add<tf.Tensor3D>(attend(norm(y, w.ln1)))';
const second = 'mixed.add<tf.Tensor3D>(consult(norm(mixed, w.ln2)))';
const third = 'return informed.add(feed(norm(informed, w.ln3)));';

export default defineMutants({
  mutants: [
    {
      name: 'queries from the memory',
      replace: [[cross, 'mha(mem, h, w.cross, options.H, memMask)']],
      killedBy: [preLayer, 'every target token reads the whole memory'],
      looksLike: {
        en: 'in cross-attention the target asks and the memory is asked, not the other way round',
        zh: '交叉注意力里提问的是目标，被询问的是记忆；这里反了',
      },
    },
    {
      name: 'cross-attention reads the target',
      replace: [[cross, 'mha(h, h, w.cross, options.H)']],
      killedBy: ['every target token reads the whole memory', 'the memory receives a gradient, its padding none'],
      looksLike: { en: 'the memory is never read', zh: '记忆从未被读取' },
    },
    {
      name: 'cross-attention is causal',
      replace: [
        [
          cross,
          "mha(h, mem, w.cross, options.H, tf.add(memMask ?? 0, tf.range(0, y.shape[1]).expandDims(1).less(tf.range(0, mem.shape[1])).cast('float32').mul(-1e9)))",
        ],
      ],
      killedBy: ['every target token reads the whole memory', preLayer],
      looksLike: {
        en: 'the causal mask reaches cross-attention: the whole source may be read',
        zh: '因果掩码用到了交叉注意力上：源句子本可以全部读到',
      },
    },
    {
      name: 'memory mask missing',
      replace: [[cross, 'mha(h, mem, w.cross, options.H)']],
      killedBy: ['padding of the memory has no influence, the rest has', preLayer],
      looksLike: { en: 'memMask is not used: the padding of the source is read', zh: '没有使用 memMask：源句子的填充被读到了' },
    },
    {
      name: 'causal mask missing',
      replace: [[self, 'mha(h, h, w.self, options.H)']],
      killedBy: 'a later target token never changes an earlier output',
      looksLike: { en: 'selfMask is not used: the target reads its own future', zh: '没有使用 selfMask：目标读到了自己的未来' },
    },
    {
      name: 'cross-attention before self-attention',
      replace: [
        [first, 'y.add<tf.Tensor3D>(consult(norm(y, w.ln1)))'],
        [second, 'mixed.add<tf.Tensor3D>(attend(norm(mixed, w.ln2)))'],
      ],
      killedBy: preLayer,
      looksLike: { en: 'the order is self-attention, cross-attention, feed-forward', zh: '顺序应当是自注意力、交叉注意力、前馈网络' },
    },
    {
      name: 'feed-forward before cross-attention',
      replace: [
        [second, 'mixed.add<tf.Tensor3D>(feed(norm(mixed, w.ln3)))'],
        [third, 'return informed.add(consult(norm(informed, w.ln2)));'],
      ],
      killedBy: preLayer,
      looksLike: { en: 'the order is self-attention, cross-attention, feed-forward', zh: '顺序应当是自注意力、交叉注意力、前馈网络' },
    },
    {
      name: 'the memory is normed again',
      replace: [[cross, "mha(h, options.norm === 'pre' ? norm(mem, w.ln2) : mem, w.cross, options.H, memMask)"]],
      killedBy: preLayer,
      looksLike: { en: 'the layer norms the memory; the encoder has done that', zh: '这一层又归一化了记忆，编码器已经做过了' },
    },
    {
      name: 'one set of attention weights',
      replace: [[cross, 'mha(h, mem, w.self, options.H, memMask)']],
      killedBy: [preLayer, postLayer],
      looksLike: { en: 'cross-attention has weights of its own', zh: '交叉注意力有自己的权重' },
    },
    {
      name: 'residual taken from the normed input',
      replace: [[second, 'norm(mixed, w.ln2).add<tf.Tensor3D>(consult(norm(mixed, w.ln2)))']],
      killedBy: [preLayer, 'dropout leaves the residual road alone'],
      looksLike: { en: 'a residual adds the normed input; it adds the input itself', zh: '残差加的是归一化后的输入，应当加输入本身' },
    },
    {
      name: 'no residual around cross-attention',
      replace: [['norm(mixed.add(consult(mixed)), w.ln2)', 'norm(consult(mixed), w.ln2)']],
      killedBy: postLayer,
      looksLike: { en: 'in the post-norm form cross-attention has lost its residual', zh: 'post-norm 里交叉注意力丢了残差' },
    },
    {
      name: 'always pre-norm',
      replace: [["if (options.norm === 'pre') {", 'if (options.norm) {']],
      killedBy: postLayer,
      looksLike: { en: 'options.norm has no effect', zh: 'options.norm 没有作用' },
    },
    {
      name: 'norms in the wrong order',
      replace: [[third, 'return informed.add(feed(norm(informed, w.ln2)));']],
      killedBy: preLayer,
      looksLike: { en: 'the third sub-layer uses ln2; it has ln3', zh: '第三个子层用了 ln2，应当用 ln3' },
    },
    {
      name: 'no dropout after cross-attention',
      replace: [[`drop(${cross}, options)`, cross]],
      killedBy: 'dropout hits all three sub-layers, and only while training',
      looksLike: { en: 'one of the three sub-layers has no dropout', zh: '三个子层里有一个没有 dropout' },
    },
    {
      name: 'dropout outside training',
      replace: [[feed, "drop(ffn(h, W1, b1, W2, b2, 'relu'), { ...options, training: true })"]],
      killedBy: 'dropout hits all three sub-layers, and only while training',
      looksLike: { en: 'dropout is on although training is false', zh: 'training 为 false 时 dropout 仍在工作' },
    },
    {
      name: 'dropout on the residual sum',
      replace: [
        [feed, "ffn(h, W1, b1, W2, b2, 'relu')"],
        [third, 'return drop(informed.add(feed(norm(informed, w.ln3))), options);'],
      ],
      killedBy: 'dropout leaves the residual road alone',
      looksLike: {
        en: 'dropout falls on the sum; it belongs to what the sub-layer returns',
        zh: 'dropout 作用在了相加的结果上，应当只作用于子层的返回值',
      },
    },
    {
      name: 'the memory of the first sentence for all',
      replace: [[cross, 'mha(h, mem.slice([0], [1]).tile([mem.shape[0], 1, 1]) as tf.Tensor3D, w.cross, options.H, memMask)']],
      killedBy: 'decoderLayer: a batch of two equals two singles',
      looksLike: { en: 'one batch row reads the memory of another', zh: '一条数据读了另一条数据的记忆' },
    },
    {
      name: 'the memory is copied out of the graph',
      replace: [[cross, 'mha(h, tf.tensor3d(mem.dataSync(), mem.shape), w.cross, options.H, memMask)']],
      killedBy: ['the memory receives a gradient, its padding none', 'decoderLayer: gradients are finite and not zero'],
      looksLike: { en: 'no gradient reaches the memory, so the encoder would never learn', zh: '梯度到不了记忆，编码器就永远学不会' },
    },
  ],
  survivors: [
    {
      why: "'relu' is what ffn does without being told",
      mutants: ["argument: ffn(h, W1, b1, W2, b2, 'relu') -> ffn(h, W1, b1, W2, b2)"],
    },
  ],
});
