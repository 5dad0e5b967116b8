import { expect, performance, type Random, type TensorValue, tensor, test } from '@llm-ladder/grader/suite';

// Dims: B beams, V ids.
type Answer = { ids: number[]; score: number };
type Options = { k: number; maxLen: number; alpha: number; eos: number };
/** Logits of the next id after a beginning. */
type Model = (ids: readonly number[]) => readonly number[];

test('a beam that holds everything equals the exhaustive search', { points: 4, zh: '束宽到装得下一切时，等于穷举', gate: true }, async ({
  learner,
  random,
}) => {
  const [V, maxLen] = [4, 4];
  for (const alpha of [0, 0.6 + 0.3 * random.next(), 1.5]) {
    const eos = random.integer(0, V);
    const model = randomModel(random, V);
    const everything = exhaustive(model, { V, maxLen, alpha, eos });
    expect(everything).toHaveLength(1 + 3 + 9 + 27 + 81); // ended after 1 to 4 ids, or not at all
    expectAnswers(await learner.beam(stepOf(model), { k: 121, maxLen, alpha, eos }), everything, model, alpha);
  }
});

test('one beam is greedy', { points: 3, zh: '只有一束就是贪心' }, async ({ learner, random }) => {
  for (const [V, maxLen, alpha] of [
    [5, 7, 0],
    [9, 4, 1],
    [3, 12, 0.4],
  ] as const) {
    const [model, eos] = [randomModel(random, V), random.integer(0, V)];
    const ids: number[] = [];
    let sum = 0;
    while (ids.length < maxLen && ids.at(-1) !== eos) {
      const logs = logSoftmax(model(ids));
      sum += Math.max(...logs);
      ids.push(logs.indexOf(Math.max(...logs)));
    }
    const answers: Answer[] = await learner.beam(stepOf(model), { k: 1, maxLen, alpha, eos });
    expect(answers.map((answer) => answer.ids)).toEqual([ids]);
    expect(answers[0]!.score).toBeAllClose(sum / ids.length ** alpha);
  }
});

test('a narrow beam keeps the k best of all beams at each length', { points: 3, zh: '窄束在每个长度保留全体中最好的 k 个' }, async ({
  learner,
  random,
}) => {
  for (const [k, V, maxLen, alpha] of [
    [2, 5, 6, 0],
    [3, 7, 5, 1],
    [5, 4, 6, 0.7],
    [4, 3, 8, 2],
  ] as const) {
    const options = { k, maxLen, alpha, eos: random.integer(0, V) };
    let model = randomModel(random, V);
    let expected = searchByLoop(model, options);
    // Rounding must not decide who stays.
    while (expected.gap < 1e-3) {
      model = randomModel(random, V);
      expected = searchByLoop(model, options);
    }
    expectAnswers(await learner.beam(stepOf(model), options), expected.answers, model, alpha);
  }
});

test('a first id with poor continuations is overtaken', { points: 1, zh: '开头好、后继差的会被超过' }, async ({ learner }) => {
  const model = table({ '': [0.1, 0.5, 0.4], '1': [0.4, 0.3, 0.3], '2': [0.9, 0.05, 0.05] });
  const answers: Answer[] = await learner.beam(stepOf(model), { k: 2, maxLen: 3, alpha: 0, eos: 0 });
  expect(answers.map(({ ids }) => ids)).toEqual([[2, 0], [1, 0]]); // biome-ignore format: one answer a row
  expect(answers.map(({ score }) => score)).toBeAllClose([-1.021651, -1.609438]);
});

test('what has ended is asked no more, and at most k rows are', { points: 3, zh: '已结束的不再去问，每次最多问 k 行' }, async ({
  learner,
  random,
}) => {
  const [k, V, eos] = [4, 6, 2];
  const model = randomModel(random, V, eos, (ids) => (ids.length % 2 === 1 ? 2 : -2)); // often ends after an even number of ids
  const calls: number[][][] = [];
  const answers: Answer[] = await learner.beam(stepOf(model, calls), { k, maxLen: 7, alpha: 1, eos });
  expect(calls[0]).toEqual([[]]);
  expect(calls.flat().filter((ids) => ids.includes(eos))).toEqual([]);
  expect(calls.every((rows) => rows.length >= 1 && rows.length <= k)).toBe(true);
  expect(answers).toHaveLength(k);
  for (const { ids } of answers) {
    expect(ids.slice(0, -1)).not.toContain(eos);
    expect(ids.length === 7 || ids.at(-1) === eos).toBe(true);
  }

  // After its end a model would say the same for ever, at no cost.
  const tempting = table({ '': [0.3, 0.36, 0.34], '0': [1, 0, 0], '0,0': [1, 0, 0], '1': [0.9, 0.05, 0.05], '2': [0.8, 0.1, 0.1] }); // biome-ignore format: one line
  const best: Answer[] = await learner.beam(stepOf(tempting), { k: 3, maxLen: 3, alpha: 1, eos: 0 });
  expect(best.map(({ ids }) => ids)).toEqual([[1, 0], [2, 0], [0]]); // biome-ignore format: one answer a row

  // Where all have ended, there is nobody left to ask.
  const asked: number[][][] = [];
  const over = stepOf(() => [0, -Infinity], asked);
  expect(await learner.beam(over, { k: 2, maxLen: 5, alpha: 1, eos: 0 })).toMatchObject([{ ids: [0] }]);
  expect(asked).toEqual([[[]]]);
});

