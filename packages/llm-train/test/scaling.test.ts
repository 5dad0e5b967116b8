import { describe, expect, test } from 'vitest';
import { fitChinchilla, huber, lossAt, minimise, optimal } from '../src/scaling.ts';

const law = { E: 1.69, A: 406.4, B: 410.7, alpha: 0.34, beta: 0.28 };

describe('fitChinchilla', () => {
  test('recovers a law in spite of runs that diverged', () => {
    const runs = [7, 7.5, 8, 8.5, 9, 9.5, 10].flatMap((n) =>
      [9, 9.5, 10, 10.5, 11].map((d) => ({ N: 10 ** n, D: 10 ** d, loss: lossAt(law, 10 ** n, 10 ** d) })),
    );
    for (const at of [3, 11, 20]) runs[at]!.loss *= 1.5;
    const fit = fitChinchilla(runs);
    // Each broken run still pulls by Huber's 1e-3: the least cost lies near the law, not on it, and A and B follow their exponents tenfold.
    for (const name of ['E', 'alpha', 'beta'] as const) expect(fit[name] / law[name]).toBeCloseTo(1, 3);
    for (const name of ['A', 'B'] as const) expect(fit[name] / law[name]).toBeCloseTo(1, 2);
    const cost = (found: typeof law) => runs.reduce((sum, { N, D, loss }) => sum + huber(Math.log(lossAt(found, N, D) / loss)), 0);
    expect(cost(fit)).toBeLessThan(cost(law));
  });

  test('says how many runs it wants', () => {
    expect(() => fitChinchilla([])).toThrow('fitChinchilla: expected at least 5 runs with positive N, D and loss, got 0 runs');
  });
});

describe('optimal', () => {
  test('a hair more or fewer parameters are worse', () => {
    const C = 1e21;
    const { N, loss } = optimal(C, law);
    for (const factor of [0.99, 1.01]) expect(lossAt(law, N * factor, C / (6 * N * factor))).toBeGreaterThan(loss);
  });
});

describe('minimise', () => {
  test('finds the middle of three numbers once they are far apart, as absolute values do', () => {
    const { at, cost } = minimise(([x]) => [1, 2, 30].map((number) => x! - number), [7]);
    expect(at[0]).toBeCloseTo(2, 2);
    expect(cost).toBeCloseTo(huber(1) + huber(28), 5);
  });
});
