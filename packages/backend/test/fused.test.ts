/** The fused training ops on every backend that this machine has: as one kernel or as plain ops they equal PyTorch (fixtures/fused.json). */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Adam, causalSoftmax, rmsNorm, rotate, sparseCrossEntropy, swiGlu } from '../src/fused.ts';
import { tf, useBackend } from '../src/index.ts';
import { closeWebgpu } from '../src/webgpu.ts';
import { availableBackends, reportNotRun } from './available.ts';
import { compare, type Packed, unpack } from './cases.ts';

type Inputs = Readonly<Record<string, tf.Tensor>>;

interface FusedCase {
  readonly op: keyof typeof calls;
  readonly note: string;
  readonly options: { readonly epsilon: number; readonly scale: number; readonly interleaved: boolean };
  readonly inputs: Readonly<Record<string, Packed>>;
  readonly output: Packed;
  readonly upstream: Packed;
  readonly grads: Readonly<Record<string, Packed>>;
}

const calls = {
  rmsNorm: ({ x, gain }: Inputs, { epsilon }: FusedCase['options']) => rmsNorm(x!, gain!, epsilon),
  swiGlu: ({ gate, up }: Inputs) => swiGlu(gate!, up!),
  rotate: ({ x, cosine, sine }: Inputs, options: FusedCase['options']) => rotate(x!, cosine as tf.Tensor2D, sine as tf.Tensor2D, options),
  causalSoftmax: ({ scores }: Inputs, { scale }: FusedCase['options']) => causalSoftmax(scores!, scale),
  sparseCrossEntropy: ({ logits, targets }: Inputs): tf.Tensor => sparseCrossEntropy(logits!, targets!),
};

const fixture = JSON.parse(readFileSync(new URL('./fixtures/fused.json', import.meta.url), 'utf8')) as {
  cases: FusedCase[];
  adam: { settings: object; start: Packed[]; steps: { gradients: Packed[]; weights: Packed[] }[] };
};
const tolerances = { cpu: 1e-5, wasm: 1e-5, tensorflow: 1e-5, webgpu: 2e-4 };

afterAll(closeWebgpu);

