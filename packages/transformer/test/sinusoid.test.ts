import { type tf, useBackend } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { sinusoidal } from '../src/sinusoid.ts';

beforeAll(async () => void (await useBackend('wasm')));

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
