/** The cases of fixtures/ops.json and the one comparison that judges them. */
import { readFileSync } from 'node:fs';
import { tf } from '../src/index.ts';
import { callOp } from './op-calls.ts';

export interface Packed {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: number[];
  readonly values: (number | string)[];
}

export interface OpCase {
  readonly op: string;
  readonly note: string;
  readonly args: object;
  readonly inputs: Packed[];
  readonly outputs: Packed[];
  /** Which inputs are differentiated, which outputs are smooth, what is sent back through them and what must arrive. */
  readonly wrt?: number[];
  readonly smooth?: number[];
  readonly upstream?: Packed[];
  readonly grads?: Packed[];
}

const file = JSON.parse(readFileSync(new URL('./fixtures/ops.json', import.meta.url), 'utf8')) as { meta: object; cases: OpCase[] };

export const { meta, cases } = file;

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** Runs the op forward on the current backend; returns what is wrong, or undefined. */
export async function forwardProblem(c: OpCase, tolerance: Tolerance): Promise<string | undefined> {
  const inputs = c.inputs.map(unpack);
  const outputs = await callOp(c.op, inputs, c.args);
  return compareAll(outputs, c.outputs, tolerance);
}

/** Runs the vector-Jacobian product on the current backend; returns what is wrong, or undefined. */
export async function gradientProblem(c: OpCase, tolerance: Tolerance): Promise<string | undefined> {
  const { wrt = [], smooth = [], upstream = [], grads = [] } = c;
  const inputs = c.inputs.map(unpack);
  const sent = upstream.map(unpack);
  const loss = (...leaves: tf.Tensor[]): tf.Scalar => {
    const all = inputs.map((input, i) => (wrt.includes(i) ? leaves[wrt.indexOf(i)]! : input));
    const outputs = callOp(c.op, all, c.args) as tf.Tensor[];
    return tf.addN(smooth.map((o, i) => outputs[o]!.mul(sent[i]!).sum())).asScalar();
  };
  const got = tf.grads(loss)(wrt.map((i) => inputs[i]!));
  return compareAll(got, grads, tolerance);
}

async function compareAll(got: tf.Tensor[], expected: Packed[], tolerance: Tolerance): Promise<string | undefined> {
  if (got.length !== expected.length) return `expected ${expected.length} tensors, got ${got.length}`;
  for (const [i, e] of expected.entries()) {
    const problem = compare(got[i]!, await got[i]!.data(), e, tolerance);
    if (problem !== undefined) return expected.length > 1 ? `tensor ${i}: ${problem}` : problem;
  }
  return undefined;
}

export function compare(got: tf.Tensor, values: ArrayLike<number>, expected: Packed, { rtol, atol }: Tolerance): string | undefined {
  if (got.shape.join() !== expected.shape.join()) return `expected shape [${expected.shape}], got [${got.shape}]`;
  if (got.dtype !== expected.dtype) return `expected dtype ${expected.dtype}, got ${got.dtype}`;
  let worst: { index: number; excess: number } | undefined;
  for (const [index, text] of expected.values.entries()) {
    const e = Number(text === 'inf' ? Infinity : text === '-inf' ? -Infinity : text);
    const g = values[index]!;
    if (Object.is(e, g) || e === g) continue;
    const excess = Math.abs(g - e) - (atol + rtol * Math.abs(e));
    if (!(excess <= 0) && !(worst !== undefined && worst.excess >= excess))
      worst = { index, excess: Number.isNaN(excess) ? Infinity : excess };
  }
  if (worst === undefined) return undefined;
  return `at flat index ${worst.index} of [${expected.shape}]: expected ${expected.values[worst.index]}, got ${values[worst.index]}`;
}

export function unpack({ dtype, shape, values }: Packed): tf.Tensor {
  const numbers = values.map((v) => (v === 'inf' ? Infinity : v === '-inf' ? -Infinity : Number(v)));
  return tf.tensor(numbers, shape, dtype);
}
