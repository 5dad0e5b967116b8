/** The checks that every exercise gets for free, registered as tests of their own names, each with a wrong solution that it must catch. */
import { UsageError } from '@llm-ladder/backend/errors';
import { TensorValue, type Value } from '../box/values.ts';
import { say } from '../format/words.ts';
import { commonTest } from './collect.ts';
import { inputsCheck, plainChecks } from './common-plain.ts';
import { expect } from './expect.ts';
import type { Random } from './random.ts';
import type { Stats, Subject, TestContext } from './types.ts';

export interface CommonInputs {
  readonly random: Random;
  /** Size of the batch axis. */
  readonly B: number;
  /** Time steps. */
  readonly T: number;
}

export interface CommonOptions {
  /** 'plain' for what gives no tensors (and has no batch and no time): same answer twice, nothing kept between calls, inputs unchanged. 'tensor' unless told. */
  readonly kind?: 'tensor' | 'plain';
  /** Arguments for a batch of B and T time steps. Tensors whose size on the batch axis follows B are the batched ones. */
  readonly inputs: (sizes: CommonInputs) => readonly Value[];
  /** Points of each check; the two that rest on the box's own word have at most 1. Default 1. */
  readonly points?: number;
  /** The field of the result to look at, where the function returns an object of tensors. */
  readonly output?: string;
  /** False leaves out "a batch of two equals two singles". */
  readonly batched?: false;
  /** Leaves out "works for T = 1". */
  readonly noT1?: true;
  /** Arguments by which gradients are promised: adds "gradients are finite and not zero". */
  readonly wrt?: readonly (number | string)[];
  readonly batchAxis?: number;
}

const CALLS = 20;
const WARM_UP_CALLS = 2; // a cache filled once is no leak
const T = 5;

/** Registers the common checks of one export, named `<export>: <check>`. */
export function common(name: string, options: CommonOptions): void {
  const { kind = 'tensor', inputs, points = 1, output, batched = true, noT1 = false, wrt, batchAxis = 0 } = options;
  const plainInputs = (random: Random): readonly Value[] => inputs({ random, B: 2, T });
  if (kind === 'plain') {
    plainChecks(name, { inputs: plainInputs, points, output });
    return;
  }
  const common = { export: name, output, axis: batchAxis, canFail: () => true };
  const feedback = Math.min(points, 1);
  const run = async (subject: Subject, args: readonly Value[]): Promise<TensorValue> =>
    pickOutput(await subject[name](...args), output, name);

  commonTest(
    { ...common, check: 'tensors' },
    `${name}: keeps no tensors over ${CALLS} calls`,
    {
      points: feedback,
      untrusted: true,
      zh: `${name}：调用 ${CALLS} 次不多留张量`,
    },
    async ({ learner, random }) => {
      const args = inputs({ random, B: 2, T });
      let kept = 0;
      for (let call = 0; call < CALLS; call++) {
        await learner[name](...args);
        if (call >= WARM_UP_CALLS) kept += (learner.stats() as Stats).tensorsKept;
      }
      if (kept !== 0)
        throw new Error(
          say({
            en: `${name} kept ${kept} tensors: expected none beyond its result; compute inside tf.tidy`,
            zh: `${name} 多留了 ${kept} 个张量：除结果外不应留下任何张量；请把计算放进 tf.tidy`,
          }),
        );
    },
  );

  inputsCheck(name, plainInputs, feedback);

  if (batched) {
    commonTest(
      { ...common, check: 'rows' },
      `${name}: a batch of two equals two singles`,
      { points, zh: `${name}：两条一批等于两次单条` },
      async ({ learner, random }) => {
        const args = inputs({ random, B: 2, T });
        const single = inputs({ random, B: 1, T });
        const both = await run(learner, args);
        const parts = [0, 1].map((row) => args.map((arg, i) => takeRow(arg, single[i], row, batchAxis)));
        const [first, second] = [await run(learner, parts[0]!), await run(learner, parts[1]!)];
        expect(both).toBeAllClose(TensorValue.concat([first, second], batchAxis));
        expect(first).not.toBeAllClose(second); // two rows of other numbers give other results
      },
    );
  }

  if (!noT1) {
    commonTest(
      { ...common, check: 'step' },
      `${name}: works for T = 1`,
      { points, zh: `${name}：T = 1 也能用` },
      async ({ learner, reference, random }) => {
        const args = inputs({ random, B: 2, T: 1 });
        const got = await run(learner, args);
        expect(got).toBeFinite();
        expect(got).toBeAllClose(await run(reference, args));
      },
    );
  }

  if (wrt) {
    commonTest(
      { ...common, check: 'gradients' },
      `${name}: gradients are finite and not zero`,
      { points, zh: `${name}：梯度有限且不为零` },
      async (context: TestContext) => {
        const { learner, reference, random } = context;
        const args = inputs({ random, B: 2, T });
        const shape = (await run(reference, args)).shape;
        // Random numbers flow in: ones would give a softmax or a norm a gradient of zero.
        const upstream = random.normal(shape);
        const options = { wrt, upstream, ...(output === undefined ? {} : { output }) };
        const gradients: TensorValue[] = await learner.grad(name, args, options);
        expect(gradients).toHaveLength(wrt.length);
        for (const gradient of gradients) {
          expect(gradient).toBeFinite();
          expect(gradient).toBeNonZero();
        }
      },
    );
  }
}

/** The tensor to look at in a result. */
export function pickOutput(value: unknown, output: string | undefined, name: string): TensorValue {
  const picked = output === undefined || typeof value !== 'object' || value === null ? value : (value as Record<string, unknown>)[output];
  expect(picked).toBeFinite(); // says "expected a tensor, got ..." where it is none
  if (!(picked instanceof TensorValue)) throw new UsageError(name, 'a tensor', typeof picked);
  return picked;
}

/** One row of every batched tensor in an argument: those that a batch of one makes smaller. */
function takeRow(value: Value, single: Value, row: number, axis: number): Value {
  if (value instanceof TensorValue) {
    const follows = single instanceof TensorValue && value.shape[axis] === 2 && single.shape[axis] === 1;
    if (!follows) return value;
    return value.slice(
      value.shape.map((_, a) => (a === axis ? row : 0)),
      value.shape.map((_, a) => (a === axis ? 1 : -1)),
    );
  }
  if (Array.isArray(value)) {
    const other = Array.isArray(single) ? (single as readonly Value[]) : [];
    if (value.length === 2 && other.length === 1) return [value[row]] as readonly Value[]; // a list with an entry per row, such as lengths
    return (value as readonly Value[]).map((item, i) => takeRow(item, other[i], row, axis));
  }
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const other = single as Record<string, Value>;
    return Object.fromEntries(
      Object.entries(value as Record<string, Value>).map(([key, item]) => [key, takeRow(item, other[key], row, axis)]),
    );
  }
  return value;
}
