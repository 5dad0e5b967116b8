import { useBackend } from '@llm-ladder/backend';
import { beforeAll, describe, expect, test } from 'vitest';
import { mixedStep, Scaler, toBf16, toFp16 } from '../src/loss-scaler.ts';
import { goldens } from './goldens.ts';

beforeAll(async () => void (await useBackend('cpu'))); // holds the fixture, computes nothing

describe('toBf16 and toFp16', () => {
  test('match PyTorch bit for bit, but for the bits of a NaN', () => {
    const { x, bf16, fp16 } = floats();
    for (const [got, want] of [[toBf16(x), bf16], [toFp16(x), fp16]] as const) // biome-ignore format: two formats
      expect(want.findIndex((value, i) => !Object.is(value, got[i]))).toBe(-1);
  });

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

// --- helpers ---

/** The fixture's bit patterns as the floats that they are. */
function floats(): Record<'x' | 'bf16' | 'fp16', Float32Array> {
  const stored = goldens('08-loss-scaler', 'rounding') as unknown as Record<string, { dataSync(): Int32Array }>;
  const read = (name: string) => new Float32Array(stored[name]!.dataSync().slice().buffer);
  return { x: read('x'), bf16: read('bf16'), fp16: read('fp16') };
}
