import { expect, test } from 'vitest';
import { CLEAR, decide, decideQuickly, intervalOf, median } from '../../src/judge/thresholds/verdict.ts';
import { Random } from '../../src/suite/random.ts';

/** One run of the rule on samples as they come. */
function run(draw: () => number, bound: Parameters<typeof decide>[1]): { verdict: string; pairs: number } {
  const samples: number[] = [];
  for (;;) {
    samples.push(draw());
    const verdict = decide(samples, bound);
    if (verdict !== 'more') return { verdict, pairs: samples.length };
  }
}

/** Log-normal noise around a median: skewed, as timings are. */
function noisy(random: Random, median: number, sigma: number): () => number {
  return () => median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next()));
}

test('on the very bound the rule errs in less than 0.1 % of runs, both sides together', () => {
  const random = new Random('interval');
  const runs = 100_000;
  let decided = 0;
  const draw = () => 0.7 * (0.75 + random.next() / 2); // any noise will do: the rule looks at ranks only
  for (let i = 0; i < runs; i++) if (run(draw, { side: 'atLeast', value: 0.7 }).verdict !== 'inconclusive') decided++;
  expect(decided / runs).toBeLessThan(0.001);
  expect(decided / runs).toBeGreaterThan(0.0006); // the rule is as strict as it says, not stricter
}, 60_000);

test('a look between the three decides nothing', () => {
  for (const pairs of [1, 2, 4, 5, 11, 13, 23, 25, 31]) expect(intervalOf(Array(pairs).fill(2))).toBeUndefined();
  expect(decide(Array(11).fill(2), { side: 'atLeast', value: 0.7 })).toBe('more');
});

test('clear cases end at the first look, on the right side', () => {
  const random = new Random('clear');
  for (let i = 0; i < 200; i++) {
    expect(run(noisy(random, 1, 0.05), { side: 'atLeast', value: 0.7 })).toEqual({ verdict: 'passed', pairs: 12 });
    expect(run(noisy(random, 0.4, 0.05), { side: 'atLeast', value: 0.7 })).toEqual({ verdict: 'failed', pairs: 12 });
    expect(run(noisy(random, 2, 0.02), { side: 'atMost', value: 2.4 })).toEqual({ verdict: 'passed', pairs: 12 });
    expect(run(noisy(random, 4, 0.02), { side: 'atMost', value: 2.4 })).toEqual({ verdict: 'failed', pairs: 12 });
  }
});

test('three pairs that are each four times too slow are enough to fail, two or one in three are not', () => {
  expect(run(() => 0.05, { side: 'atLeast', value: 0.7 })).toEqual({ verdict: 'failed', pairs: 3 });
  expect(run(() => 20, { side: 'atMost', value: 2.4 })).toEqual({ verdict: 'failed', pairs: 3 });
  expect(decide([0.05, 0.05, 0.2], { side: 'atLeast', value: 0.7 })).toBe('more');
  expect(decide([0.05, 0.05], { side: 'atLeast', value: 0.7 })).toBe('more');
});

test('an honest program in noise of a factor of two never meets the three-pair rule', () => {
  const random = new Random('hopeless');
  let failedEarly = 0;
  for (let i = 0; i < 100_000; i++) {
    const draw = () => 0.7 * 2 ** (2 * random.next() - 1);
    if (decide([draw(), draw(), draw()], { side: 'atLeast', value: 0.7 }) === 'failed') failedEarly++;
  }
  expect(failedEarly).toBe(0);
});

test('the median of an even number of samples is the middle of the two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});

test('the quick rule decides after three pairs that agree, and leaves the rest open', () => {
  const ratio = { side: 'atLeast', value: 0.6 } as const;
  expect(decideQuickly([0.1, 0.1], ratio)).toBe('more');
  expect(decideQuickly([0.39, 0.38, 0.2], ratio)).toBe('failed');
  expect(decideQuickly([0.39, 0.41, 0.2], ratio)).toBe('inconclusive'); // one of them is not half beyond
  expect(decideQuickly([0.67, 0.9, 1.1], ratio)).toBe('passed');
  expect(decideQuickly([0.65, 0.9, 1.1], ratio)).toBe('inconclusive');
  const growth = { side: 'atMost', value: 3 } as const;
  expect(decideQuickly([4.5, 4.6, 9], growth)).toBe('failed');
  expect(decideQuickly([4.4, 4.6, 9], growth)).toBe('inconclusive');
  expect(decideQuickly([3.8, 3.9, 9], growth, CLEAR.failsWithoutLuck)).toBe('failed');
  expect(decideQuickly([3.7, 3.9, 9], growth, CLEAR.failsWithoutLuck)).toBe('inconclusive');
  expect(decideQuickly([2, 2.1, 2.7], growth)).toBe('passed');
});

test('on the very bound the quick rule fails in less than 0.1 % of runs with 30 % of noise, and passes in less than 2.5 % with 15 %', () => {
  const random = new Random('quick');
  const runs = 20_000;
  const share = (sigma: number, verdict: string, fails?: number): number => {
    const draw = noisy(random, 0.7, sigma);
    const verdicts = Array.from({ length: runs }, () =>
      decideQuickly(Array.from({ length: CLEAR.pairs }, draw), { side: 'atLeast', value: 0.7 }, fails),
    );
    return verdicts.filter((one) => one === verdict).length / runs;
  };
  expect(share(0.3, 'failed')).toBeLessThan(0.001);
  expect(share(0.15, 'failed', CLEAR.failsWithoutLuck)).toBeLessThan(0.001);
  expect(share(0.15, 'passed')).toBeLessThan(0.025);
  expect(share(0.15, 'passed')).toBeGreaterThan(0.01); // it is no stricter than it says
});
