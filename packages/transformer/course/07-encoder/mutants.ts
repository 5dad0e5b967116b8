import { defineMutants } from '@llm-ladder/grader/course';

const preLayer = 'a pre-norm layer matches PyTorch';
const postLayer = 'a post-norm layer matches PyTorch';
const preStack = 'the pre-norm stack ends with a norm, as in PyTorch';
const postStack = 'the post-norm stack has no norm of its own, as in PyTorch';
const finalNorm = "options.norm === 'pre' && w.ln ? norm(out, w.ln) : out.clone()";
const firstSum = 'x.add<tf.Tensor3D>(attend(norm(x, w.ln1)))';
const secondSum = 'return mixed.add(feed(norm(mixed, w.ln2)));';
const attention = 'drop(mha(h, h, w.attn, options.H, mask), options)';
const feed = "drop(ffn(h, W1, b1, W2, b2, 'relu'), options)";

export default defineMutants({
  mutants: [
    {
      name: 'pre-norm without the final norm',
      replace: [[finalNorm, 'out.clone()']],
      killedBy: preStack,
      looksLike: { en: 'the pre-norm stack lacks the norm after its last layer', zh: 'pre-norm 的栈缺少最后一层之后的归一化' },
    },
    {
      name: 'a final norm in both forms',
      replace: [[finalNorm, 'w.ln ? norm(out, w.ln) : out.clone()']],
      killedBy: postStack,
      looksLike: { en: 'the post-norm stack must not use ln', zh: 'post-norm 的栈不应使用 ln' },
    },
    {
      name: 'residual taken from the normed input',
      replace: [[firstSum, 'norm(x, w.ln1).add<tf.Tensor3D>(attend(norm(x, w.ln1)))']],
      killedBy: [preLayer, 'dropout leaves the residual road alone'],
      looksLike: { en: 'the residual adds the normed x; it adds x itself', zh: '残差加的是归一化后的 x，应当加 x 本身' },
    },
    {
      name: 'no residual around the feed-forward',
      replace: [[secondSum, 'return feed(norm(mixed, w.ln2));']],
      killedBy: [preLayer, 'dropout leaves the residual road alone'],
      looksLike: { en: 'the feed-forward has lost its residual connection', zh: '前馈网络丢了残差连接' },
    },
    {
      name: 'dropout on the residual sum',
      replace: [
        [attention, 'mha(h, h, w.attn, options.H, mask)'],
        [firstSum, 'drop(x.add<tf.Tensor3D>(attend(norm(x, w.ln1))), options)'],
      ],
      killedBy: 'dropout leaves the residual road alone',
      looksLike: {
        en: 'dropout falls on the sum; it belongs to what the sub-layer returns',
        zh: 'dropout 作用在了相加的结果上，应当只作用于子层的返回值',
      },
    },
    {
      name: 'no dropout after the feed-forward',
      replace: [[feed, "ffn(h, W1, b1, W2, b2, 'relu')"]],
      killedBy: 'dropout hits both sub-layers, and only while training',
      looksLike: { en: 'one of the two sub-layers has no dropout', zh: '两个子层里有一个没有 dropout' },
    },
    {
      name: 'dropout outside training',
      replace: [[feed, "drop(ffn(h, W1, b1, W2, b2, 'relu'), { ...options, training: true })"]],
      killedBy: 'dropout hits both sub-layers, and only while training',
      looksLike: { en: 'dropout is on although training is false', zh: 'training 为 false 时 dropout 仍在工作' },
    },
    {
      name: 'always pre-norm',
      replace: [["if (options.norm === 'pre') {", 'if (options.norm) {']],
      killedBy: [postLayer, postStack],
      looksLike: { en: 'options.norm has no effect on the layer', zh: 'options.norm 对这一层没有作用' },
    },
    {
      name: 'one norm serves both sub-layers',
      replace: [[secondSum, 'return mixed.add(feed(norm(mixed, w.ln1)));']],
      killedBy: preLayer,
      looksLike: { en: 'the second sub-layer uses ln1; it has ln2', zh: '第二个子层用了 ln1，应当用 ln2' },
    },
    {
      name: 'sub-layers side by side',
      replace: [[secondSum, 'return mixed.add(feed(norm(x, w.ln2)));']],
      killedBy: preLayer,
      looksLike: { en: 'the feed-forward reads x, not the result of attention', zh: '前馈网络读的是 x，而不是注意力之后的结果' },
    },
    {
      name: 'mask not passed on',
      replace: [['options.H, mask)', 'options.H)']],
      killedBy: ['padding has no influence on real tokens', preLayer],
      looksLike: { en: 'the mask does not reach the attention', zh: '掩码没有传给注意力' },
    },
    {
      name: 'always causal',
      replace: [
        [
          'options.H, mask)',
          "options.H, mask ?? tf.range(0, x.shape[1]).expandDims(1).less(tf.range(0, x.shape[1])).cast('float32').mul(-1e9))",
        ],
      ],
      killedBy: 'without positions, a permuted input gives a permuted output',
      looksLike: { en: 'an encoder sees the whole sentence: no causal mask here', zh: '编码器能看到整句话，这里没有因果掩码' },
    },
    {
      name: 'tanh for relu',
      replace: [["'relu'", "'tanh'"]],
      killedBy: [preLayer, postLayer],
      looksLike: { en: 'the feed-forward uses ReLU', zh: '前馈网络用的是 ReLU' },
    },
    {
      name: 'layers from the last to the first',
      replace: [['w.layers.reduce(', '[...w.layers].reverse().reduce(']],
      killedBy: [preStack, postStack],
      looksLike: { en: 'the layers run in the wrong order', zh: '各层的顺序反了' },
    },
    {
      name: 'the first layer serves them all',
      replace: [['encoderLayer(h, layer,', 'encoderLayer(h, w.layers[0]!,']],
      killedBy: [preStack, postStack],
      looksLike: { en: 'every layer has weights of its own', zh: '每一层都有自己的权重' },
    },
    {
      name: 'keys of the first sentence for all',
      replace: [['mha(h, h, w.attn', 'mha(h, h.slice([0], [1]).tile([h.shape[0], 1, 1]) as tf.Tensor3D, w.attn']],
      killedBy: 'encoderLayer: a batch of two equals two singles',
      looksLike: { en: 'one batch row uses the tokens of another', zh: '一条数据用到了另一条数据的词元' },
    },
    {
      name: 'a stack without tidy',
      replace: [
        ['return tf.tidy(() => {\n    const out', 'return (() => {\n    const out'],
        ["is the caller's x\n  });", "is the caller's x\n  })();"],
      ],
      killedBy: 'encoder: keeps no tensors over 20 calls',
      looksLike: { en: 'the stack keeps what its layers return', zh: '栈把每一层的结果都留下了' },
    },
  ],
  survivors: [
    {
      why: "'relu' is what ffn does without being told",
      mutants: ["argument: ffn(h, W1, b1, W2, b2, 'relu') -> ffn(h, W1, b1, W2, b2)"],
    },
    {
      why: "from outside its box the caller's own tensor looks like a copy of it, and only a stack without layers hands it back",
      mutants: ['call: out.clone() -> out'],
    },
  ],
});
