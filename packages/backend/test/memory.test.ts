/** No op of the course keeps memory that its caller did not get. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf, useBackend } from '../src/index.ts';
import { closeWebgpu } from '../src/webgpu.ts';
import { availableBackends, reportNotRun } from './available.ts';
import { cases, forwardProblem, gradientProblem } from './cases.ts';

afterAll(closeWebgpu);

const anyValue = { rtol: Infinity, atol: Infinity };

for (const backend of await availableBackends()) {
  if (backend.reason !== undefined) {
    reportNotRun(backend);
    continue;
  }
  describe(backend.name, () => {
    beforeAll(() => useBackend(backend.name));

    test('no op leaves a tensor or a buffer behind, forward or backward', async () => {
      const leaks: string[] = [];
      for (const c of cases) {
        await once(c);
        const before = held();
        await once(c);
        await once(c);
        const after = held();
        if (after.tensors !== before.tensors || after.buffers !== before.buffers)
          leaks.push(`${c.op} ${c.note}: ${JSON.stringify({ before, after })}`);
      }
      expect(leaks).toEqual([]);
    });

    test('an op in a tidy keeps one tensor, the result', () => {
      const x = tf.ones([2, 3]) as tf.Tensor2D;
      const before = tf.memory().numTensors;
      const y = tf.tidy(() => tf.einsum('ij,kj->ik', x, x).softmax().gather([0, 1], 1));
      expect(tf.memory().numTensors).toBe(before + 1);
      tf.dispose([x, y]);
    });
  });
}

test('a tensor made on one backend is read and used on another', async () => {
  await useBackend('wasm');
  const x = tf.tensor1d([1, 2, 3]);
  await useBackend('cpu');
  expect([...x.mul(2).dataSync()]).toEqual([2, 4, 6]);
  await useBackend('wasm');
  expect([...x.mul(2).dataSync()]).toEqual([2, 4, 6]);
});

test('control: a kernel that keeps a buffer is caught', async () => {
  await useBackend('cpu');
  const stock = tf.getKernel('Tanh', 'cpu');
  const replace = (kernelFunc: tf.KernelFunc) => {
    tf.unregisterKernel('Tanh', 'cpu');
    tf.registerKernel({ ...stock, kernelFunc });
  };
  replace((params) => {
    tf.backend().write(new Float32Array(3), [3], 'float32');
    return stock.kernelFunc(params);
  });
  expect(await leaksOf(cases.filter(({ op }) => op === 'tanh'))).not.toEqual([]);
  replace(stock.kernelFunc);
});

// --- helpers ---

async function leaksOf(some: typeof cases): Promise<string[]> {
  const leaks: string[] = [];
  for (const c of some) {
    await once(c); // the first run may fill caches
    const before = held();
    await once(c);
    await once(c);
    const after = held();
    if (after.tensors !== before.tensors || after.buffers !== before.buffers)
      leaks.push(`${c.op} ${c.note}: ${JSON.stringify({ before, after })}`);
  }
  return leaks;
}

async function once(c: (typeof cases)[number]): Promise<void> {
  tf.engine().startScope();
  await forwardProblem(c, anyValue);
  if (c.grads !== undefined) await gradientProblem(c, anyValue);
  tf.engine().endScope();
}

/** What the engine counts, and what the backend itself still holds: a kernel may leak a buffer that no tensor ever had. */
function held(): { tensors: number; buffers: number } {
  return { tensors: tf.memory().numTensors, buffers: tf.backend().numDataIds() };
}
