import { describe, expect, test } from 'vitest';
import { countSteps, lrAt } from '../src/lr-cosine.ts';

const cfg = { base: 2e-4, min: 2e-5, warmup: 100, total: 1000 };

describe('lrAt', () => {
  test('a step between two whole ones lies between their rates', () => {
    expect(lrAt(200.5, cfg)).toBeLessThan(lrAt(200, cfg));
    expect(lrAt(200.5, cfg)).toBeGreaterThan(lrAt(201, cfg));
  });

  test('refuses what is no schedule, in one line', () => {
    expect(() => lrAt(0, { ...cfg, min: 1 })).toThrow('lrAt: expected 0 <= min <= base, got min=1, base=0.0002');
    expect(() => lrAt(0, { ...cfg, warmup: 2000 })).toThrow('lrAt: expected 0 <= warmup <= total, got warmup=2000, total=1000');
    expect(() => lrAt(-1, cfg)).toThrow('lrAt: expected step >= 0, got -1');
  });
});

describe('countSteps', () => {
  test('rounds up within each epoch', () => {
    expect(countSteps(10, 4, 3)).toBe(9);
    expect(countSteps(8, 4, 3)).toBe(6);
    expect(() => countSteps(8, 0)).toThrow('accum >= 1');
  });
});
