import { expect, type Random, test } from '@llm-ladder/grader/suite';

// N parameters, D tokens, C FLOPs.
const tight = { rtol: 1e-9, atol: 0 };
const chinchilla = { E: 1.69, A: 406.4, B: 410.7, alpha: 0.34, beta: 0.28 }; // Hoffmann et al. 2022, equation 10

test('planted laws are recovered within 5 %', { points: 4, zh: '埋下的定律在 5 % 以内还原', gate: true }, async ({ learner, random }) => {
  for (let i = 0; i < 4; i++) {
    const law = draw(random);
    const fit = await learner.fitChinchilla(runsOf(random, law, { noise: 5e-4 }));
    for (const name of ['E', 'alpha', 'beta'] as const) expectWithin(name, fit[name], law[name], 0.05);
  }
});

test('runs without noise give the law itself', { points: 2, zh: '没有噪声时得到定律本身' }, async ({ learner, random }) => {
  // With larger terms some searches, the first of the given starts among them, end beside the minimum.
  for (const law of [draw(random), { E: 1.5, A: 2600, B: 1800, alpha: 0.32, beta: 0.39 }]) {
    const fit = await learner.fitChinchilla(runsOf(random, law));
    for (const name of ['E', 'A', 'B', 'alpha', 'beta'] as const) expectWithin(name, fit[name], law[name], 0.01);
  }
});

test('runs that went wrong do not bend the fit', { points: 3, zh: '出了问题的训练不会带偏拟合' }, async ({ learner, random }) => {
  for (let i = 0; i < 3; i++) {
    const law = draw(random);
    const fit = await learner.fitChinchilla(runsOf(random, law, { noise: 3e-4, outliers: 10 }));
    for (const name of ['E', 'alpha', 'beta'] as const) expectWithin(name, fit[name], law[name], 0.05);
  }
});

test('the fit foretells runs a hundred times larger', { points: 2, zh: '拟合能预测大一百倍的训练' }, async ({ learner, random }) => {
  const law = draw(random);
  const fit = await learner.fitChinchilla(runsOf(random, law, { noise: 3e-4 }));
  const [N, D] = [1e12, 1e14];
  expectWithin('loss', await learner.lossAt(fit, N, D), byHand(law, N, D), 0.01);
  expect(byHand(law, N, D)).toBeLessThan(0.9 * byHand(law, N / 1000, D / 1000)); // which is another loss
});

test('the order of the runs does not matter, the runs do', { points: 1, zh: '训练的顺序无关紧要，训练本身才要紧' }, async ({
  learner,
  random,
}) => {
  const runs = runsOf(random, draw(random), { noise: 3e-4 });
  const first = await learner.fitChinchilla(runs);
  const again = await learner.fitChinchilla(random.shuffle(runs));
  for (const name of ['E', 'alpha', 'beta'] as const) expectWithin(name, again[name], first[name], 0.005);
  const higher = await learner.fitChinchilla(runs.map((run) => ({ ...run, loss: run.loss + 1 })));
  expectWithin('E', higher.E, first.E + 1, 0.05);
});

test('fewer runs than numbers are refused, and runs without a loss', { points: 1, zh: '训练比未知数少、或没有损失时拒绝' }, async ({
  learner,
  random,
}) => {
  const runs = runsOf(random, chinchilla);
  expectWithin('alpha', (await learner.fitChinchilla(runs)).alpha, chinchilla.alpha, 0.01);
  await expect(learner.fitChinchilla(runs.slice(0, 4))).toReject(/5/);
  await expect(learner.fitChinchilla([...runs, { N: 1e8, D: 1e9, loss: 0 }])).toReject();
});

test('GPT-3 cost 3.15e23 FLOPs', { points: 2, zh: 'GPT-3 花了 3.15e23 次浮点运算' }, async ({ learner, random }) => {
  expect(await learner.flops(175e9, 300e9)).toBeAllClose(3.15e23, tight);
  const [N, D] = [1e6 * random.next(), 1e9 * random.next()];
  expect((await learner.flops(N, D)) / D / N).toBeAllClose(6, tight);
});

