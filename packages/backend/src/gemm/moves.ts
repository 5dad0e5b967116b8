/**
 * Kernels of the backend `wasm` that only move values. Stock TF.js copies the whole tensor for a clone, copies the whole tensor out of the heap
 * for any slice (so one row of a cache costs all of it), and goes through a JavaScript call per row for slice, split, concat and gather.
 */
import * as tf from '../tf.ts';
import { address, functionsOf, type WasmBackend } from './heap.ts';

type Params = Parameters<tf.KernelFunc>[0];
type Result = ReturnType<tf.KernelFunc>;
/** Returns undefined to leave the case to the stock kernel. */
type Mover = (backend: WasmBackend, inputs: tf.NamedTensorInfoMap, attrs: Params['attrs']) => Result | undefined;

/** Replaces Identity, Cast (to the same dtype), Slice, SplitV, Concat and GatherV2 of the backend `wasm`, which must be imported. */
export function registerMoves(): void {
  for (const [kernelName, mover] of Object.entries(movers)) {
    const stock = tf.getKernel(kernelName, 'wasm');
    if (stock === undefined) continue;
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      ...stock,
      kernelFunc: (params) => mover(params.backend as WasmBackend, params.inputs, params.attrs) ?? stock.kernelFunc(params),
    });
  }
}

const movers: Record<string, Mover> = {
  [tf.Identity]: (backend, inputs) => share(backend, inputs.x as tf.TensorInfo),
  [tf.Cast]: (backend, inputs, attrs) => {
    const x = inputs.x as tf.TensorInfo;
    return x.dtype === (attrs as unknown as tf.CastAttrs).dtype ? share(backend, x) : undefined;
  },
  [tf.Slice]: (backend, inputs, attrs) => {
    const x = inputs.x as tf.TensorInfo;
    const { begin, size } = attrs as unknown as tf.SliceAttrs;
    const [from, extent] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size) as [number[], number[]];
    tf.slice_util.assertParamsValid(x as tf.Tensor, from, extent);
    return slice(backend, x, from, extent);
  },
  [tf.SplitV]: (backend, inputs, attrs) => {
    const x = inputs.x as tf.TensorInfo;
    const { numOrSizeSplits, axis } = attrs as unknown as tf.SplitVAttrs;
    if (x.dtype === 'string') return undefined;
    const along = tf.util.parseAxisParam(axis, x.shape)[0] as number;
    const from = x.shape.map(() => 0);
    return tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along).map((width) => {
      const extent = x.shape.map((dim, i) => (i === along ? width : dim));
      const part = slice(backend, x, [...from], extent) as tf.TensorInfo;
      from[along] = (from[along] as number) + width;
      return part;
    });
  },
  [tf.Concat]: (backend, inputs, attrs) => {
    const parts = Object.values(inputs) as tf.TensorInfo[];
    const wasm = functionsOf(backend);
    const [first] = parts;
    if (first === undefined || wasm === undefined || first.dtype === 'string' || parts.some(({ dtype }) => dtype !== first.dtype))
      return undefined;
    const axis = tf.util.parseAxisParam((attrs as unknown as tf.ConcatAttrs).axis, first.shape)[0] as number;
    const shapes = parts.map(({ shape }) => shape);
    tf.backend_util.assertParamsConsistent(shapes, axis);
    const outShape = tf.backend_util.computeOutShape(shapes, axis);
    const out = backend.makeOutput(outShape, first.dtype);
    const blocks = tf.util.sizeFromShape(outShape.slice(0, axis));
    const rowBytes = (shape: readonly number[]) => tf.util.sizeFromShape(shape.slice(axis)) * tf.util.bytesPerElement(first.dtype);
    const step = rowBytes(outShape);
    let to = address(backend, out);
    for (const part of parts) {
      const bytes = rowBytes(part.shape);
      if (bytes > 0) wasm.copyBlocks(address(backend, part), to, blocks, bytes, bytes, step);
      to += bytes;
    }
    return out;
  },
  [tf.GatherV2]: (backend, inputs, attrs) => {
    const { x, indices } = inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
    const { axis, batchDims } = attrs as unknown as tf.GatherV2Attrs;
    const wasm = functionsOf(backend);
    if (wasm === undefined || x.dtype === 'string' || indices.dtype !== 'int32' || (batchDims ?? 0) !== 0) return undefined;
    if (tf.util.parseAxisParam(axis, x.shape)[0] !== 0) return undefined;
    const rows = x.shape[0] as number;
    const bytes = tf.util.sizeFromShape(x.shape.slice(1)) * tf.util.bytesPerElement(x.dtype);
    const wrong = backend.typedArrayFromHeap(indices).find((id) => id < 0 || id >= rows);
    if (wrong !== undefined) throw new Error(`GatherV2: the index value ${wrong} is not in [0, ${rows - 1}]`);
    const out = backend.makeOutput([...indices.shape, ...x.shape.slice(1)], x.dtype);
    const from = address(backend, x);
    let to = address(backend, out);
    // A new view: makeOutput may grow, and so replace, the memory.
    for (const id of backend.typedArrayFromHeap(indices)) {
      wasm.copyBlocks(from + id * bytes, to, 1, bytes, 0, 0);
      to += bytes;
    }
    return out;
  },
};

