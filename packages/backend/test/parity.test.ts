/** Every op of src/ops.ts, forward and backward, on every backend that this machine has, against PyTorch (fixtures/ops.json). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackendName, tf, useBackend } from '../src/index.ts';
import { courseOps, forwardOnlyOps } from '../src/ops.ts';
import { closeWebgpu } from '../src/webgpu.ts';
import { availableBackends, reportNotRun } from './available.ts';
import { cases, forwardProblem, gradientProblem, meta, type Packed, type Tolerance } from './cases.ts';

afterAll(closeWebgpu);

/** float32 sums in another order differ by a few 1e-6; shaders on a GPU also round exp, tan and pow their own way. */
const tolerances: Record<BackendName, Tolerance> = {
  cpu: { rtol: 1e-4, atol: 2e-5 },
  wasm: { rtol: 1e-4, atol: 2e-5 },
  tensorflow: { rtol: 1e-4, atol: 2e-5 },
  webgpu: { rtol: 2e-3, atol: 2e-4 },
};

test('every op of the list has a case, every case an op of the list', () => {
  expect([...new Set(cases.map(({ op }) => op))].sort()).toEqual([...courseOps].sort());
});

test('every op that is not listed as forward-only has a case with gradients', () => {
  const differentiated = new Set(cases.flatMap(({ op, grads }) => (grads === undefined ? [] : [op])));
  expect(courseOps.filter((op) => !differentiated.has(op)).sort()).toEqual([...forwardOnlyOps].sort());
});

test('the fixture says which PyTorch and which seed made it', () => {
  expect(meta).toMatchObject({ torch: expect.stringMatching(/^\d+\.\d+/), seed: expect.any(Number) });
});

for (const backend of await availableBackends()) {
  if (backend.reason !== undefined) {
    reportNotRun(backend);
    continue;
  }
  describe(backend.name, () => {
    beforeAll(() => useBackend(backend.name));
    test.each(courseOps)('%s equals PyTorch', async (op) => {
      expect(await problemsOf(op, tolerances[backend.name])).toEqual([]);
    });
  });
}

describe('controls', () => {
  beforeAll(() => useBackend('cpu'));

  test('one output or gradient that is off by a thousandth fails its case', async () => {
    const tight = tolerances.cpu;
    const survivors: string[] = [];
    for (const c of cases) {
      const changed = { ...c, outputs: spoilFirst(c.outputs) };
      if ((await run(() => forwardProblem(changed, tight))) === undefined) survivors.push(`forward ${c.op} ${c.note}`);
      if (c.grads === undefined) continue;
      const spoilt = { ...c, grads: spoilFirst(c.grads) };
      if ((await run(() => gradientProblem(spoilt, tight))) === undefined) survivors.push(`gradient ${c.op} ${c.note}`);
    }
    expect(survivors).toEqual([]);
  });

  test('a wrong kernel and a wrong gradient fail their op', async () => {
    const { kernelFunc } = tf.getKernel('Tanh', 'cpu');
    const gradient = tf.getGradient('Tanh');
    const replace = (wrong: typeof kernelFunc) => {
      tf.unregisterKernel('Tanh', 'cpu');
      tf.registerKernel({ kernelName: 'Tanh', backendName: 'cpu', kernelFunc: wrong });
    };
    expect(await problemsOf('tanh', tolerances.cpu)).toEqual([]);
    replace((params) => tf.getKernel('Sigmoid', 'cpu').kernelFunc(params));
    expect(await problemsOf('tanh', tolerances.cpu)).not.toEqual([]);
    replace(kernelFunc);
    tf.registerGradient({ ...gradient, gradFunc: (dy) => ({ x: () => dy as tf.Tensor }) });
    expect(await problemsOf('tanh', tolerances.cpu)).not.toEqual([]);
    tf.registerGradient(gradient);
    expect(await problemsOf('tanh', tolerances.cpu)).toEqual([]);
  });
});

// --- helpers ---

async function problemsOf(op: string, tolerance: Tolerance): Promise<string[]> {
  const problems: string[] = [];
  for (const c of cases.filter((candidate) => candidate.op === op)) {
    const forward = await run(() => forwardProblem(c, tolerance));
    if (forward !== undefined) problems.push(`forward ${c.note}: ${forward}`);
    const backward = c.grads === undefined ? undefined : await run(() => gradientProblem(c, tolerance));
    if (backward !== undefined) problems.push(`gradient ${c.note}: ${backward}`);
  }
  return problems;
}

/** A scope by hand: tf.tidy takes no async function. */
async function run(judge: () => Promise<string | undefined>): Promise<string | undefined> {
  tf.engine().startScope();
  try {
    return await judge();
  } catch (error) {
    return `threw ${(error as Error).message}`;
  } finally {
    tf.engine().endScope();
  }
}

/** Changes the first value of the first tensor by a thousandth, an integer by one. */
function spoilFirst(tensors: Packed[]): Packed[] {
  const [first, ...others] = tensors as [Packed, ...Packed[]];
  const i = first.values.findIndex((v) => typeof v === 'number');
  const v = Number(first.values[i]);
  const spoilt = first.dtype === 'float32' ? v + 1e-3 * Math.max(1, Math.abs(v)) : v + 1;
  return [{ ...first, values: first.values.with(i, spoilt) }, ...others];
}
