import { describe, expect, test } from 'vitest';
import { fitChinchilla, flops, lossAt, optimal } from './scaling.ts';

const law = { E: 1.69, A: 406.4, B: 410.7, alpha: 0.34, beta: 0.28 };

describe('flops and lossAt', () => {
  test('the worked numbers of the README', () => {
    expect(flops(175e9, 300e9) / 1e23).toBeCloseTo(3.15, 9);
    expect(lossAt(law, 70e9, 1.4e12)).toBeCloseTo(1.93665, 4);
  });
});

describe('fitChinchilla', () => {
  test('finds a law again', () => {
    const sizes = [1e7, 1e8, 1e9, 1e10];
    const runs = sizes.flatMap((N) => [1e9, 1e10, 1e11].map((D) => ({ N, D, loss: lossAt(law, N, D) })));
    const fit = fitChinchilla(runs);
    expect(fit.E).toBeCloseTo(1.69, 2);
    expect(fit.alpha).toBeCloseTo(0.34, 2);
    expect(fit.beta).toBeCloseTo(0.28, 2);
  });
});

describe('optimal', () => {
  test('spends the budget', () => {
    const { N, D } = optimal(5.76e23, law);
    expect((6 * N * D) / 5.76e23).toBeCloseTo(1, 9);
    expect(N / 1e9).toBeCloseTo(32.19, 1);
  });
});
