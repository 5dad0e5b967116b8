/** Slow loops in float64, written to be obviously right, and the comparison that the GEMM tests share. */

export interface Matrices {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Deterministic numbers in [-1, 1). */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed >>> 0 || 1;
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  });
}

export function random(shape: readonly number[], seed: number): Matrices {
  return { shape, values: numbers(size(shape), seed) };
}

export function size(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** The product in float64 and, beside it, the sum of absolute products: what rounding errors are measured against. */
export function slowMatMul(a: Matrices, b: Matrices, transposeA: boolean, transposeB: boolean) {
  const rank = Math.max(a.shape.length, b.shape.length);
  const aShape = [...Array(rank - a.shape.length).fill(1), ...a.shape] as number[];
  const bShape = [...Array(rank - b.shape.length).fill(1), ...b.shape] as number[];
  const outer = aShape.slice(0, -2).map((dim, i) => (dim === 1 ? bShape[i]! : dim));
  const [m, k] = transposeA ? [aShape.at(-1)!, aShape.at(-2)!] : [aShape.at(-2)!, aShape.at(-1)!];
  const n = transposeB ? bShape.at(-2)! : bShape.at(-1)!;
  const shape = [...outer, m, n];
  const values = new Float64Array(size(shape));
  const scale = new Float64Array(size(shape));
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
  const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
  for (let index = 0; index < size(outer); index++) {
    const where = [...unravel(index, outer), 0, 0];
    const aStart = ravel(where, aShape);
    const bStart = ravel(where, bShape);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const to = (index * m + i) * n + j;
        for (let p = 0; p < k; p++) {
          const x = a.values[aStart + i * aRow + p * aColumn]!;
          const y = b.values[bStart + p * bRow + j * bColumn]!;
          values[to]! += x * y;
          scale[to]! += Math.abs(x * y);
        }
      }
    }
  }
  return { shape, values, scale };
}

/** The worst error relative to the sum of absolute products; Infinity when the sizes differ or a value is not finite. */
export function worstError(got: ArrayLike<number>, expected: { values: Float64Array; scale: Float64Array }): number {
  if (got.length !== expected.values.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < got.length; i++) {
    const error = Math.abs(got[i]! - expected.values[i]!) / Math.max(expected.scale[i]!, 1e-30);
    if (!Number.isFinite(got[i]!)) return Number.POSITIVE_INFINITY;
    if (expected.values[i] !== got[i] && !(error <= worst)) worst = error;
  }
  return worst;
}

function unravel(index: number, shape: readonly number[]): number[] {
  const where: number[] = [];
  for (let i = shape.length - 1; i >= 0; i--) {
    where.unshift(index % shape[i]!);
    index = Math.floor(index / shape[i]!);
  }
  return where;
}

/** A coordinate past a dim of 1 is the broadcast one. */
function ravel(where: readonly number[], shape: readonly number[]): number {
  return shape.reduce((flat, dim, i) => flat * dim + (dim === 1 ? 0 : where[i]!), 0);
}
