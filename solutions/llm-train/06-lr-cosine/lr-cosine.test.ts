import { describe, expect, test } from 'vitest';
import { countSteps, lrAt } from './lr-cosine.ts';

const cfg = { base: 2e-4, min: 2e-5, warmup: 100, total: 1000 };

describe('lrAt', () => {
  test('the worked numbers of the README', () => {
    expect(lrAt(0, cfg)).toBe(0);
    expect(lrAt(50, cfg)).toBeCloseTo(1e-4, 9);
    expect(lrAt(100, cfg)).toBeCloseTo(2e-4, 9);
    expect(lrAt(325, cfg)).toBeCloseTo(1.736396e-4, 9);
    expect(lrAt(550, cfg)).toBeCloseTo(1.1e-4, 9);
    expect(lrAt(1500, cfg)).toBeCloseTo(2e-5, 9);
  });

  test('no warm-up begins at base', () => {
    expect(lrAt(0, { ...cfg, warmup: 0 })).toBeCloseTo(2e-4, 9);
  });
});

describe('countSteps', () => {
  test('ten micro-batches in groups of four are three updates', () => {
    expect(countSteps(10, 4)).toBe(3);
    expect(countSteps(10, 4, 2)).toBe(6);
  });
});
