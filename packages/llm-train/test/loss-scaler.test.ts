import { describe, expect, test } from 'vitest';
import { mixedStep, Scaler, toBf16, toFp16 } from '../src/loss-scaler.ts';

describe('toBf16 and toFp16', () => {
  test('take a view into a larger buffer', () => {
    const all = Float32Array.of(1, 257, 2049, 1);
    expect([...toBf16(all.subarray(1, 3))]).toEqual([256, 2048]);
    expect([...toFp16(all.subarray(1, 3))]).toEqual([257, 2048]);
  });
});

describe('Scaler', () => {
  test('doubles after 2000 good updates unless told', () => {
    const scaler = new Scaler({ precision: 'fp16' });
    for (let i = 0; i < 1999; i++) scaler.update();
    expect(scaler.factor).toBe(65536);
    scaler.update();
    expect(scaler.factor).toBe(131072);
  });

  test('refuses a factor of 0', () => {
    expect(() => new Scaler({ precision: 'fp16', initial: 0 })).toThrow('Scaler: expected initial > 0');
  });
});

describe('mixedStep', () => {
  test('brings a bowl to its bottom in either format', () => {
    for (const precision of ['bf16', 'fp16'] as const) {
      const master = [Float32Array.of(3, -4)];
      const scaler = new Scaler({ precision });
      const gradsOf = (weights: Float32Array[], factor: number) => weights.map((weight) => weight.map((x) => factor * x));
      for (let i = 0; i < 200; i++) mixedStep(master, scaler, { lr: 0.1, clip: 1, precision, gradsOf });
      for (const x of master[0]!) expect(Math.abs(x)).toBeLessThan(1e-4);
    }
  });
});
