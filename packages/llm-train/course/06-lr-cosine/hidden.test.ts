import { expect, type Random, test } from '@llm-ladder/grader/suite';

const cfg = { base: 2e-4, min: 2e-5, warmup: 100, total: 1000 };
const tight = { rtol: 1e-6, atol: 1e-12 };

test('follows the closed form', { points: 3, zh: '与公式一致', gate: true }, async ({ learner, random }) => {
  const known = { 0: 0, 50: 1e-4, 100: 2e-4, 325: 1.736396e-4, 550: 1.1e-4, 1000: 2e-5, 1500: 2e-5 };
  for (const [step, rate] of Object.entries(known)) expect(await learner.lrAt(Number(step), cfg)).toBeAllClose(rate, tight);
  const drawn = schedule(random);
  for (let i = 0; i < 20; i++) {
    const step = random.integer(0, 2 * drawn.total);
    expect(await learner.lrAt(step, drawn)).toBeAllClose(rateAt(step, drawn), tight);
  }
});

test('the warm-up is a straight line from 0 to base', { points: 1, zh: '预热是从 0 到 base 的直线' }, async ({ learner, random }) => {
  const drawn = schedule(random);
  const rates = await each(learner, 0, drawn.warmup, drawn);
  for (const [step, rate] of rates.entries()) expect(rate).toBeAllClose((drawn.base * step) / drawn.warmup, tight);
  expect(rates).toHaveLength(drawn.warmup + 1); // the last of them is base itself
});

test('without a warm-up it begins at base', { points: 2, zh: '没有预热时从 base 开始' }, async ({ learner, random }) => {
  const drawn = { ...schedule(random), warmup: 0 };
  expect(await learner.lrAt(0, drawn)).toBeAllClose(drawn.base, tight);
  expect(await learner.lrAt(1, drawn)).toBeAllClose(rateAt(1, drawn), tight);
});

test('a run that is all warm-up ends at min, without NaN', { points: 1, zh: '全程都在预热的训练以 min 结束，不出现 NaN' }, async ({
  learner,
}) => {
  const all = { base: 1, min: 0.25, warmup: 8, total: 8 };
  for (const [step, rate] of [[0, 0], [7, 0.875], [8, 0.25], [9, 0.25]] as const) // biome-ignore format: step and rate
    expect(await learner.lrAt(step, all)).toBeAllClose(rate, tight);
  expect(await learner.lrAt(0, { ...all, warmup: 0, total: 0 })).toBeAllClose(0.25, tight);
});

test('it never jumps', { points: 1, zh: '从不跳变' }, async ({ learner, random }) => {
  const drawn = schedule(random);
  const rates = await each(learner, 0, drawn.total + 5, drawn);
  const steepest = Math.max(drawn.base / drawn.warmup, ((Math.PI / 2) * (drawn.base - drawn.min)) / (drawn.total - drawn.warmup));
  for (let i = 1; i < rates.length; i++) expect(Math.abs(rates[i]! - rates[i - 1]!)).toBeLessThanOrEqual(steepest * 1.001);
  expect(Math.max(...rates)).toBeAllClose(drawn.base, tight);
});

test('it rises through the warm-up and falls to the end', { points: 1, zh: '预热期间一直上升，之后一直下降到结束' }, async ({
  learner,
  random,
}) => {
  const drawn = schedule(random);
  const rates = await each(learner, 0, drawn.total, drawn);
  for (let i = 1; i <= drawn.total; i++) {
    const rises = rates[i]! > rates[i - 1]!;
    expect({ step: i, rises }).toEqual({ step: i, rises: i <= drawn.warmup });
  }
});

test('the cosine is the same, mirrored about its middle', { points: 1, zh: '余弦关于中点对称' }, async ({ learner, random }) => {
  const drawn = schedule(random);
  const { base, min, warmup, total } = drawn;
  const before = random.integer(1, Math.floor((total - warmup) / 2) - 1);
  const [down, up] = [await learner.lrAt(warmup + before, drawn), await learner.lrAt(total - before, drawn)];
  expect(down + up).toBeAllClose(base + min, tight);
  expect(down).not.toBeAllClose(up);
  const straight = base - ((base - min) * before) / (total - warmup);
  expect(down).not.toBeAllClose(straight); // a cosine, not a line
});