test('the length penalty divides by length^alpha, eos counted', { points: 2, zh: '长度惩罚除以 length^alpha，eos 也算' }, async ({
  learner,
}) => {
  const model = table({ '': [0.3, 0.7], '1': [0.5, 0.5], '1,1': [0.8, 0.2] });
  const scores = async (alpha: number): Promise<[string, number][]> => {
    const answers: Answer[] = await learner.beam(stepOf(model), { k: 9, maxLen: 3, alpha, eos: 0 });
    return answers.map(({ ids, score }) => [ids.join(''), score]);
  };
  const sums = new Map([['0', Math.log(0.3)], ['10', Math.log(0.35)], ['110', Math.log(0.28)], ['111', Math.log(0.07)]]); // biome-ignore format: one line
  for (const [alpha, order] of [
    [0, ['10', '0', '110', '111']],
    [1, ['110', '10', '111', '0']],
    [2, ['110', '10', '111', '0']],
  ] as const) {
    // biome-ignore format: one line
    const got = await scores(alpha);
    expect(got.map(([ids]) => ids)).toEqual(order);
    expect(got.map(([, score]) => score)).toBeAllClose(order.map((ids) => sums.get(ids)! / ids.length ** alpha));
  }
});

test('scores are logs of probabilities: a shift of all logits changes nothing', {
  points: 2,
  zh: '得分是概率的对数：整体平移 logits 没有影响',
}, async ({ learner, random }) => {
  const model = randomModel(random, 5);
  const options = { k: 121, maxLen: 3, alpha: 0, eos: 1 };
  const plain: Answer[] = await learner.beam(stepOf(model), options);
  const shifted: Answer[] = await learner.beam(
    stepOf((ids) => model(ids).map((z) => z + 3 * ids.length - 2)),
    options,
  );
  expect(shifted.map(({ score }) => score)).toBeAllClose(plain.map(({ score }) => score));
  expect(plain.reduce((total, { score }) => total + Math.exp(score), 0)).toBeAllClose(1); // all answers there are
  const steeper: Answer[] = await learner.beam(
    stepOf((ids) => model(ids).map((z) => 2 * z)),
    options,
  );
  expect(steeper.map(({ score }) => score)).not.toBeAllClose(plain.map(({ score }) => score));
});

test('the search goes on while a living beam can still win', { points: 2, zh: '只要活着的束还可能赢，搜索就继续' }, async ({ learner }) => {
  const ending = { '': [0.5, 0.5], '1': [0.01, 0.99], '1,1': [0.99, 0.01] };
  const [best] = await learner.beam(stepOf(table(ending)), { k: 2, maxLen: 3, alpha: 1, eos: 0 });
  expect(best.ids).toEqual([1, 1, 0]);
  // After two ids the pool is full and the living beam behind, by its score of now: ln .105 / 2. Later steps cost nothing.
  const late = table({ '': [0.4, 0.35, 0.25], '1': [0.5, 0.3, 0.2], '1,1': [0, 1, 0], '1,1,1': [0, 1, 0], '1,1,1,1': [1, 0, 0] });
  const [winner] = await learner.beam(stepOf(late), { k: 2, maxLen: 9, alpha: 1, eos: 0 });
  expect(winner.ids).toEqual([1, 1, 1, 1, 0]);
  expect(winner.score).toBeAllClose(Math.log(0.105) / 5);
});