for (const backend of await availableBackends()) {
  if (backend.reason !== undefined) {
    reportNotRun(backend);
    continue;
  }
  const tolerance = { rtol: 10 * tolerances[backend.name], atol: tolerances[backend.name] };
  describe(backend.name, () => {
    beforeAll(() => useBackend(backend.name));

    test.each(fixture.cases)('$op equals PyTorch: $note', async (c) => expect(await problemsOf(c, tolerance)).toEqual([]));

    test('ten steps of Adam equal PyTorch, and it goes on from weights that were assigned', async () => {
      const { settings, start, steps } = fixture.adam;
      const variables = start.map((packed, i) => tf.variable(unpack(packed), true, `adam-${backend.name}-${i}`));
      const adam = new Adam(variables, settings);
      for (const { gradients, weights } of steps) {
        const named = Object.fromEntries(gradients.map((packed, i) => [variables[i]!.name, unpack(packed)]));
        adam.step(named);
        for (const [i, packed] of weights.entries()) {
          expect(compare(variables[i]!, await variables[i]!.data(), packed, tolerance)).toBeUndefined();
          expect(compare(variables[i]!, await variables[i]!.data(), spoilt(packed), tolerance)).toBeDefined(); // control
        }
        const same = variables.map((variable) => tf.add(variable, 0));
        for (const [i, variable] of variables.entries()) variable.assign(same[i]!);
      }
      expect(adam.steps).toBe(10);
      adam.dispose();
      tf.dispose(variables);
    });

    test('a clone of the weights stays as it was when Adam steps', async () => {
      const w = tf.variable(tf.tensor1d([1, 2, 3]), true, `clone-${backend.name}`);
      const adam = new Adam([w], { learningRate: 0.5 });
      const before = tf.clone(w);
      for (let i = 0; i < 2; i++) adam.step({ [w.name]: tf.tensor1d([1, -1, 2]) });
      expect([...(await before.data())]).toEqual([1, 2, 3]);
      expect([...(await w.data())]).not.toEqual([1, 2, 3]);
      adam.dispose();
      tf.dispose([w, before]);
    });

    test('Adam without a gradient for a variable names it', () => {
      const w = tf.variable(tf.scalar(1), true, `lonely-${backend.name}`);
      expect(() => new Adam([w]).step({})).toThrow(new RegExp(`none for "lonely-${backend.name}"`));
      w.dispose();
    });

    test('rows that threads share give what one row alone gives', async () => {
      const [rows, D] = [700, 129]; // over 16,384 numbers: the native ops split them
      const x = tf.randomNormal([rows, D], 0, 1, 'float32', 5) as tf.Tensor2D;
      const gain = tf.randomNormal([D], 1, 0.2, 'float32', 6) as tf.Tensor1D;
      const last = (t: tf.Tensor) => tf.slice(t, [rows - 1, 0], [1, D]);
      const both = async (f: (t: tf.Tensor) => tf.Tensor) => [await last(f(x)).data(), await f(last(x)).data()] as const;
      for (const f of [(t: tf.Tensor) => rmsNorm(t, gain), (t: tf.Tensor) => swiGlu(t, t)]) {
        const [whole, single] = await both(f);
        expect([...whole]).toEqual([...single]);
      }
      // The gradient of the gain sums over all rows, and threads sum apart: it must equal the plain formula.
      const got = tf.grad((g: tf.Tensor) => rmsNorm(x, g).sum())(gain);
      const expected = tf.sum(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), 1e-5))), 0);
      expect((await tf.max(tf.abs(tf.sub(got, expected))).data())[0]).toBeLessThan(backend.name === 'webgpu' ? 5e-3 : 2e-4);
    });

    test('shapes that do not fit are named', () => {
      expect(() => rmsNorm(tf.zeros([2, 3]), tf.ones([2]))).toThrow('rmsNorm: expected x [.., D] and gain [D], got [2,3] and [2]');
      expect(() => swiGlu(tf.zeros([2, 3]), tf.zeros([3, 2]))).toThrow('swiGlu: expected gate and up of one shape, got [2,3] and [3,2]');
      expect(() => rotate(tf.zeros([2, 1, 3]), tf.zeros([2, 1]), tf.zeros([2, 1]))).toThrow(
        /^rotate: expected x \[.., T, H, K\] with K even/,
      );
      expect(() => causalSoftmax(tf.zeros([3, 2]), 1)).toThrow('causalSoftmax: expected scores [.., T, S] with S >= T, got [3,2]');
      expect(() => sparseCrossEntropy(tf.zeros([3, 4]), tf.zeros([2], 'int32'))).toThrow(
        /logits \[N, V\] and targets \[N\], got \[3,4\] and \[2\]/,
      );
    });

    test('each keeps one tensor, the result, with gradients too', () => {
      const x = tf.ones([2, 3, 3, 4]) as tf.Tensor4D;
      const [gain, table, ids] = [tf.ones([4]), tf.ones([3, 2]) as tf.Tensor2D, tf.zeros([3], 'int32')];
      const logits = tf.ones([3, 5]);
      const all: ((t: tf.Tensor) => tf.Tensor)[] = [
        (t) => rmsNorm(t, gain),
        (t) => swiGlu(t, x),
        (t) => rotate(t, table, table),
        (t) => causalSoftmax(t, 1),
      ];
      for (const f of all) {
        for (const call of [() => f(x), () => tf.grad((t) => f(t).sum())(x)]) expect(kept(call)).toBe(1);
      }
      expect(kept(() => tf.grad((t) => sparseCrossEntropy(t, ids))(logits))).toBe(1);
    });
  });
}

describe('controls', () => {
  beforeAll(() => useBackend('cpu'));

  test('a value or a gradient that is off by a hundredth fails its case', async () => {
    const tolerance = { rtol: 1e-4, atol: 1e-5 };
    for (const c of fixture.cases) {
      expect(await problemsOf({ ...c, output: spoilt(c.output) }, tolerance)).toHaveLength(1);
      for (const name of Object.keys(c.grads)) {
        expect(await problemsOf({ ...c, grads: { ...c.grads, [name]: spoilt(c.grads[name]!) } }, tolerance)).toHaveLength(1);
      }
    }
  });
});

// --- helpers ---

async function problemsOf(
  { op, options, inputs, output, upstream, grads }: FusedCase,
  tolerance: { rtol: number; atol: number },
): Promise<string[]> {
  const given = Object.fromEntries(Object.entries(inputs).map(([name, packed]) => [name, unpack(packed)]));
  const wrt = Object.keys(grads);
  const run = (...leaves: tf.Tensor[]) => calls[op]({ ...given, ...Object.fromEntries(wrt.map((name, i) => [name, leaves[i]!])) }, options);
  const leaves = wrt.map((name) => given[name]!);
  const problems: (string | undefined)[] = [];
  const value = run(...leaves);
  problems.push(compare(value, await value.data(), output, tolerance));
  const gradients = tf.grads((...x: tf.Tensor[]) => tf.sum(tf.mul(run(...x), unpack(upstream))))(leaves);
  for (const [i, name] of wrt.entries()) problems.push(compare(gradients[i]!, await gradients[i]!.data(), grads[name]!, tolerance));
  return problems.filter((problem) => problem !== undefined);
}

function spoilt(packed: Packed): Packed {
  const [first, ...rest] = packed.values as number[];
  return { ...packed, values: [first! + 1e-2 * Math.max(1, Math.abs(first!)), ...rest] };
}

function kept(call: () => tf.Tensor): number {
  const before = tf.memory().numTensors;
  const result = call();
  const count = tf.memory().numTensors - before;
  result.dispose();
  return count;
}
