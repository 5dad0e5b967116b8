/** How each op of src/ops.ts is called in TF.js: the other half of a case in fixtures/ops.json. */
import { tf } from '../src/index.ts';

/** Every argument that a case may carry; each op reads its own. */
type Args = Readonly<
  Record<
    | 'alpha'
    | 'axis'
    | 'batchDims'
    | 'begin'
    | 'columns'
    | 'depth'
    | 'dtype'
    | 'end'
    | 'equation'
    | 'exclusive'
    | 'k'
    | 'keepDims'
    | 'lower'
    | 'max'
    | 'min'
    | 'num'
    | 'paddings'
    | 'parts'
    | 'perm'
    | 'reps'
    | 'reverse'
    | 'rows'
    | 'segments'
    | 'shape'
    | 'size'
    | 'start'
    | 'step'
    | 'stop'
    | 'strides'
    | 'transposeA'
    | 'transposeB'
    | 'upper'
    | 'value',
    never
  >
>;
type Call = (inputs: tf.Tensor[], args: Args) => unknown;

/** Passes the inputs as they are: `tf.add(a, b)`. */
const plain = [
  ...[
    'abs',
    'neg',
    'exp',
    'expm1',
    'log',
    'log1p',
    'sqrt',
    'rsqrt',
    'square',
    'reciprocal',
    'sin',
    'cos',
    'tan',
    'tanh',
    'sinh',
    'cosh',
    'asin',
  ],
  ...[
    'acos',
    'atan',
    'asinh',
    'acosh',
    'atanh',
    'erf',
    'sigmoid',
    'logSigmoid',
    'softplus',
    'relu',
    'relu6',
    'elu',
    'selu',
    'ceil',
    'floor',
    'round',
  ],
  ...[
    'sign',
    'isNaN',
    'isInf',
    'isFinite',
    'add',
    'sub',
    'mul',
    'div',
    'divNoNan',
    'floorDiv',
    'mod',
    'pow',
    'maximum',
    'minimum',
    'atan2',
    'prelu',
  ],
  ...[
    'squaredDifference',
    'equal',
    'notEqual',
    'less',
    'lessEqual',
    'greater',
    'greaterEqual',
    'logicalAnd',
    'logicalOr',
    'logicalXor',
    'logicalNot',
  ],
  ...[
    'where',
    'softmax',
    'logSoftmax',
    'dot',
    'outerProduct',
    'diag',
    'gatherND',
    'tensorScatterUpdate',
    'searchSorted',
    'lowerBound',
    'upperBound',
  ],
  ...['booleanMaskAsync', 'whereAsync', 'zerosLike', 'onesLike', 'meshgrid'],
];

const calls: Record<string, Call> = {
  ...Object.fromEntries(
    plain.map((name) => [name, (inputs) => (tf as unknown as Record<string, (...xs: tf.Tensor[]) => unknown>)[name]!(...inputs)]),
  ),
  addN: (inputs) => tf.addN(inputs),
  cast: ([x], { dtype }) => x!.cast(dtype),
  leakyRelu: ([x], { alpha }) => tf.leakyRelu(x!, alpha),
  clipByValue: ([x], { min, max }) => tf.clipByValue(x!, min, max),
  step: ([x], { alpha }) => tf.step(x!, alpha),
  ...reductions('sum', 'mean', 'prod', 'max', 'min', 'all', 'any', 'moments', 'logSumExp', 'euclideanNorm'),
  argMax: ([x], { axis }) => tf.argMax(x!, axis),
  argMin: ([x], { axis }) => tf.argMin(x!, axis),
  norm: ([x]) => tf.norm(x!),
  euclideanNorm: ([x], { axis }) => tf.euclideanNorm(x!, axis),
  moments: ([x], { axis, keepDims }) => Object.values(pick(tf.moments(x!, axis, keepDims), 'mean', 'variance')),
  cumsum: ([x], { axis, exclusive, reverse }) => tf.cumsum(x!, axis, exclusive, reverse),
  cumprod: ([x], { axis }) => tf.cumprod(x!, axis),
  matMul: ([a, b], { transposeA, transposeB }) => tf.matMul(a!, b!, transposeA, transposeB),
  einsum: (inputs, { equation }) => tf.einsum(equation, ...inputs),
  reshape: ([x], { shape }) => x!.reshape(shape),
  transpose: ([x], { perm }) => x!.transpose(perm),
  expandDims: ([x], { axis }) => x!.expandDims(axis),
  squeeze: ([x], { axis }) => x!.squeeze(axis),
  broadcastTo: ([x], { shape }) => tf.broadcastTo(x!, shape),
  tile: ([x], { reps }) => tf.tile(x!, reps),
  slice: ([x], { begin, size }) => tf.slice(x!, begin, size),
  stridedSlice: ([x], { begin, end, strides }) => tf.stridedSlice(x!, begin, end, strides),
  concat: (inputs, { axis }) => tf.concat(inputs, axis),
  stack: (inputs, { axis }) => tf.stack(inputs, axis),
  unstack: ([x], { axis }) => tf.unstack(x!, axis),
  split: ([x], { parts, axis }) => tf.split(x!, parts, axis),
  pad: ([x], { paddings, value }) => tf.pad(x!, paddings, value),
  mirrorPad: ([x], { paddings }) => tf.mirrorPad(x!, paddings, 'reflect'),
  reverse: ([x], { axis }) => tf.reverse(x!, axis),
  'linalg.bandPart': ([x], { lower, upper }) => tf.linalg.bandPart(x!, lower, upper),
  gather: ([x, indices], { axis, batchDims }) => tf.gather(x!, indices!, axis, batchDims),
  scatterND: ([indices, updates], { shape }) => tf.scatterND(indices!, updates!, shape),
  unsortedSegmentSum: ([x, ids], { segments }) => tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, segments),
  oneHot: ([x], { depth }) => tf.oneHot(x!, depth).cast('float32'),
  topk: ([x], { k }) => Object.values(pick(tf.topk(x!, k), 'values', 'indices')),
  bincount: ([x], { size }) => tf.bincount(x as tf.Tensor1D, tf.tensor1d([]), size),
  range: (_, { start, stop, step, dtype }) => tf.range(start, stop, step, dtype),
  linspace: (_, { start, stop, num }) => tf.linspace(start, stop, num),
  eye: (_, { rows, columns }) => tf.eye(rows, columns),
  fill: (_, { shape, value }) => tf.fill(shape, value),
  zeros: (_, { shape }) => tf.zeros(shape),
  ones: (_, { shape }) => tf.ones(shape),
};

/** Calls one op; a list or a Promise comes back as a list of tensors. */
export function callOp(op: string, inputs: tf.Tensor[], args: object): tf.Tensor[] | Promise<tf.Tensor[]> {
  const call = calls[op];
  if (call === undefined) throw new Error(`op-calls: expected a call for every op, got none for ${op}`);
  const result = call(inputs, args as Args);
  return result instanceof Promise ? result.then(list) : list(result);
}

function list(result: unknown): tf.Tensor[] {
  return Array.isArray(result) ? result : [result as tf.Tensor];
}

function reductions(...names: string[]): Record<string, Call> {
  type Reduce = (x: tf.Tensor, axis?: number, keepDims?: boolean) => unknown;
  return Object.fromEntries(
    names.map((name) => [name, ([x], { axis, keepDims }) => (tf as unknown as Record<string, Reduce>)[name]!(x!, axis, keepDims)]),
  );
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