test('the search stops when no living beam can enter the k best', { points: 1, zh: '活着的束都进不了前 k 名时，搜索停止' }, async ({
  learner,
}) => {
  const lengths = async (alpha: number): Promise<number> => {
    const calls: number[][][] = [];
    const model: Model = (ids) => (ids.length === 0 ? [0.9, 0.06, 0.04] : [0.5, 0.3, 0.2]).map(Math.log);
    await learner.beam(stepOf(model, calls), { k: 2, maxLen: 12, alpha, eos: 0 });
    return 1 + Math.max(...calls.flat().map((ids) => ids.length));
  };
  expect(await lengths(0)).toBe(2); // .9 and .03 against .06 · .3
  expect(await lengths(1)).toBeGreaterThan(4); // ln(.018) / 12 is still ahead of ln(.03) / 2
  // A coin: [1, 1] is as likely as [1, 0], which has ended. To draw level is not enough to enter.
  const calls: number[][][] = [];
  await learner.beam(
    stepOf(() => [0, 0], calls),
    { k: 2, maxLen: 9, alpha: 0, eos: 0 },
  );
  expect(calls).toHaveLength(2);
});

test('at maxLen what is alive joins the pool', { points: 1, zh: '到 maxLen 时还活着的也进池' }, async ({ learner }) => {
  const model = table({ '': [0.1, 0.6, 0.3], '1': [0.05, 0.15, 0.8], '2': [0.2, 0.4, 0.4] });
  const answers: Answer[] = await learner.beam(stepOf(model), { k: 3, maxLen: 2, alpha: 0, eos: 0 });
  expect(answers[0]!.ids).toEqual([1, 2]);
  expect(answers.map(({ score }) => score)).toBeAllClose([Math.log(0.48), Math.log(0.12), Math.log(0.12)]);
  expect(await learner.beam(stepOf(model), { k: 3, maxLen: 1, alpha: 1, eos: 0 })).toMatchObject([
    { ids: [1] },
    { ids: [2] },
    { ids: [0] },
  ]);
});

test('of equals the earlier beam, then the lower id', { points: 1, zh: '相同时靠前的束在先，其次是小的 id' }, async ({ learner }) => {
  const answers: Answer[] = await learner.beam(
    stepOf(() => [0, 0, 0, 0]),
    { k: 3, maxLen: 2, alpha: 0, eos: 3 },
  );
  expect(answers.map(({ ids }) => ids)).toEqual([[0, 0], [0, 1], [0, 2]]); // biome-ignore format: one answer a row
});

test('logits of 1e4 count, ids at -Infinity never come', { points: 1, zh: 'logits 为 1e4 也能算，-Infinity 的 id 从不出现' }, async ({
  learner,
}) => {
  const model: Model = (ids) => (ids.length < 2 ? [-Infinity, 1e4, 1e4 - 1, -Infinity] : [1e4, -Infinity, -Infinity, -Infinity]);
  const answers: Answer[] = await learner.beam(stepOf(model), { k: 6, maxLen: 5, alpha: 0, eos: 0 });
  const [one, two] = [-Math.log1p(Math.exp(-1)), -1 - Math.log1p(Math.exp(-1))];
  expect(answers.map(({ ids }) => ids.join(''))).toEqual(['110', '120', '210', '220']);
  expect(answers.map(({ score }) => score)).toBeAllClose([2 * one, one + two, one + two, 2 * two]);
});

test('options out of range, broken logits and wrong rows are refused', {
  points: 1,
  zh: '拒绝超出范围的选项、坏掉的 logits 和不对的行数',
}, async ({ learner }) => {
  const fine = { k: 2, maxLen: 3, alpha: 1, eos: 0 };
  expect(
    await learner.beam(
      stepOf(() => [1, 2, 3]),
      fine,
    ),
  ).toHaveLength(2);
  for (const wrong of [{ k: 0 }, { k: 1.5 }, { maxLen: 0 }, { maxLen: 2.5 }, { alpha: -0.1 }])
    await expect(
      learner.beam(
        stepOf(() => [1, 2, 3]),
        { ...fine, ...wrong },
      ),
    ).toReject();
  for (const broken of [NaN, Infinity, -Infinity])
    await expect(
      learner.beam(
        stepOf(() => [broken, broken, broken]),
        fine,
      ),
    ).toReject();
  const oneMore = async (rows: readonly unknown[]) => tensor([...rows, []].map(() => [1, 2, 3]));
  await expect(learner.beam(oneMore, fine)).toReject();
});

