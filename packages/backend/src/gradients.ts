/**
 * Gradients that TF.js lacks (Einsum, GatherNd, ScatterNd, StridedSlice, TopK) or gets wrong in 4.22: three elementwise ones did not
 * sum over broadcast dimensions, Prod failed on a negative axis, Cumsum transposed its result when the axis was not the last, and GatherV2 knew one
 * batch dimension at most, in a loop. (The gradient of matMul is in gemm/gradient.ts.)
 * The registry is global and a gradient is made of ops, so one entry serves every backend.
 */
import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import * as core from '@tensorflow/tfjs-core';
import { batchedGatherGradient } from './batched-gather.ts';
import { decodeEinsum, einsumGradient } from './einsum.ts';

type Attributes<T> = T & NamedAttrMap;

const gradients: GradConfig[] = [
  {
    kernelName: core.SquaredDifference,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved as [Tensor, Tensor];
      const slope = () => one(dy).mul(a.sub(b)).mul(2);
      return { a: () => sumTo(slope(), a.shape), b: () => sumTo(slope().neg(), b.shape) };
    },
  },
  {
    kernelName: core.Maximum,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved as [Tensor, Tensor];
      return { a: () => sumTo(masked(dy, a.greaterEqual(b)), a.shape), b: () => sumTo(masked(dy, a.less(b)), b.shape) };
    },
  },
  {
    kernelName: core.Minimum,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved as [Tensor, Tensor];
      return { a: () => sumTo(masked(dy, a.lessEqual(b)), a.shape), b: () => sumTo(masked(dy, a.greater(b)), b.shape) };
    },
  },
  {
    kernelName: core.Cumsum,
    inputsToSave: ['x'],
    gradFunc: (dy, _, attrs) => {
      const { axis, exclusive, reverse } = attrs as Attributes<core.CumsumAttrs>;
      return { x: () => core.cumsum(one(dy), axis, exclusive, !reverse) };
    },
  },
  {
    // The product of the others, also where a factor is 0: what stands before times what stands after.
    kernelName: core.Prod,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => {
      const [x] = saved as [Tensor];
      const axes = core.util.parseAxisParam((attrs as Attributes<core.ProdAttrs>).axis, x.shape);
      return { x: () => prodGradient(one(dy), x, axes) };
    },
  },
  {
    kernelName: core.Einsum,
    // The inputs of an einsum are numbered (input0, input1 ...), so all of them are saved.
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) => {
      const equation = decodeEinsum((attrs as Attributes<core.EinsumAttrs>).equation);
      return Object.fromEntries(saved.map((_, k) => [`${k}`, () => einsumGradient(equation, k, one(dy), saved)]));
    },
  },
  {
    kernelName: core.GatherV2,
    inputsToSave: ['x', 'indices'],
    gradFunc: (dy, saved, attrs) => {
      const [x, indices] = saved as [Tensor, Tensor];
      const { axis, batchDims } = attrs as Attributes<core.GatherV2Attrs>;
      const place = core.util.parseAxisParam(axis, x.shape)[0]!;
      return { x: () => batchedGatherGradient(one(dy), x.shape, indices, place, batchDims ?? 0), indices: () => core.zerosLike(indices) };
    },
  },
  {
    kernelName: core.GatherNd,
    inputsToSave: ['params', 'indices'],
    gradFunc: (dy, saved) => {
      const [params, indices] = saved as [Tensor, Tensor];
      return { params: () => core.scatterND(indices, one(dy), params.shape), indices: () => core.zerosLike(indices) };
    },
  },
  {
    kernelName: core.ScatterNd,
    inputsToSave: ['indices'],
    gradFunc: (dy, saved) => {
      const [indices] = saved as [Tensor];
      return { indices: () => core.zerosLike(indices), updates: () => core.gatherND(one(dy), indices) };
    },
  },
  {
    // The same cut through a tensor of flat indices says where each element came from.
    kernelName: core.StridedSlice,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => {
      const [x] = saved as [Tensor];
      const a = attrs as Attributes<core.StridedSliceAttrs>;
      const cut = (t: Tensor) =>
        core.stridedSlice(t, a.begin, a.end, a.strides, a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask);
      return {
        x: () => {
          const from = cut(core.range(0, x.size, 1, 'int32').reshape(x.shape)).flatten() as core.Tensor1D;
          return core.unsortedSegmentSum(one(dy).flatten(), from, x.size).reshape(x.shape);
        },
      };
    },
  },
  {
    kernelName: core.TopK,
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: (dy, saved) => {
      const [x, indices] = saved as [Tensor, Tensor];
      const values = (dy as Tensor[])[0]!;
      return { x: () => core.oneHot(indices.toInt(), x.shape.at(-1)!).cast('float32').mul(values.expandDims(-1)).sum(-2) };
    },
  },
];

for (const gradient of gradients) core.registerGradient(gradient);

// --- helpers ---

function one(dy: Tensor | Tensor[]): Tensor {
  return dy as Tensor;
}

function masked(dy: Tensor | Tensor[], condition: Tensor): Tensor {
  return one(dy).mul(condition.cast('float32'));
}

/** Undoes a broadcast: sums `t` over the dimensions that `shape` lacks or has as 1. */
function sumTo(t: Tensor, shape: number[]): Tensor {
  const extra = t.rank - shape.length;
  const axes = t.shape.flatMap((size, i) => (i < extra || (shape[i - extra] === 1 && size !== 1) ? [i] : []));
  return axes.length === 0 ? t.reshape(shape) : t.sum(axes).reshape(shape);
}

function prodGradient(dy: Tensor, x: Tensor, axes: number[]): Tensor {
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const perm = [...kept, ...axes];
  const inverse = perm.map((_, i) => perm.indexOf(i));
  const moved = x.transpose(perm);
  const rows = moved.reshape([kept.reduce((n, i) => n * x.shape[i]!, 1), -1]);
  const others = core.cumprod(rows, 1, true, false).mul(core.cumprod(rows, 1, true, true));
  return others
    .mul(dy.reshape([-1, 1]))
    .reshape(moved.shape)
    .transpose(inverse);
}
