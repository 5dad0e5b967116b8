import '@llm-ladder/grader/matchers';
import { describe, expect, test } from 'vitest';
import { sinusoidal } from './sinusoid.ts';

describe('sinusoidal', () => {
  test('the worked number of the README', () => {
    const row = sinusoidal(4, 4).slice([3, 0], [1, 4]);
    expect(row).toBeAllClose([[0.1411, -0.99, 0.03, 0.9996]], { atol: 1e-4 });
  });

  test('position 0 has sines of 0 and cosines of 1', () => {
    expect(sinusoidal(1, 6)).toBeAllClose([[0, 1, 0, 1, 0, 1]]);
  });

  test('another base changes the slow clocks only', () => {
    expect(sinusoidal(2, 4, 100).slice([1, 0], [1, 4])).toBeAllClose([[0.841471, 0.540302, 0.099833, 0.995004]]);
  });

  test('an odd width is refused', () => {
    expect(() => sinusoidal(3, 5)).toThrow(/5/);
  });
});
