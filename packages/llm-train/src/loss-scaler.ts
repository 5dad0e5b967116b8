/**
 * Mixed precision, played through on Float32Arrays: what bfloat16 and float16 keep of a number, a loss scaler, and master weights.
 *
 * Papers: Micikevicius et al. 2018, "Mixed precision training", sections 3.1 (master weights) and 3.2 (loss scaling); IEEE 754-2019, 4.3.1.
 * - A format keeps some bits of a number: 7 after the point for bfloat16, 10 for float16. Rounding goes to the nearest, and ties go to the even one.
 * - float16 has few exponents. Gradients below 3e-8 become 0, so the loss is multiplied by a large factor first, and its gradients are divided by it.
 * - The factor is found by trying: it halves when a gradient overflows, and that update is left out; it doubles after many good updates.
 * - bfloat16 has the exponents of float32: nothing to scale. Updates are added in float32 either way.
 */
import { UsageError } from '@llm-ladder/backend/errors';

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
  // #region exercise: keep the upper 16 bits, rounded to nearest, ties to even; NaN stays NaN
  const bits = new Uint32Array(x.length);
  bits.set(new Uint32Array(x.buffer, x.byteOffset, x.length));
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    const notANumber = (b & 0x7fffffff) > 0x7f800000;
    const half = 0x7fff + ((b >>> 16) & 1); // just below a half where the last kept bit is 0, a half where it is 1
    bits[i] = notANumber ? 0x7fc00000 : (b + half) & 0xffff0000; // a carry runs on into the exponent, up to infinity
  }
  return new Float32Array(bits.buffer);
  // #endregion
}

/** Numbers rounded to float16: [N] -> [N], a copy. What lies beyond 65504 by half a step or more becomes infinite. */
export function toFp16(x: Float32Array): Float32Array {
  // #region exercise: round to a multiple of the step of the number's binade (at least 2^-24), ties to even; 65520 and more overflow
  const bits = new Uint32Array(x.buffer, x.byteOffset, x.length);
  const out = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const exponent = Math.max(-14, ((bits[i]! >>> 23) & 0xff) - 127); // below 2^-14 the steps get no finer
    // In float64 this sum has the step 2^(exponent - 10): adding rounds, subtracting gives the rounded number back.
    const push = 1.5 * 2 ** (exponent - 10 + 52);
    const rounded = Math.abs(x[i]!) + push - push;
    const size = rounded > 65504 ? Number.POSITIVE_INFINITY : rounded;
    out[i] = bits[i]! >>> 31 ? -size : size;
  }
  return out;
  // #endregion
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
    // #region exercise: times the factor
    return loss * this.factor;
    // #endregion
  }

  /** Gradients of the scaled loss, divided by the factor: copies in float32. Remembers whether one of them was not finite. */
  unscale(grads: readonly Float32Array[]): Float32Array[] {
    // #region exercise: look for what is not finite, divide by the factor
    this.overflowed = grads.some((grad) => !grad.every(Number.isFinite));
    return grads.map((grad) => grad.map((x) => x / this.factor));
    // #endregion
  }

  /** Adds the changes to the master weights, in place and in float32, unless the gradients overflowed. Says whether it did. */
  step(master: readonly Float32Array[], changes: readonly Float32Array[]): boolean {
    // #region exercise: nothing after an overflow; otherwise master += change
    if (this.overflowed) return false;
    for (const [i, weight] of master.entries()) for (let j = 0; j < weight.length; j++) weight[j]! += changes[i]![j]!;
    return true;
    // #endregion
  }

  /** Once after each update: halves the factor after an overflow, doubles it after `interval` good updates in a row. */
  update(): void {
    // #region exercise: only for fp16: halve and begin to count anew, or count and double
    if (this.#precision !== 'fp16') return;
    this.good = this.overflowed ? 0 : this.good + 1;
    if (this.overflowed) this.factor /= 2;
    if (this.good === this.#interval) {
      this.factor *= 2;
      this.good = 0;
    }
    this.overflowed = false;
    // #endregion
  }
}

/** One update of plain gradient descent in mixed precision; master weights change in place. Gives the norm before clipping, and whether it updated. */
export function mixedStep(
  master: readonly Float32Array[],
  scaler: Scaler,
  { lr, clip, precision, gradsOf }: MixedStepOptions,
): { master: readonly Float32Array[]; norm: number; stepped: boolean } {
  // #region exercise: low-precision copies, scaled gradients in low precision, unscale, clip by the global norm, step, update
  const round = precision === 'fp16' ? toFp16 : toBf16;
  const scaled = gradsOf(master.map(round), scaler.scale(1)).map(round);
  const grads = scaler.unscale(scaled);
  const norm = Math.sqrt(grads.reduce((sum, grad) => sum + grad.reduce((part, x) => part + x * x, 0), 0));
  const rate = lr * Math.min(1, clip / (norm + 1e-6));
  const stepped = scaler.step(
    master,
    grads.map((grad) => grad.map((x) => -rate * x)),
  );
  scaler.update();
  return { master, norm, stepped };
  // #endregion
}
