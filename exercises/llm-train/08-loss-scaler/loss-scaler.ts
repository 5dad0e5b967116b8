/**
 * Mixed precision, played through on Float32Arrays: what bfloat16 and float16 keep of a number, a loss scaler, and master weights.
 *
 * Papers: Micikevicius et al. 2018, "Mixed precision training", sections 3.1 (master weights) and 3.2 (loss scaling); IEEE 754-2019, 4.3.1.
 * - A format keeps some bits of a number: 7 after the point for bfloat16, 10 for float16. Rounding goes to the nearest, and ties go to the even one.
 * - float16 has few exponents. Gradients below 3e-8 become 0, so the loss is multiplied by a large factor first, and its gradients are divided by it.
 * - The factor is found by trying: it halves when a gradient overflows, and that update is left out; it doubles after many good updates.
 * - bfloat16 has the exponents of float32: nothing to scale. Updates are added in float32 either way.
 */
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

export type Precision = 'bf16' | 'fp16';

export interface ScalerOptions {
  readonly precision: Precision;
  /** The first factor; 65536 unless given. */
  readonly initial?: number;
  /** Good updates in a row before the factor doubles; 2000 unless given. */
  readonly interval?: number;
}

/** One update of `mixedStep`. `gradsOf` gives the gradients of `factor` times the loss, as the low-precision weights see it. */
export interface MixedStepOptions {
  readonly lr: number;
  /** The largest global norm of the gradient; Infinity does not clip. */
  readonly clip: number;
  readonly precision: Precision;
  readonly gradsOf: (weights: Float32Array[], factor: number) => Float32Array[];
}

/** Numbers rounded to bfloat16: [N] -> [N], a copy. */
export function toBf16(x: Float32Array): Float32Array {
  // TODO: keep the upper 16 bits, rounded to nearest, ties to even; NaN stays NaN
  throw new NotImplemented('llm-train/loss-scaler');
}

/** Numbers rounded to float16: [N] -> [N], a copy. What lies beyond 65504 by half a step or more becomes infinite. */
export function toFp16(x: Float32Array): Float32Array {
  // TODO: round to a multiple of the step of the number's binade (at least 2^-24), ties to even; 65520 and more overflow
  throw new NotImplemented('llm-train/loss-scaler');
}

/** The dynamic loss scaler of float16 training; for bfloat16 the factor is 1, always. */
export class Scaler {
  /** What the loss is multiplied by. */
  factor: number;
  /** Good updates since the factor last changed. */
  good = 0;
  /** Whether the gradients of this update held an infinity or a NaN. */
  overflowed = false;
  readonly #precision: Precision;
  readonly #interval: number;

  constructor({ precision, initial = 65536, interval = 2000 }: ScalerOptions) {
    if (!(initial > 0 && interval >= 1)) throw new UsageError('Scaler', 'initial > 0 and interval >= 1', `${initial} and ${interval}`);
    this.#precision = precision;
    this.#interval = interval;
    this.factor = precision === 'fp16' ? initial : 1;
  }

  /** The loss, times the factor. */
  scale(loss: number): number {
    // TODO: times the factor
    throw new NotImplemented('llm-train/loss-scaler');
  }

  /** Gradients of the scaled loss, divided by the factor: copies in float32. Remembers whether one of them was not finite. */
  unscale(grads: readonly Float32Array[]): Float32Array[] {
    // TODO: look for what is not finite, divide by the factor
    throw new NotImplemented('llm-train/loss-scaler');
  }

  /** Adds the changes to the master weights, in place and in float32, unless the gradients overflowed. Says whether it did. */
  step(master: readonly Float32Array[], changes: readonly Float32Array[]): boolean {
    // TODO: nothing after an overflow; otherwise master += change
    throw new NotImplemented('llm-train/loss-scaler');
  }

  /** Once after each update: halves the factor after an overflow, doubles it after `interval` good updates in a row. */
  update(): void {
    // TODO: only for fp16: halve and begin to count anew, or count and double
    throw new NotImplemented('llm-train/loss-scaler');
  }
}

/** One update of plain gradient descent in mixed precision; master weights change in place. Gives the norm before clipping, and whether it updated. */
export function mixedStep(
  master: readonly Float32Array[],
  scaler: Scaler,
  { lr, clip, precision, gradsOf }: MixedStepOptions,
): { master: readonly Float32Array[]; norm: number; stepped: boolean } {
  // TODO: low-precision copies, scaled gradients in low precision, unscale, clip by the global norm, step, update
  throw new NotImplemented('llm-train/loss-scaler');
}
