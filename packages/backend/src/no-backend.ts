/** What runs the maths before anyone called `useBackend`: nothing, and it says so. */
import { BackendError } from './errors.ts';
import * as tf from './tf.ts';

const name = 'none';

if (tf.findBackendFactory(name) === null || tf.findBackendFactory(name) === undefined) {
  tf.registerBackend(name, () => new Proxy(new tf.KernelBackend(), { get: refuse }), 0);
}

function refuse(target: tf.KernelBackend, property: string | symbol): unknown {
  if (property !== 'write' && property !== 'move') return Reflect.get(target, property);
  throw new BackendError('tf: expected a backend before the first tensor, got none', { hint: "await useBackend(), or useBackend('auto')" });
}
