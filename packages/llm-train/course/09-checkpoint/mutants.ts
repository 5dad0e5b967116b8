import { defineMutants } from '@llm-ladder/grader/course';

const resumes = 'ten steps, a checkpoint and ten more equal twenty steps, bit for bit';
const whole = 'nothing is left out: means, random numbers, the place in the data, the rate';
const bits = 'every bit of a float32 comes back';
const numbers = 'plain numbers come back exactly';
const kinds = 'dtypes and shapes come back';
const anywhere = 'the bytes may lie anywhere in a larger buffer';
const once = 'a tied weight is stored once';
const damage = 'a damaged checkpoint is refused';
const unfit = 'what cannot be kept is refused when saving';
const newest = 'the newest has the largest number, not the last name';
const few = 'all but the newest few expire, and nothing else';
const passed = 'a damaged file is passed over, the one before it used';

const entries = 'return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, encode(item,';
const without = (names: string) =>
  `return Object.fromEntries(Object.entries(node).filter(([name]) => !${names}.includes(name)).map(([name, item]) => [name, encode(item,`;
const finite = "if (typeof node === 'number')";
const sum =
  "if (checksum(bytes.subarray(0, -4)) !== view.getUint32(bytes.length - 4, true)) throw damaged('bytes that are cut off or changed');";
const caught = 'if (!(error instanceof UsageError)) throw error;';
const pattern = String.raw`/^step-(\d+)\.ckpt$/`;

