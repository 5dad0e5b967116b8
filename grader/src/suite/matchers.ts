/** `import '@llm-ladder/grader/matchers'` in a vitest test: `expect` learns toBeAllClose, toHaveShape, toBeFinite and toBeNonZero for tf tensors. */
import { useBackend } from '@llm-ladder/backend';
import { expect } from 'vitest';
import { type Numbers, numbersOf, type Tolerance } from '../box/close.ts';
import { tensorMatchers } from '../box/tensor-matchers.ts';

interface TensorLike {
  readonly shape: readonly number[];
  dataSync(): ArrayLike<number>;
}

declare module 'vitest' {
  // The parameters must be vitest's own for the declarations to merge.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Shapes agree, and |got - expected| <= atol + rtol * |expected| everywhere; rtol is 1e-4 and atol 1e-5 unless told. NaN is never close. */
    toBeAllClose: (expected: unknown, tolerance?: Tolerance) => R;
    toHaveShape: (shape: readonly number[]) => R;
    /** No element is NaN or infinite. */
    toBeFinite: () => R;
    /** At least one element is not zero. */
    toBeNonZero: () => R;
  }
}

// By form, not by class: this module must not load a TF.js of its own.
function numbers(value: unknown): Numbers | undefined {
  const like = value as Partial<TensorLike> | null | undefined;
  if (typeof like?.dataSync === 'function' && Array.isArray(like.shape)) return { shape: like.shape, values: like.dataSync() };
  return numbersOf(value);
}

expect.extend({ ...tensorMatchers(numbers) });

// A visible test makes tensors at once, so its backend is up before its first line runs.
await useBackend();
