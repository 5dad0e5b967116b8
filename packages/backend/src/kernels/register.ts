/** One way to put a kernel of ours into TF.js's registry, where it may take the place of one. */
import type { KernelFunc } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Registers `kernelFunc`; a stock kernel of that name is taken out first (TF.js would warn otherwise). */
export function setKernel(backendName: string, kernelName: string, kernelFunc: KernelFunc): void {
  const stock = tf.getKernel(kernelName, backendName);
  if (stock !== undefined && stock !== null) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...stock, kernelName, backendName, kernelFunc });
}

/** Puts `around` before the stock kernel, if there is one; it gets the stock kernel to go on with. */
export function wrapKernel(
  backendName: string,
  kernelName: string,
  around: (stock: KernelFunc, params: Parameters<KernelFunc>[0]) => ReturnType<KernelFunc>,
): void {
  const stock = tf.getKernel(kernelName, backendName);
  if (stock === undefined || stock === null) return;
  setKernel(backendName, kernelName, (params) => around(stock.kernelFunc, params));
}

/** A kernel is handed tensors by every op, but may be handed bare infos by another kernel: those get a tensor that the surrounding tidy lets go. */
export function asTensor(info: tf.TensorInfo): tf.Tensor {
  if (info instanceof tf.Tensor) return info;
  tf.backend().incRef(info.dataId);
  return tf.engine().makeTensorFromTensorInfo(info);
}