export default defineMutants({
  mutants: [
    {
      name: 'the means of the optimizer are lost',
      replace: [
        [entries, without("['m', 'v']")],
        [
          'return decode(tree);',
          'const state = decode(tree) as any; if (state?.optimizer) { const zeros = Object.values(state.weights).filter((w) => w instanceof tf.Tensor).map((w) => tf.zerosLike(w as tf.Tensor)); state.optimizer.m = zeros; state.optimizer.v = zeros.map((z) => z.clone()); } return state;',
        ],
      ],
      killedBy: [resumes, whole],
      looksLike: { en: "the optimizer's means start at 0 again after loading", zh: '加载后优化器的滑动平均又从 0 开始了' },
    },
    {
      name: 'the data begins anew',
      replace: [['return decode(tree);', 'const state = decode(tree) as any; if (state?.data) state.data.cursor = 0; return state;']],
      killedBy: [resumes, whole],
      looksLike: { en: 'after loading the data starts from the beginning of its epoch', zh: '加载后数据又从这一轮的开头读起' },
    },
    {
      name: 'the random numbers begin anew',
      replace: [
        [
          'return decode(tree);',
          'const state = decode(tree) as any; if (state?.rng) state.rng = Array.isArray(state.rng) ? [1, 2] : Uint32Array.of(1); return state;',
        ],
      ],
      killedBy: [resumes, whole],
      looksLike: { en: 'the state of the random numbers is not restored', zh: '没有恢复随机数的状态' },
    },
    {
      name: 'the schedule begins anew',
      replace: [['return decode(tree);', 'const state = decode(tree) as any; if (state?.schedule) state.schedule.step = 0; return state;']],
      killedBy: [resumes, whole],
      looksLike: { en: 'the step of the schedule is not restored: the rate is high again', zh: '没有恢复学习率的步数：学习率又变高了' },
    },
    {
      name: "the optimizer's count is lost",
      replace: [
        ['return decode(tree);', 'const state = decode(tree) as any; if (state?.optimizer) state.optimizer.step = 0; return state;'],
      ],
      killedBy: [resumes, whole],
      looksLike: { en: "the optimizer's step count is not restored", zh: '没有恢复优化器的步数' },
    },
    {
      name: 'weights rounded to six digits',
      replace: [
        [
          'const data = leaf instanceof tf.Tensor ? (leaf.dataSync() as Data) : leaf;',
          'const own = leaf instanceof tf.Tensor ? (leaf.dataSync() as Data) : leaf; const data = own instanceof Float32Array ? own.map((x) => Number(x.toPrecision(6))) : own;',
        ],
      ],
      killedBy: [resumes, bits],
      looksLike: { en: 'weights pass through decimal text and lose their last bits', zh: '权重经过十进制文本，丢了最后几位' },
    },
    {
      name: 'weights through float16 or so',
      replace: [
        [
          'const data = leaf instanceof tf.Tensor ? (leaf.dataSync() as Data) : leaf;',
          'const own = leaf instanceof tf.Tensor ? (leaf.dataSync() as Data).slice() : leaf; const data = own; if (own instanceof Float32Array) { const words = new Uint32Array(own.buffer); for (let i = 0; i < words.length; i++) words[i]! &= 0xffff0000; }',
        ],
      ],
      killedBy: [resumes, whole, bits],
      looksLike: { en: 'weights are saved with fewer bits than they have', zh: '保存的权重位数变少了' },
    },
    {
      name: 'numbers that JSON lacks become null',
      replace: [[finite, "if (typeof node === 'number') return node; if (typeof node === 'bigint')"]],
      killedBy: numbers,
      looksLike: { en: 'NaN, infinity and -0 do not survive JSON', zh: 'NaN、无穷和 -0 过不了 JSON' },
    },
    {
      name: 'everything becomes float32',
      replace: [['[...tensor.shape], tensor.dtype)', '[...tensor.shape])']],
      killedBy: kinds,
      looksLike: { en: 'the dtype of int32 and bool tensors is lost', zh: '丢了 int32 和 bool 张量的类型' },
    },
    {
      name: 'shapes are flattened',
      replace: [
        ['tf.tensor(data as Float32Array, [...tensor.shape], tensor.dtype)', 'tf.tensor(data as Float32Array, [length], tensor.dtype)'],
      ],
      killedBy: [kinds, whole],
      looksLike: { en: 'tensors come back with one axis', zh: '张量变成了一维' },
    },
    {
      name: 'blocks run into one another',
      replace: [
        ['offset = aligned(offset + block.length * ARRAYS[block.array].BYTES_PER_ELEMENT);', 'offset = aligned(offset + block.length);'],
      ],
      killedBy: [resumes, whole],
      looksLike: { en: 'a block is counted in elements, not in bytes: blocks overlap', zh: '块的大小按元素而不是字节计算：块互相覆盖' },
    },
    {
      name: 'a typed array becomes a list',
      replace: [
        [
          'if (node instanceof tf.Tensor || isData(node)) return { $: blockOf(node) };',
          'if (node instanceof tf.Tensor) return { $: blockOf(node) }; if (isData(node)) return Array.from(node, (x) => encode(x, path));',
        ],
      ],
      killedBy: kinds,
      looksLike: { en: 'typed arrays come back as lists', zh: '类型化数组变成了普通数组' },
    },
    {
      name: 'byteOffset ignored',
      replace: [['new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)', 'new DataView(bytes.buffer)']],
      killedBy: anywhere,
      looksLike: { en: 'the bytes are taken to begin where their buffer begins', zh: '以为字节从缓冲区的开头开始' },
    },
    {
      name: 'a tied weight is stored twice',
      replace: [['if (known !== undefined) return known;', '']],
      killedBy: once,
      looksLike: { en: 'a tensor in two places is saved twice', zh: '出现在两处的张量被存了两份' },
    },
    {
      name: 'equal shapes are taken for one tensor',
      replace: [
        [
          'const known = leaves.get(leaf);',
          'const known = leaf instanceof tf.Tensor ? [...leaves].find(([other]) => other instanceof tf.Tensor && String(other.shape) === String(leaf.shape))?.[1] : leaves.get(leaf);',
        ],
      ],
      killedBy: [resumes, whole],
      looksLike: { en: 'two tensors of one shape are stored as one', zh: '形状相同的两个张量被当成了一个' },
    },
    {
      name: 'no checksum',
      replace: [[sum, '']],
      killedBy: [damage, passed],
      looksLike: { en: 'changed bytes are loaded without a word', zh: '被改动的字节不声不响地加载了' },
    },
    {
      name: 'a checksum of the header only',
      replace: [
        [sum, sum.replace('bytes.subarray(0, -4)', 'bytes.subarray(0, 64)')],
        ['checksum(bytes.subarray(0, -4)), true);', 'checksum(bytes.subarray(0, 64)), true);'],
      ],
      killedBy: damage,
      looksLike: { en: 'changes in the data are not noticed', zh: '没有发现数据部分的改动' },
    },
    {
      name: 'a plain sum of all bytes',
      replace: [
        [sum, sum.replace('checksum(bytes.subarray(0, -4))', 'bytes.subarray(0, -4).reduce((all, byte) => all + byte, 0)')],
        ['checksum(bytes.subarray(0, -4)), true);', 'bytes.subarray(0, -4).reduce((all, byte) => all + byte, 0), true);'],
      ],
      killedBy: damage,
      looksLike: { en: 'bytes that change places are not noticed', zh: '没有发现字节互换了位置' },
    },
    {
      name: 'keeps what it cannot keep as {}',
      replace: [
        ["typeof node === 'object' && Object.getPrototypeOf(node) === Object.prototype && !('$' in node)", "typeof node === 'object'"],
      ],
      killedBy: unfit,
      looksLike: { en: 'an object of a class is saved as a bare object', zh: '某个类的对象被存成了空对象' },
    },
    {
      name: 'leaves out functions and undefined',
      replace: [["throw new UsageError('save',", "if (path !== '') return undefined; throw new UsageError('save',"]],
      killedBy: unfit,
      looksLike: { en: 'what cannot be saved is left out silently', zh: '存不了的东西被悄悄丢掉了' },
    },
    {
      name: 'sorted by name',
      replace: [['numbered.sort((a, b) => b.step - a.step)', 'numbered.sort((a, b) => (a.name < b.name ? 1 : -1))']],
      killedBy: [newest, few, passed],
      looksLike: { en: 'step-9 counts as newer than step-10: sort by number', zh: 'step-9 被当成比 step-10 新：应按数值排序' },
    },
    {
      name: 'oldest first',
      replace: [['b.step - a.step', 'a.step - b.step']],
      killedBy: [newest, few, passed],
      looksLike: { en: 'the oldest checkpoint is taken for the newest', zh: '把最旧的存档当成了最新的' },
    },
    {
      name: 'half-written files count',
      replace: [[pattern, String.raw`/step-(\d+)\.ckpt/`]],
      killedBy: [newest, few],
      looksLike: { en: 'names that only contain the pattern count: .tmp, old- ...', zh: '只要包含这个模式的名字都算了：.tmp、old- 等' },
    },
    {
      name: 'keeps the oldest',
      replace: [['newestFirst(names).slice(keep)', 'newestFirst(names).slice(0, -keep)']],
      killedBy: few,
      looksLike: { en: 'the newest checkpoints are the ones to be deleted', zh: '要删除的竟是最新的存档' },
    },
    {
      name: 'keeps one too few',
      replace: [['newestFirst(names).slice(keep)', 'newestFirst(names).slice(keep - 1)']],
      killedBy: few,
      looksLike: { en: 'one checkpoint too many is deleted', zh: '多删了一个存档' },
    },
    {
      name: 'gives up at the first damaged file',
      replace: [[caught, 'throw error;']],
      killedBy: passed,
      looksLike: { en: 'a damaged newest file ends the search', zh: '最新文件损坏时就放弃了' },
    },
    {
      name: 'reads every file first',
      replace: [
        [
          'for (const name of newestFirst(names)) {',
          'for (const name of newestFirst(names)) await read(name);\n  for (const name of newestFirst(names)) {',
        ],
      ],
      killedBy: passed,
      looksLike: { en: 'all files are read, though one would do', zh: '读了所有文件，其实一个就够' },
    },
  ],
  naive: [
    {
      name: 'gathers all numbers in lists first',
      replace: [
        [
          'for (const [leaf, number] of leaves) {',
          'const copies = [...leaves.keys()].map((leaf) => Array.from(leaf instanceof tf.Tensor ? leaf.dataSync() : leaf));\n  const numbers = copies.map((copy) => Float64Array.from(copy));\n  if (numbers.length !== leaves.size) throw new Error();\n  for (const [leaf, number] of leaves) {',
        ],
      ],
      fails: 'saving needs the bytes once',
    },
  ],
  survivors: [
    {
      why: 'the layout of the bytes is open: blocks are copied before they are read, so they may lie anywhere',
      mutants: [
        'constant: offset = 0 -> offset = 1',
        'call: aligned(offset + block.length * ARRAYS[block.array].BYTES_PER_ELEMENT) -> (offset + block.length * ARRAYS[block.array].BYTES_PER_ELEMENT)',
      ],
    },
    {
      why: 'the layout of the bytes is open: every number may be written as its name',
      mutants: ['condition: Number.isFinite(node) && !Object.is(node, -0) -> false'],
    },
    {
      why: 'Object.is does not mind which comes first',
      mutants: ['arguments: Object.is(node, -0) -> Object.is(-0, node)', 'arguments: Object.is(node, -0) -> Object.is(-0, node) #2'],
    },
    {
      why: 'the words of an error are open',
      mutants: ["argument: encode(state, 'state') -> encode(state)"],
    },
    {
      why: 'bytes that are too short or of another kind fail their checksum as well, and none of just that length is whole',
      mutants: [
        'operator: bytes.length < from + 4 -> bytes.length <= from + 4',
        'operator: from + 4 -> from - 4',
        'constant: from + 4 -> from + 3',
        'constant: from + 4 -> from + 5',
        'constant: from + 4 -> from + 0',
        'operator: bytes.length < from + 4 || new TextDecoder().decode(byte -> bytes.length < from + 4 && new TextDecoder().decode(byte',
      ],
    },
    {
      why: 'a subtraction makes numbers of the digits',
      mutants: ['call: Number(match[1]) -> (match[1])'],
    },
    {
      why: 'for bytes, load throws nothing but a UsageError',
      mutants: ['condition: !(error instanceof UsageError) -> false'],
    },
  ],
});