/** The same data under a second name, as the cpu backend does it: kernels never write to their inputs. */
function share(backend: WasmBackend, x: tf.TensorInfo): tf.TensorInfo | undefined {
  if (x.dtype === 'string') return undefined;
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

function slice(backend: WasmBackend, x: tf.TensorInfo, begin: readonly number[], size: readonly number[]): tf.TensorInfo | undefined {
  const wasm = functionsOf(backend);
  if (wasm === undefined || x.dtype === 'string') return undefined;
  const out = backend.makeOutput(size, x.dtype);
  if (tf.util.sizeFromShape([...size]) === 0) return out;
  const dims = mergeWhole(x.shape, begin, size);
  const each = tf.util.bytesPerElement(x.dtype);
  // Distance in bytes between two neighbours of a dim.
  const steps = dims.map((_, i) => dims.slice(i + 1).reduce((bytes, { dim }) => bytes * dim, each));
  const last = dims.length - 1;
  const blockBytes = (dims[last]?.size ?? 1) * each;
  const rows = dims[last - 1]?.size ?? 1;
  const rowStep = steps[last - 1] ?? 0;
  let to = address(backend, out);
  const copy = (level: number, from: number): void => {
    const { size: count, begin: start } = dims[level] ?? { size: 1, begin: 0 };
    const at = from + start * (steps[level] ?? 0);
    if (level === last - 1 || last < 1) {
      const inner = last < 1 ? at : at + (dims[last]?.begin ?? 0) * each;
      wasm.copyBlocks(inner, to, rows, blockBytes, rowStep, blockBytes);
      to += rows * blockBytes;
      return;
    }
    for (let i = 0; i < count; i++) copy(level + 1, at + i * (steps[level] as number));
  };
  copy(0, address(backend, x));
  return out;
}

interface Extent {
  readonly dim: number;
  readonly begin: number;
  readonly size: number;
}

/** Fewer dims for the same slice: one that is taken whole joins the one before it, so that a block is as long as it can be. */
function mergeWhole(shape: readonly number[], begin: readonly number[], size: readonly number[]): Extent[] {
  const dims: Extent[] = [];
  shape.forEach((dim, i) => {
    const here = { dim, begin: begin[i] as number, size: size[i] as number };
    const before = dims.at(-1);
    if (before === undefined || here.size !== dim) dims.push(here);
    else dims[dims.length - 1] = { dim: before.dim * dim, begin: before.begin * dim, size: before.size * dim };
  });
  return dims;
}
