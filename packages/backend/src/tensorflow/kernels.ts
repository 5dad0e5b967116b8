/** Kernels of @tensorflow/tfjs-node-gpu that we replace because TensorFlow can do the same with less work. */
import { setKernel } from '../kernels/register.ts';
import * as tf from '../tf.ts';
import type { Binding, OpAttribute, TensorflowBackend } from './binding.ts';

export function registerKernels(): void {
  setKernel('tensorflow', tf.BatchMatMul, matMul);
  setKernel('tensorflow', tf.Cast, cast);
  setKernel('tensorflow', tf.Reshape, reshape);
  setKernel('tensorflow', SIGMOID_GRADIENT, ({ inputs, backend }) => {
    const { y, dy } = inputs as { y: tf.TensorInfo; dy: tf.TensorInfo };
    return asBackend(backend).executeSingleOutput('SigmoidGrad', [typeOf(asBackend(backend).binding, 'T', 'float32')], [y, dy]);
  });
}

/** inputs { y, dy } of one shape -> dy * y * (1 - y). */
export const SIGMOID_GRADIENT = 'LadderSigmoidGradient';

/** One attribute that names a type. */
export function typeOf(binding: Binding, name: string, dtype: 'float32' | 'int32' | 'bool'): OpAttribute {
  const value = { float32: binding.TF_FLOAT, int32: binding.TF_INT32, bool: binding.TF_BOOL }[dtype];
  return { name, type: binding.TF_ATTR_TYPE, value };
}

// --- helpers ---

/** Two matrices go to MatMul, which picks faster code than BatchMatMulV2 for one pair (by a tenth on the shapes of a small model). */
const matMul: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
  const { transposeA, transposeB } = attrs as unknown as tf.BatchMatMulAttrs;
  const { binding } = asBackend(backend);
  const one = a.shape.length === 2 && b.shape.length === 2;
  const attributes = [
    typeOf(binding, 'T', a.dtype as 'float32'),
    { name: one ? 'transpose_a' : 'adj_x', type: binding.TF_ATTR_BOOL, value: transposeA },
    { name: one ? 'transpose_b' : 'adj_y', type: binding.TF_ATTR_BOOL, value: transposeB },
  ];
  return asBackend(backend).executeSingleOutput(one ? 'MatMul' : 'BatchMatMulV2', attributes, [a, b]);
};

/** A cast to the type that a tensor has (every gradient of a product asks for two) is the tensor itself. */
const cast: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const { x } = inputs as { x: tf.TensorInfo };
  const { dtype } = attrs as unknown as tf.CastAttrs;
  if (x.dtype === dtype) {
    asBackend(backend).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype };
  }
  const { binding } = asBackend(backend);
  const attributes = [
    typeOf(binding, 'SrcT', x.dtype as 'float32'),
    typeOf(binding, 'DstT', dtype as 'float32'),
    { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
  ];
  return asBackend(backend).executeSingleOutput('Cast', attributes, [x]);
};

/** Shapes that were asked for, as int32 tensors that stay: a model asks for the same few in every step. */
const shapes = new Map<string, number>();
const SHAPES_KEPT = 512;

const reshape: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const { x } = inputs as { x: tf.TensorInfo };
  const { shape } = attrs as unknown as tf.ReshapeAttrs;
  const { binding } = asBackend(backend);
  const key = shape.join();
  let id = shapes.get(key);
  if (id === undefined) {
    if (shapes.size >= SHAPES_KEPT) {
      for (const old of shapes.values()) binding.deleteTensor(old);
      shapes.clear();
    }
    id = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
    shapes.set(key, id);
  }
  const [xId] = asBackend(backend).getInputTensorIds([x]) as [number];
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: asBackend(backend).getDTypeInteger(x.dtype) },
    typeOf(binding, 'Tshape', 'int32'),
  ];
  const [output] = binding.executeOp('Reshape', attributes, [xId, id], 1);
  return asBackend(backend).createOutputTensor(output);
};

function asBackend(backend: unknown): TensorflowBackend {
  return backend as TensorflowBackend;
}
