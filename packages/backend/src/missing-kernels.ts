/** Turns "Kernel 'X' not registered for backend 'Y'" into an error that names the op and what to use instead. */
import { BackendError } from './errors.ts';
import { substitutes } from './ops.ts';
import * as tf from './tf.ts';

/** Gives every kernel of core that `backend` lacks a kernel that throws; costs nothing when nobody calls it. */
export function guardMissingKernels(backend: string): void {
  const present = new Set(tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName));
  for (const kernelName of kernelNames()) {
    if (present.has(kernelName)) continue;
    tf.registerKernel({
      kernelName,
      backendName: backend,
      kernelFunc: () => {
        const substitute = substitutes[kernelName];
        throw new BackendError(`tf: expected an op that the course may use (ops.ts), got ${kernelName}, which ${backend} lacks`, {
          hint: substitute ?? 'the ops that work on every backend are listed in @llm-ladder/backend/ops',
        });
      },
    });
  }
}

/** Core exports each kernel's name as a constant of that very name (a few carry an underscore). */
function kernelNames(): string[] {
  return Object.entries(tf).flatMap(([key, value]) => (typeof value === 'string' && (value === key || value === `_${key}`) ? [value] : []));
}
