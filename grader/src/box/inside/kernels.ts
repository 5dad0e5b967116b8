/** Counts kernels by name for a few nanoseconds each. Like tf.profile, but it is always on and never waits for a device. */
import { tf } from '@llm-ladder/backend';

let counts: Record<string, number> = {};

/** Wraps every kernel that the current backend has registered. */
export function countKernels(): void {
  for (const config of tf.getKernelsForBackend(tf.getBackend())) {
    const { kernelName, kernelFunc } = config;
    (config as { kernelFunc: typeof kernelFunc }).kernelFunc = (call) => {
      counts[kernelName] = (counts[kernelName] ?? 0) + 1;
      return kernelFunc(call);
    };
  }
}

/** The counts since the last time, and starts again from nothing. */
export function takeKernelCounts(): Record<string, number> {
  const taken = counts;
  counts = {};
  return taken;
}