test('beam frees the logits of every step', { points: 1, zh: 'beam 释放每一步的 logits', untrusted: true }, async ({ learner, random }) => {
  let kept = 0;
  for (let call = 0; call < 3; call++) {
    await learner.beam(stepOf(randomModel(random, 6)), { k: 3, maxLen: 5, alpha: 1, eos: 0 });
    kept += learner.stats().tensorsKept;
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

performance('the model is called once for each length', {
  points: 2,
  zh: '每个长度只调用一次模型',
  kind: 'calls',
  atMost: 9,
  count: async ({ learner, random }) => {
    const calls: number[][][] = [];
    const model = randomModel(random, 8, 0, () => -9); // hardly ever ends
    const answers: Answer[] = await learner.beam(stepOf(model, calls), { k: 6, maxLen: 9, alpha: 1, eos: 0 });
    expect(answers).toHaveLength(6);
    return calls.length;
  },
});

// --- helpers: plain loops, obviously right ---

/** Random logits for each beginning, the same when it is asked again; `lift` says what is added to the logit of `eos`. */
function randomModel(random: Random, V: number, eos = 0, lift: (ids: readonly number[]) => number = () => 0): Model {
  const known = new Map<string, number[]>();
  return (ids) => {
    const logits = known.get(ids.join()) ?? Array.from(random.normal([V], { std: 1.5, mean: 4 * random.next() - 2 }).values);
    if (!known.has(ids.join())) logits[eos]! += lift(ids);
    known.set(ids.join(), logits);
    return logits;
  };
}

/** What follows each beginning that is named, as probabilities; anything follows another as likely as anything else. */
function table(probabilities: Readonly<Record<string, readonly number[]>>): Model {
  const V = probabilities['']!.length;
  return (ids) => (probabilities[ids.join()] ?? Array.from({ length: V }, () => 1 / V)).map(Math.log);
}

/** The model as a step of `beam`; notes in `calls` what it was asked. */
function stepOf(model: Model, calls: number[][][] = []) {
  return async (rows: readonly (readonly number[])[]): Promise<TensorValue> => {
    calls.push(rows.map((row) => [...row]));
    return tensor(rows.map((row) => [...model(row)]));
  };
}

function logSoftmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const total = logits.reduce((sum, z) => sum + Math.exp(z - top), 0);
  return logits.map((z) => z - top - Math.log(total));
}

/** Each id in turn, alone: the score of an answer from its definition. */
function scoreOf(model: Model, ids: readonly number[], alpha: number): number {
  return ids.reduce((sum, id, at) => sum + logSoftmax(model(ids.slice(0, at)))[id]!, 0) / ids.length ** alpha;
}

/** Every answer there is, best first. */
function exhaustive(model: Model, { V, maxLen, alpha, eos }: { V: number; maxLen: number; alpha: number; eos: number }): Answer[] {
  const answers: Answer[] = [];
  const visit = (ids: number[]): void => {
    if (ids.at(-1) === eos || ids.length === maxLen) answers.push({ ids, score: scoreOf(model, ids, alpha) });
    else for (let id = 0; id < V; id++) visit([...ids, id]);
  };
  visit([]);
  return answers.sort((a, b) => b.score - a.score);
}

/** Beam search by sorting every candidate, without an early end; `gap` is the least distance between the last that stayed and the first that did not. */
function searchByLoop(model: Model, { k, maxLen, alpha, eos }: Options): { answers: Answer[]; gap: number } {
  let gap = Infinity;
  const cut = <T>(list: T[], value: (item: T) => number): T[] => {
    list.sort((a, b) => value(b) - value(a));
    if (list.length > k) gap = Math.min(gap, value(list[k - 1]!) - value(list[k]!));
    return list.slice(0, k);
  };
  const pool: Answer[] = [];
  let living: number[][] = [[]];
  while (living.length > 0) {
    const candidates = living.flatMap((ids) => model(ids).map((_, id) => [...ids, id]));
    const kept = cut(candidates, (ids) => scoreOf(model, ids, 0));
    const over = (ids: number[]): boolean => ids.length === maxLen || ids.at(-1) === eos;
    for (const ids of kept.filter(over)) pool.push({ ids, score: scoreOf(model, ids, alpha) });
    living = kept.filter((ids) => !over(ids));
  }
  return { answers: cut(pool, ({ score }) => score), gap };
}

/** The scores of `expected`, best first, each of an answer that really has it; near equals may change places. */
function expectAnswers(got: Answer[], expected: readonly Answer[], model: Model, alpha: number): void {
  expect(got).toBeInstanceOf(Array);
  expect(got.map(({ score }) => score)).toBeAllClose(expected.map(({ score }) => score));
  expect(got.map(({ ids }) => scoreOf(model, ids, alpha))).toBeAllClose(expected.map(({ score }) => score));
  expect(got.map(({ ids }) => ids.join()).sort()).toEqual(expected.map(({ ids }) => ids.join()).sort());
}
