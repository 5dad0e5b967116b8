/** From two shapes to the products that make up a batched matmul. Pure arithmetic, no TF.js. Dims: m rows of A, n columns of B, k summed. */
import { ShapeError } from '../errors.ts';

/** `times` products, `aStep` and `bStep` elements apart (0: the same matrix every time), from offsets in elements. */
interface Run {
  readonly times: number;
  readonly aStep: number;
  readonly bStep: number;
  readonly aOffset: number;
  readonly bOffset: number;
}

export interface Plan {
  readonly outShape: number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly runs: readonly Run[];
}

/** Plans A x B for shapes [..., m, k] and [..., k, n] (last two swapped where transposed), batch dims broadcast as in NumPy. Throws ShapeError. */
export function planMatMul(aShape: readonly number[], bShape: readonly number[], transposeA: boolean, transposeB: boolean): Plan {
  const says = () => `[${aShape}]${transposeA ? ' transposed' : ''} x [${bShape}]${transposeB ? ' transposed' : ''}`;
  if (aShape.length < 2 || bShape.length < 2) throw new ShapeError('matMul', 'two tensors of rank 2 or more', says());
  const [m, k] = lastTwo(aShape, transposeA);
  const [kOfB, n] = lastTwo(bShape, transposeB);
  if (k !== kOfB) throw new ShapeError('matMul', `inner dimensions that agree (${k} = ${kOfB})`, says());
  const aOuter = aShape.slice(0, -2);
  const bOuter = bShape.slice(0, -2);
  const outer = broadcast(aOuter, bOuter);
  if (outer === undefined) throw new ShapeError('matMul', 'batch dimensions that are equal or 1', says());
  const outShape = [...outer, m, n];
  const total = product(outer);
  if (total * m * n === 0) return { outShape, m, n, k, runs: [] };

  const aCount = product(aOuter);
  const bCount = product(bOuter);
  // One B for all rows of all A: a single tall product, so that B is packed once.
  if (bCount === 1 && aCount === total && !transposeA) return { outShape, m: m * total, n, k, runs: [run(1, 0, 0)] };
  const regular = (count: number) => count === 1 || count === total;
  if (regular(aCount) && regular(bCount)) {
    return { outShape, m, n, k, runs: [run(total, aCount === 1 ? 0 : m * k, bCount === 1 ? 0 : k * n)] };
  }
  const aIndex = batchIndex(aOuter, outer);
  const bIndex = batchIndex(bOuter, outer);
  const runs = Array.from({ length: total }, (_, i) => run(1, 0, 0, aIndex(i) * m * k, bIndex(i) * k * n));
  return { outShape, m, n, k, runs };
}

function run(times: number, aStep: number, bStep: number, aOffset = 0, bOffset = 0): Run {
  return { times, aStep, bStep, aOffset, bOffset };
}

function lastTwo(shape: readonly number[], transposed: boolean): [number, number] {
  const rows = shape[shape.length - 2] as number;
  const columns = shape[shape.length - 1] as number;
  return transposed ? [columns, rows] : [rows, columns];
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

function broadcast(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - (rank - a.length)] ?? 1;
    const y = b[i - (rank - b.length)] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    out.push(x === 1 ? y : x);
  }
  return out;
}

/** From an index over the broadcast batch dims to the index over the tensor's own. */
function batchIndex(own: readonly number[], outer: readonly number[]): (index: number) => number {
  return (index) => {
    let rest = index;
    let result = 0;
    let stride = 1;
    for (let i = outer.length - 1; i >= 0; i--) {
      const dim = outer[i] as number;
      const ownDim = own[i - (outer.length - own.length)] ?? 1;
      if (ownDim !== 1) result += (rest % dim) * stride;
      stride *= ownDim;
      rest = Math.floor(rest / dim);
    }
    return result;
  };
}
