import { describe, expect, test } from 'vitest';
import { mixedStep, Scaler, toBf16, toFp16 } from './loss-scaler.ts';

describe('toBf16 and toFp16', () => {
  test('the worked numbers of the README', () => {
    expect([...toBf16(Float32Array.of(257, 259, 3.14159274))]).toEqual([256, 260, 3.140625]);
    expect([...toFp16(Float32Array.of(2049, 2051, 3.14159274, 1e-8, 65520))]).toEqual([2048, 2052, 3.140625, 0, Infinity]);
  });
});

describe('Scaler', () => {
  test('an overflow halves the factor and skips the update', () => {
    const scaler = new Scaler({ precision: 'fp16', initial: 1024 });
    expect(scaler.scale(0.5)).toBe(512);
    scaler.unscale([Float32Array.of(Infinity)]);
    const weight = Float32Array.of(1);
    expect(scaler.step([weight], [Float32Array.of(5)])).toBe(false);
    scaler.update();
    expect(weight[0]).toBe(1);
    expect(scaler.factor).toBe(512);
  });
});

describe('mixedStep', () => {
  test('a gradient of 1e-8 arrives with a factor and is lost without', () => {
    const gradsOf = (_: Float32Array[], factor: number) => [Float32Array.of(1e-8 * factor)];
    const run = (initial: number) =>
      mixedStep([Float32Array.of(0)], new Scaler({ precision: 'fp16', initial }), { lr: 1, clip: Infinity, precision: 'fp16', gradsOf });
    expect(run(65536).master[0]![0]! * 1e8).toBeCloseTo(-1, 2);
    expect(run(1).master[0]![0]!).toBeCloseTo(0, 12);
  });
});
