import { defineMutants } from '@llm-ladder/grader/course';

const bend = "const bent = act === 'tanh' ? wide.tanh() : wide.relu();";
const narrow = 'return bent.matMul(W2).add(b2).reshape(x.shape) as T;';
const identity = 'if (!training || p === 0) return x.clone();';
const draw = "tf.randomUniform(x.shape, 0, 1, 'float32', seed)";
const drop = "return x.mul(kept.cast('float32')).div(1 - p) as T;";
const seed = '1 + Math.floor(rng() * 2 ** 31)';

export default defineMutants({
  mutants: [
    {
      name: 'activation after W2',
      replace: [
        [bend, 'const bent = wide;'],
        [narrow, "const out = bent.matMul(W2).add(b2); return (act === 'tanh' ? out.tanh() : out.relu()).reshape(x.shape) as T;"],
      ],
      killedBy: ['ffn matches PyTorch', 'the activation stands between the two layers'],
      looksLike: {
        en: 'the activation comes after the second layer: no output can be negative',
        zh: '激活函数放到了第二层之后：输出不可能为负',
      },
    },
    {
      name: 'no activation',
      replace: [[bend, 'const bent = wide;']],
      killedBy: ['ffn matches PyTorch', 'ffn with tanh matches PyTorch'],
      looksLike: { en: 'the activation is missing: two linear layers are one linear layer', zh: '缺少激活函数：两个线性层只相当于一个' },
    },
    {
      name: 'always relu',
      replace: [[bend, 'const bent = wide.relu();']],
      killedBy: ['ffn with tanh matches PyTorch', 'ffn takes any number of leading dims'],
      looksLike: { en: 'act is not used: it is always relu', zh: '没有理会 act：总是 relu' },
    },
    {
      name: 'tanh by default',
      replace: [["act: Activation = 'relu'", "act: Activation = 'tanh'"]],
      killedBy: 'the activation stands between the two layers',
      looksLike: { en: 'without act it is relu', zh: '不给 act 时应为 relu' },
    },
    {
      name: 'no second bias',
      replace: [[narrow, 'return bent.matMul(W2).reshape(x.shape) as T;']],
      killedBy: ['ffn matches PyTorch', 'the activation stands between the two layers'],
      looksLike: { en: 'b2 is not added', zh: '没有加 b2' },
    },
    {
      name: 'only for three dims',
      replace: [
        ['const rows = x.reshape<tf.Tensor2D>([-1, D]);', 'const rows = x.reshape<tf.Tensor2D>([x.shape[0]! * x.shape[1]!, x.shape[2]!]);'],
      ],
      killedBy: 'ffn takes any number of leading dims',
      looksLike: { en: 'the code expects exactly three dims', zh: '代码只接受三维张量' },
    },
    {
      name: 'ffn mixes the sentences of a batch',
      replace: [['const rows = x.reshape', 'const rows = x.sub(x.mean(0, true)).reshape']],
      killedBy: ['ffn matches PyTorch', 'ffn: a batch of two equals two singles'],
      looksLike: { en: 'one batch row changes another', zh: '一条数据影响了另一条数据' },
    },
    {
      name: 'no 1/(1-p)',
      replace: [[drop, "return x.mul(kept.cast('float32')) as T;"]],
      killedBy: ['what survives is divided by 1 - p', 'dropout keeps the mean within 2 %'],
      looksLike: { en: 'the survivors are not divided by 1 - p, so the mean shrinks', zh: '留下的元素没有除以 1 - p，均值变小了' },
    },
    {
      name: 'divides by p',
      replace: [[drop, "return x.mul(kept.cast('float32')).div(p) as T;"]],
      killedBy: ['what survives is divided by 1 - p', 'gradients flow through the survivors only'],
      looksLike: { en: 'the survivors are divided by p; the share that survives is 1 - p', zh: '留下的元素除以了 p；留下的比例是 1 - p' },
    },
    {
      name: 'active outside training',
      replace: [[identity, 'if (p === 0) return x.clone();']],
      killedBy: 'outside training dropout changes nothing',
      looksLike: { en: 'dropout drops outside training too', zh: '不在训练时也在丢弃' },
    },
    {
      name: 'scales outside training instead',
      replace: [
        [identity, 'if (!training) return x.mul(1 - p) as T;'],
        [drop, "return x.mul(kept.cast('float32')) as T;"],
      ],
      killedBy: ['outside training dropout changes nothing', 'what survives is divided by 1 - p'],
      looksLike: {
        en: 'it scales by 1 - p outside training (the 2014 form); here the scaling happens in training',
        zh: '在训练之外乘以 1 - p（2014 年的写法）；这里在训练时缩放',
      },
    },
    {
      name: 'keeps with probability p',
      replace: [
        ['.greaterEqual(p)', '.less(p)'],
        [identity, 'if (!training) return x.clone();'],
      ],
      killedBy: ['p is the share that is dropped', 'p = 0 changes nothing'],
      looksLike: { en: 'p is taken as the share that stays; it is the share that goes', zh: 'p 被当成了保留的比例；它是丢弃的比例' },
    },
    {
      name: 'drops whole rows',
      replace: [[draw, "tf.randomUniform([...x.shape.slice(0, -1), 1], 0, 1, 'float32', seed)"]],
      killedBy: 'each element is dropped on its own',
      looksLike: { en: 'whole rows are dropped at once', zh: '整行一起被丢弃' },
    },
    {
      name: 'the same columns in every row',
      replace: [[draw, "tf.randomUniform(x.shape.slice(-1), 0, 1, 'float32', seed)"]],
      killedBy: 'each element is dropped on its own',
      looksLike: { en: 'every row drops the same columns', zh: '每一行丢弃的都是同样的列' },
    },
    {
      name: 'Math.random',
      replace: [[seed, '1 + Math.floor(Math.random() * 2 ** 31)']],
      killedBy: 'chance comes from rng alone',
      looksLike: {
        en: 'the mask does not come from rng: two runs with one seed differ',
        zh: '掩码不是由 rng 产生的：同一个种子跑两次结果不同',
      },
    },
    {
      name: 'fixed seed',
      replace: [[seed, '42']],
      killedBy: 'chance comes from rng alone',
      looksLike: { en: 'the mask is the same for every rng', zh: '不管 rng 是什么，掩码都一样' },
    },
    {
      name: 'gradients of the dropped elements too',
      replace: [[drop, "return x.add(tf.tensor(x.mul(kept.cast('float32')).div(1 - p).sub(x).dataSync(), x.shape)) as T;"]],
      killedBy: 'gradients flow through the survivors only',
      looksLike: { en: 'the gradient ignores the mask', zh: '梯度没有经过掩码' },
    },
    {
      name: 'few seeds',
      replace: [['rng() * 2 ** 31', 'rng() * 100']],
      killedBy: 'forty states of rng give forty masks',
      looksLike: { en: 'the seed takes only a few values, so masks come back', zh: '种子只有很少几种取值，掩码会重复出现' },
    },
  ],
  survivors: [
    {
      why: 'TF.js multiplies a tensor of any rank by a matrix: flat rows are only faster',
      mutants: ['call: x.reshape<tf.Tensor2D>([-1, D]) -> x'],
    },
    {
      why: 'with p = 0 the other branch keeps every element and divides by 1: the early return only saves time',
      mutants: ['constant: p === 0 -> p === -1', 'constant: p === 0 -> p === 1'],
    },
    {
      why: "from outside its box the caller's own tensor looks like a copy of it",
      mutants: ['call: x.clone() -> x'],
    },
    {
      why: 'seeds of another range, or not rounded, are as random: TF.js takes any number, and 0 comes once in 2^31 draws',
      mutants: [
        'constant: 1 + Math.floor(rng() * 2 ** 31) -> 0 + Math.floor(rng() * 2 ** 31)',
        'constant: 1 + Math.floor(rng() * 2 ** 31) -> 2 + Math.floor(rng() * 2 ** 31)',
        'operator: 1 + Math.floor(rng() * 2 ** 31) -> 1 - Math.floor(rng() * 2 ** 31)',
        'call: Math.floor(rng() * 2 ** 31) -> (rng() * 2 ** 31)',
        'method: Math.floor(rng() * 2 ** 31) -> Math.ceil(rng() * 2 ** 31)',
        'constant: 2 ** 31 -> 3 ** 31',
        'constant: 2 ** 31 -> 2 ** 30',
        'constant: 2 ** 31 -> 2 ** 32',
      ],
    },
    {
      why: 'a uniform number is as likely to lie in one half-open interval as in the other',
      mutants: [
        "arguments: tf.randomUniform(x.shape, 0, 1, 'float32', seed) -> tf.randomUniform(x.shape, 1, 0, 'float32', seed)",
        "method: tf.randomUniform(x.shape, 0, 1, 'float32', seed).greaterEqual(p) -> tf.randomUniform(x.shape, 0, 1, 'float32', seed).greater(p)",
      ],
    },
    {
      why: 'TF.js multiplies a boolean tensor as zeros and ones: the cast only says so',
      mutants: ["call: kept.cast('float32') -> kept"],
    },
  ],
});
