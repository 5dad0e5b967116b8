/** Whether a sub-layer's output went through dropout: shared by the hidden suites of the encoder and the decoder. */
import { expect, type TensorValue } from '@llm-ladder/grader/suite';

/** What the sub-layers added to the residual road `x`. */
export function said(out: TensorValue, x: TensorValue): TensorValue {
  return out.map((value, at) => value - x.values[at]!);
}

/** Each element of `noisy` is gone, or is that of `calm` times 1 / (1 - p); and about a share p is gone (6 sigma). */
export function expectDropped(noisy: TensorValue, calm: TensorValue, p: number): void {
  const tooSmall = (at: number) => Math.abs(calm.values[at]!) <= 1e-3; // gone or not, it looks like 0
  let gone = 0;
  const expected = calm.map((value, at) => {
    const dropped = !tooSmall(at) && Math.abs(noisy.values[at]!) < 1e-5;
    if (dropped) gone++;
    return dropped ? 0 : value / (1 - p);
  });
  expect(noisy.map((value, at) => (tooSmall(at) ? expected.values[at]! : value))).toBeAllClose(expected, { rtol: 1e-3, atol: 1e-4 });
  const N = calm.values.filter((_: number, at: number) => !tooSmall(at)).length;
  expect(Math.abs(gone / N - p)).toBeLessThan(6 * Math.sqrt((p * (1 - p)) / N));
}