test('lossAt adds a floor and two terms that fall', { points: 1, zh: 'lossAt 是一个下限加两个递减项' }, async ({ learner, random }) => {
  expect(await learner.lossAt({ E: 1, A: 8, B: 27, alpha: 1.5, beta: 0.5 }, 4, 81)).toBeAllClose(1 + 1 + 3, tight);
  const law = draw(random);
  expect(await learner.lossAt(law, 3e8, 7e9)).toBeAllClose(byHand(law, 3e8, 7e9), tight);
  expect(await learner.lossAt(law, 1e60, 1e60)).toBeAllClose(law.E, { rtol: 1e-6 });
});

test('the optimum uses the whole budget', { points: 2, zh: '最优解恰好用完预算' }, async ({ learner, random }) => {
  for (const law of [chinchilla, draw(random), draw(random)])
    for (const C of [1e18, 5.76e23]) {
      const { N, D, loss } = await learner.optimal(C, law);
      expect((6 * N * D) / C).toBeAllClose(1, tight);
      expect(loss).toBeAllClose(byHand(law, N, D), tight);
    }
});

test('no other split of the budget does better', { points: 2, zh: '预算的其他分法都不会更好' }, async ({ learner, random }) => {
  for (const law of [chinchilla, draw(random), draw(random)]) {
    const C = 10 ** (18 + 6 * random.next());
    const { N } = await learner.optimal(C, law);
    // The lowest of a grid in logarithms, 0.1 % apart from 1e5 to 1e15.
    let best = { N: 0, loss: Infinity };
    for (let x = 5; x <= 15; x += 0.000434) {
      const size = 10 ** x;
      const loss = byHand(law, size, C / (6 * size));
      if (loss < best.loss) best = { N: size, loss };
    }
    expectWithin('N', N, best.N, 0.002);
  }
});

test('where both terms are alike, size and data are too', { points: 1, zh: '两项相同时，参数量与数据量也相同' }, async ({ learner }) => {
  const { N, D } = await learner.optimal(6e20, { E: 2, A: 300, B: 300, alpha: 0.3, beta: 0.3 });
  expect([N, D]).toBeAllClose([1e10, 1e10], { rtol: 1e-6, atol: 0 });
});

test('size grows with the budget to the power beta / (alpha + beta)', {
  points: 1,
  zh: '参数量随预算的 beta / (alpha + beta) 次方增长',
}, async ({ learner }) => {
  const [small, large] = [await learner.optimal(1e20, chinchilla), await learner.optimal(1e22, chinchilla)];
  expect(Math.log10(large.N / small.N) / 2).toBeAllClose(0.28 / 0.62, { rtol: 1e-6 });
  expect(Math.log10(large.D / small.D) / 2).toBeAllClose(0.34 / 0.62, { rtol: 1e-6 });
  await expect(learner.optimal(0, chinchilla)).toReject();
});

// --- helpers ---

type Law = typeof chinchilla;
type Run = { N: number; D: number; loss: number };

function draw(random: Random): Law {
  const between = (min: number, max: number) => min + (max - min) * random.next();
  return { E: between(1, 2.2), A: between(300, 600), B: between(300, 900), alpha: between(0.28, 0.42), beta: between(0.25, 0.37) };
}

/** 81 runs from 10 million to 16 billion parameters; the loss of a run that went wrong is 20 % to 60 % too high. */
function runsOf(random: Random, law: Law, { noise = 0, outliers = 0 } = {}): Run[] {
  const wrong = new Set(random.permutation(81).slice(0, outliers));
  const blur = random.normal([81]);
  return Array.from({ length: 81 }, (_, i) => {
    const [N, D] = [10 ** (7 + 0.4 * (i % 9)), 10 ** (8.5 + 0.4 * Math.floor(i / 9))];
    const factor = Math.exp(noise * blur.at(i)) * (wrong.has(i) ? 1.2 + 0.4 * random.next() : 1);
    return { N, D, loss: byHand(law, N, D) * factor };
  });
}

function byHand({ E, A, B, alpha, beta }: Law, N: number, D: number): number {
  return E + A * Math.exp(-alpha * Math.log(N)) + B * Math.exp(-beta * Math.log(D));
}

function expectWithin(name: string, got: number, want: number, share: number): void {
  expect({ name, got, within: Math.abs(got / want - 1) <= share }).toMatchObject({ name, within: true });
}
