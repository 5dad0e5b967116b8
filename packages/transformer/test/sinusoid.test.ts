import '@llm-ladder/grader/matchers';
import type { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { sinusoidal } from '../src/sinusoid.ts';
import { onEveryBackend } from './every-backend.ts';
import { kept } from './goldens.ts';

onEveryBackend(() => {
  test('equals the formula, feature by feature', () => {
    const [T, D, base] = [9, 6, 500];
    const rows = Array.from({ length: T }, (_, t) =>
      Array.from({ length: D }, (_, c) => {
        const angle = t / base ** ((c - (c % 2)) / D);
        return c % 2 ? Math.cos(angle) : Math.sin(angle);
      }),
    );
    expect(sinusoidal(T, D, base)).toBeAllClose(rows, { atol: 1e-5 });
  });

  test('keeps one tensor, the result', () => {
    expect(kept(() => sinusoidal(5, 8))).toBe(1);
  });
});

describe('sinusoidal', () => {
  test('says which sizes it does not take', () => {
    expect(() => sinusoidal(4, 7)).toThrow(ShapeError);
    expect(() => sinusoidal(4, 7)).toThrow('sinusoidal: expected a positive even D, got D=7');
    expect(() => sinusoidal(0, 6)).toThrow('sinusoidal: expected a positive integer T, got T=0');
    expect(() => sinusoidal(4, 0)).toThrow(ShapeError);
  });

  test('gives a Tensor2D', () => {
    expectTypeOf(sinusoidal(2, 4)).toEqualTypeOf<tf.Tensor2D>();
  });
});