test('after the end it stays at min', { points: 1, zh: '结束之后保持在 min' }, async ({ learner, random }) => {
  const drawn = schedule(random);
  for (const step of [drawn.total, drawn.total + 1, drawn.total + 100, 2 * drawn.total - drawn.warmup, 10 * drawn.total])
    expect(await learner.lrAt(step, drawn)).toBeAllClose(drawn.min, tight);
});

test('min = 0 falls to nothing, min = base stays level', { points: 1, zh: 'min = 0 降到零，min = base 保持不变' }, async ({
  learner,
  random,
}) => {
  const drawn = schedule(random);
  const middle = drawn.warmup + Math.floor((drawn.total - drawn.warmup) / 2);
  for (const min of [0, drawn.base])
    for (const step of [drawn.warmup, middle, drawn.total - 1, drawn.total])
      expect(await learner.lrAt(step, { ...drawn, min })).toBeAllClose(rateAt(step, { ...drawn, min }), { rtol: 1e-6, atol: 1e-15 });
});

test('a schedule that cannot be is refused', { points: 1, zh: '拒绝不成立的设置' }, async ({ learner }) => {
  for (const wrong of [
    { ...cfg, min: 3e-4 },
    { ...cfg, min: -1e-5 },
    { ...cfg, warmup: 1001 },
    { ...cfg, warmup: -1 },
  ])
    await expect(learner.lrAt(5, wrong)).toReject(/min|warmup/);
  expect(await learner.lrAt(1000, { ...cfg, warmup: 1000, min: 2e-4 })).toBeAllClose(2e-4, tight); // the bounds themselves are fine
  for (const step of [-1, Number.NaN]) await expect(learner.lrAt(step, cfg)).toReject(/step/);
});

test('countSteps counts updates, the incomplete one of each epoch too', {
  points: 2,
  zh: 'countSteps 数的是更新次数，每轮不满的一次也算',
}, async ({ learner, random }) => {
  expect(await learner.countSteps(10, 4)).toBe(3);
  expect(await learner.countSteps(10, 4, 3)).toBe(9); // 4 + 4 + 2 three times over, not 30 micro-batches in one row
  expect(await learner.countSteps(12, 4, 2)).toBe(6);
  expect(await learner.countSteps(3, 8, 2)).toBe(2);
  expect(await learner.countSteps(0, 8)).toBe(0);
  const [accum, groups, rest] = [random.integer(3, 9), random.integer(2, 50), random.integer(1, 3)];
  expect(await learner.countSteps(groups * accum + rest, accum)).toBe(groups + 1);
});

test('countSteps refuses groups of nothing', { points: 1, zh: 'countSteps 拒绝空的分组' }, async ({ learner }) => {
  expect(await learner.countSteps(10, 1)).toBe(10);
  for (const [microBatches, accum, epochs] of [[10, 0, 1], [10, 2.5, 1], [-1, 2, 1]]) // biome-ignore format: the three arguments
    await expect(learner.countSteps(microBatches, accum, epochs)).toReject();
});

// --- helpers ---

type Schedule = typeof cfg;

/** Numbers that nobody can have stored. */
function schedule(random: Random): Schedule {
  const base = 1e-4 + 9e-4 * random.next();
  return { base, min: base * (0.05 + 0.2 * random.next()), warmup: random.integer(5, 15), total: random.integer(60, 90) };
}

/** The rates of the steps from `first` to `last`, both included. */
async function each(learner: { lrAt: (step: number, cfg: Schedule) => Promise<number> }, first: number, last: number, drawn: Schedule) {
  const rates: number[] = [];
  for (let step = first; step <= last; step++) rates.push(await learner.lrAt(step, drawn));
  return rates;
}

/** The same rate by another road: cos(x) = 1 - 2 sin(x / 2)^2. */
function rateAt(step: number, { base, min, warmup, total }: Schedule): number {
  if (step < warmup) return base * (step / warmup);
  if (step > total) return min;
  return base - (base - min) * Math.sin(((Math.PI / 2) * (step - warmup)) / (total - warmup)) ** 2;
}
