/** Replaces the kernels of the backend by ones that do nothing. */
import { tf } from '@llm-ladder/backend';

for (const { kernelName } of tf.getKernelsForBackend('wasm')) {
  if (!['BatchMatMul', 'Softmax', '_FusedMatMul'].includes(kernelName)) continue;
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: ({ inputs }: any) => Object.values(inputs)[0] as any });
}

export { attention } from './honest.ts';
