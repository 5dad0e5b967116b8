import { defineMutants } from '@llm-ladder/grader/course';

const step = 'one step matches PyTorch';
const sequence = 'a sequence of rows of unequal length matches PyTorch';
const grads = 'the gradients of a sequence match PyTorch';
const order = 'the four blocks are input, forget, candidate, output';
const held = 'where the mask is 0 the state is held, wherever that is';
const padding = 'what stands at the padding does not matter, a token does';
const memory = 'a memory is kept over fifty steps, and so is its gradient';
const names = 'const [i, f, g, o] = ';
const newH = 'h = tf.where(tokens[t]!, next.h, h);';
const newC = 'c = tf.where(tokens[t]!, next.c, c);';
const call = 'lstmStep(step, h, c, W, b)';

export default defineMutants({
  mutants: [
    {
      name: 'order i, f, o, g',
      replace: [[names, 'const [i, f, o, g] = ']],
      killedBy: [step, order],
      looksLike: { en: 'the third block is the candidate g, the fourth the output gate o', zh: '第三块是候选 g，第四块是输出门 o' },
    },
    {
      name: 'order f, i, g, o',
      replace: [[names, 'const [f, i, g, o] = ']],
      killedBy: [step, order],
      looksLike: { en: 'the first block is the input gate i, the second the forget gate f', zh: '第一块是输入门 i，第二块是遗忘门 f' },
    },
    {
      name: 'sigmoid for the candidate',
      replace: [['g.tanh()', 'g.sigmoid()']],
      killedBy: [step, order],
      looksLike: { en: 'the candidate g is a tanh: it can also be negative', zh: '候选 g 用 tanh：它可以是负数' },
    },
    {
      name: 'tanh for the input gate',
      replace: [['i.sigmoid()', 'i.tanh()']],
      killedBy: [step, order],
      looksLike: { en: 'a gate is a sigmoid, between 0 and 1', zh: '门用 sigmoid，在 0 和 1 之间' },
    },
    {
      name: 'h from the old memory',
      replace: [['o.sigmoid().mul<tf.Tensor2D>(memory.tanh())', 'o.sigmoid().mul<tf.Tensor2D>(c.tanh())']],
      killedBy: [step, order],
      looksLike: { en: 'h is made from the new memory, not from the old one', zh: 'h 由新的记忆算出，而不是旧的' },
    },
    {
      name: 'h without tanh',
      replace: [['o.sigmoid().mul<tf.Tensor2D>(memory.tanh())', 'o.sigmoid().mul<tf.Tensor2D>(memory)']],
      killedBy: [step, order],
      looksLike: { en: 'the memory goes through a tanh before the output gate', zh: '记忆要先过 tanh 再乘输出门' },
    },
    {
      name: 'the memory goes through tanh too',
      replace: [['const memory = kept.add<tf.Tensor2D>(written);', 'const memory = kept.add<tf.Tensor2D>(written).tanh();']],
      killedBy: [step, memory],
      looksLike: { en: 'the memory itself is not squashed: only what h shows of it is', zh: '记忆本身不压缩，压缩的只是 h 露出来的部分' },
    },
    {
      name: 'no forget gate',
      replace: [['f.sigmoid().mul(c)', 'c.add(f.mul(0))']],
      killedBy: [step, order],
      looksLike: { en: 'the old memory is not scaled by the forget gate', zh: '旧的记忆没有乘遗忘门' },
    },
    {
      name: 'forget gate is 1 - input gate',
      replace: [['f.sigmoid().mul(c)', 'tf.sub(1, i.sigmoid()).mul(c)']],
      killedBy: [step, order],
      looksLike: { en: 'the forget gate has a block of its own', zh: '遗忘门有自己的一块' },
    },
    {
      name: '1 added to the forget gate',
      replace: [['f.sigmoid().mul(c)', 'f.add(1).sigmoid().mul(c)']],
      killedBy: [step, order],
      looksLike: {
        en: 'a forget bias of 1 belongs into b when it is initialised, not into the step',
        zh: '遗忘门偏置的 1 应在初始化时写进 b，不该写进这一步',
      },
    },
    {
      name: 'rows are [h; x]',
      replace: [['tf.concat([x, h], 1)', 'tf.concat([h, x], 1)']],
      killedBy: [step, sequence],
      looksLike: { en: 'the rows of W are first those of x, then those of h', zh: 'W 的行先是 x 的，再是 h 的' },
    },
    {
      name: 'bias forgotten',
      replace: [['.matMul(W).add<tf.Tensor2D>(b)', '.matMul(W)']],
      killedBy: [step, order],
      looksLike: { en: 'the bias is missing', zh: '缺少偏置' },
    },
    {
      name: 'mask zeroes the state',
      replace: [
        [newH, 'h = tf.where(tokens[t]!, next.h, tf.zerosLike(h));'],
        [newC, 'c = tf.where(tokens[t]!, next.c, tf.zerosLike(c));'],
      ],
      killedBy: [sequence, held],
      looksLike: { en: 'at a masked step the state becomes 0; it is held', zh: '掩码为 0 的步把状态清成了零，应当保持不变' },
    },
    {
      name: 'the input is masked, the step is made',
      replace: [
        [newH, 'h = next.h;'],
        [newC, 'c = next.c;'],
        [call, 'lstmStep(step.mul(tokens[t]!), h, c, W, b)'],
      ],
      killedBy: [sequence, held],
      looksLike: {
        en: 'an input of 0 still changes the state: a masked step is no step',
        zh: '输入为 0 也会改变状态：掩码为 0 的步根本不该走',
      },
    },
    {
      name: 'mask ignored',
      replace: [
        [newH, 'h = next.h;'],
        [newC, 'c = next.c;'],
      ],
      killedBy: [sequence, held, padding],
      looksLike: { en: 'the padding changes the state', zh: '填充改变了状态' },
    },
    {
      name: 'only h is held',
      replace: [[newC, 'c = next.c;']],
      killedBy: [sequence, held],
      looksLike: { en: 'the memory c has to be held too', zh: '记忆 c 也要保持' },
    },
    {
      name: 'only c is held',
      replace: [[newH, 'h = next.h;']],
      killedBy: [sequence, held],
      looksLike: { en: 'the state h has to be held too', zh: '状态 h 也要保持' },
    },
    {
      name: 'zeros at the padding of the output',
      replace: [['return h;\n', 'return h.mul<tf.Tensor2D>(tokens[t]!);\n']],
      killedBy: [sequence, held],
      looksLike: { en: 'where the mask is 0, out repeats the state before', zh: '掩码为 0 的位置，out 应当重复前面的状态' },
    },
    {
      name: 'mask inverted',
      replace: [['mask.greater<tf.Tensor2D>(0)', 'mask.lessEqual<tf.Tensor2D>(0)']],
      killedBy: [sequence, padding],
      looksLike: { en: 'a mask of 1 is a token, 0 is padding', zh: '掩码 1 是词元，0 是填充' },
    },
    {
      name: 'reads from right to left',
      replace: [['tf.unstack(x, 1) as', 'tf.unstack(x.reverse(1), 1) as']],
      killedBy: sequence,
      looksLike: { en: 'the sequence is read backwards', zh: '序列读反了' },
    },
    {
      name: 'each step starts from zeros',
      replace: [[call, 'lstmStep(step, tf.zerosLike(h), tf.zerosLike(c), W, b)']],
      killedBy: [sequence, memory],
      looksLike: { en: 'the state is not carried from step to step', zh: '状态没有一步步传下去' },
    },
    {
      name: 'the memory is not carried',
      replace: [[call, 'lstmStep(step, h, tf.zerosLike(c), W, b)']],
      killedBy: [sequence, memory],
      looksLike: { en: 'the memory c is not carried from step to step', zh: '记忆 c 没有一步步传下去' },
    },
    {
      name: 'no gradient through the memory',
      replace: [[newC, 'c = tf.where(tokens[t]!, tf.tensor2d(next.c.dataSync() as Float32Array, next.c.shape), c);']],
      killedBy: [grads, memory],
      looksLike: { en: 'no gradient flows back through the memory', zh: '梯度没有沿记忆传回去' },
    },
    {
      name: 'c returned is the memory of the first row',
      replace: [['h, c };', 'h, c: c.slice([0], [1]).tile([B, 1]) };']],
      killedBy: sequence,
      looksLike: { en: 'every row gets the memory of the first', zh: '每一行拿到的都是第一行的记忆' },
    },
    {
      name: 'the mask of the first row for all',
      replace: [['tf.split(mask.greater<tf.Tensor2D>(0),', 'tf.split(mask.slice([0], [1]).greater<tf.Tensor2D>(0),']],
      killedBy: [sequence, grads],
      looksLike: { en: 'every row is masked like the first', zh: '每一行用的都是第一行的掩码' },
    },
    {
      name: 'the state of the first row for all',
      replace: [
        [
          'add<tf.Tensor2D>(b); //',
          'add<tf.Tensor2D>(b).mul(0).add<tf.Tensor2D>(tf.concat([x, h], 1).slice([0], [1]).matMul(W).add(b)); //',
        ],
      ],
      killedBy: ['lstmStep: a batch of two equals two singles', 'lstmSeq: a batch of two equals two singles'],
      looksLike: { en: 'every row gets the gates of the first', zh: '每一行用的都是第一行的门' },
    },
    {
      name: 'weights copied out of the graph',
      replace: [['.matMul(W)', '.matMul(tf.tensor2d(W.dataSync() as Float32Array, W.shape))']],
      killedBy: [grads, 'lstmStep: gradients are finite and not zero', 'lstmSeq: gradients are finite and not zero'],
      looksLike: { en: 'no gradient reaches W', zh: '梯度到不了 W' },
    },
  ],
});
