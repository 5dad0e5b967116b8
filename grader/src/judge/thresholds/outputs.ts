/** Checks every output that was timed: a fast wrong answer is a wrong answer. */
import { TensorValue, type Value } from '../../box/values.ts';
import { expect } from '../../suite/expect.ts';
import type { Checked } from '../../suite/types.ts';

/** Throws the matcher's error where what the learner returned differs from what the reference returned for the same inputs. */
export function checkOutput(got: unknown, expected: unknown, inputs: readonly Value[], { close = {}, check }: Checked): void {
  if (check) {
    check(got, expected, inputs);
    return;
  }
  const { output, ...tolerance } = close;
  if (output === undefined) compare(got, expected, tolerance);
  else compare(field(got, output), field(expected, output), tolerance);
}

function compare(got: unknown, expected: unknown, tolerance: { rtol?: number; atol?: number }): void {
  if (expected instanceof TensorValue || typeof expected === 'number' || ArrayBuffer.isView(expected) || isNumberArray(expected)) {
    expect(got).toBeAllClose(expected as TensorValue, tolerance);
  } else if (
    typeof expected === 'object' &&
    expected !== null &&
    [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(expected))
  ) {
    expect(typeof got === 'object' && got !== null ? Object.keys(got) : got).toEqual(Object.keys(expected));
    for (const key of Object.keys(expected)) compare(field(got, key), field(expected, key), tolerance);
  } else expect(got).toEqual(expected);
}

function isNumberArray(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && (value.flat(Number.POSITIVE_INFINITY) as unknown[]).every((x) => typeof x === 'number')
  );
}

function field(value: unknown, key: string): unknown {
  return (value as Record<string, unknown>)[key];
}
