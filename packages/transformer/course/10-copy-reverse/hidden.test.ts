import { expect, performance, type Random, rng, type Subject, test } from '@llm-ladder/grader/suite';

// Ten symbols, 3 to 12; PAD 0, BOS 1, EOS 2.
const model = { V: 13, D: 64, H: 4, F: 256, L: 1, norm: 'pre', padId: 0, bosId: 1, eosId: 2, tied: true };
const training = { ...model, steps: 300, batch: 64, lr: 3e-3, warmup: 15 };
/** The same symbols, other ids for PAD, BOS and EOS: a 0 that should have been cfg.padId shows. */
const renamed = { padId: 2, bosId: 0, eosId: 1 };
const untrained = { ...training, steps: 0 };
const ENOUGH = 0.95;

test('a batch holds the source, the reversed labels and the shifted input', {
  points: 2,
  zh: '一批数据包含源、反转后的标签和右移的输入',
  gate: true,
}, async ({ learner, random }) => {
  const strings = [[5, 9, 4], [7, 3, 8, 8, 12, 6], ...drawStrings(random, 7)];
  const S = 6;
  for (const cfg of [model, { ...model, ...renamed }]) {
    const { src, tgtIn, labels } = await learner.makeBatch(strings, cfg);
    const targets = strings.map((string) => [...string].reverse().concat(cfg.eosId));
    expect(src).toBeAllClose(strings.map((string) => fill(string, S, cfg.padId)));
    expect(labels).toBeAllClose(targets.map((target) => fill(target, S + 1, -100)));
    expect(tgtIn).toHaveShape([strings.length, S + 1]);
    const read = tgtIn.map((id: number, at: number) => (labels.values[at] === -100 ? -100 : id)); // where nothing is to be said, anything may be read
    expect(read).toBeAllClose(targets.map((target) => fill([cfg.bosId, ...target.slice(0, -1)], S + 1, -100)));
    expect([src.dtype, tgtIn.dtype, labels.dtype]).toEqual(['int32', 'int32', 'int32']);
  }
});

test('a model that was not trained knows nothing', { points: 1, zh: '没有训练过的模型什么也不会' }, async ({ learner, random }) => {
  const reverser = await learner.trainReverse(untrained, rng(random.seed()));
  const strings = drawStrings(random, 200);
  const right = share(strings, await reverser.translate(strings));
  expect(right).toBeLessThan(0.05);
});

test('translating nothing gives nothing', { points: 1, zh: '没有输入就没有输出' }, async ({ learner, random }) => {
  const reverser = await learner.trainReverse(untrained, rng(random.seed()));
  expect(await reverser.translate([])).toEqual([]);
});

test('reverses at least 95 % of unseen strings, with two seeds', {
  points: 7,
  zh: '用两个种子训练，至少 95 % 的没见过的字符串反转正确',
  trains: true,
  timeoutMs: 360_000,
}, async ({ learner, random }) => {
  const first = await trainedShare(learner, random, training, inOneBatch);
  expect(first).toBeGreaterThanOrEqual(0.5); // a run this bad is wrong, not unlucky: no second one
  const other = { ...training, ...renamed };
  const shares = [first, await trainedShare(learner, random, other, inParts)];
  if (shares.some(enough) && !shares.every(enough)) shares.push(await trainedShare(learner, random, other, inParts)); // they disagree
  const secondBest = shares.sort((a, b) => b - a)[1];
  expect(secondBest).toBeGreaterThanOrEqual(ENOUGH);
});

test('translating keeps no tensors, dispose frees the weights', {
  points: 1,
  zh: 'translate 不留张量，dispose 释放权重',
  untrusted: true,
}, async ({ learner, random }) => {
  const reverser = await learner.trainReverse({ ...untrained, steps: 3, batch: 4 }, rng(random.seed()));
  await reverser.translate(drawStrings(random, 3));
  const kept = learner.stats().tensorsKept;
  await reverser.dispose();
  const freed = learner.stats().tensorsKept < 0;
  expect({ keptByTranslate: kept, freedByDispose: freed }).toEqual({ keptByTranslate: 0, freedByDispose: true });
});

test('making a batch leaves its three tensors, and training nothing that dispose does not free', {
  points: 1,
  zh: '做一批数据只留下三个张量，训练留下的 dispose 都能释放',
  untrusted: true,
}, async ({ learner, random }) => {
  await learner.makeBatch(drawStrings(random, 3), model);
  const keptByBatch = learner.stats().tensorsKept;
  const reverser = await learner.trainReverse({ ...untrained, steps: 3, batch: 4 }, rng(random.seed()));
  const keptByTraining = learner.stats().tensorsKept; // weights in a field of the object count as its own, not as kept
  await reverser.dispose();
  const left = Math.max(0, keptByTraining + learner.stats().tensorsKept);
  expect({ keptByBatch, left }).toEqual({ keptByBatch: 0, left: 0 });
});

performance('twenty steps keep up with the reference', {
  points: 2,
  zh: '二十步训练的速度跟得上参考实现',
  kind: 'ratio',
  atLeast: 0.6,
  of: 'reference',
  inputs: (random) => [{ ...training, steps: 20, batch: 8, warmup: 5 }, random.seed(), drawStrings(random, 3)],
  run: async (subject, [cfg, seed, strings]) => {
    const reverser = await subject.trainReverse(cfg, rng(seed));
    const answers = await reverser.translate(strings);
    await reverser.dispose();
    return answers;
  },
  check: (got, expected) => expect(got).toHaveLength(expected.length),
});

// --- helpers ---

type Answers = (strings: number[][], translate: (strings: number[][]) => Promise<number[][]>) => Promise<number[][]>;

/** Trains once and asks 300 strings that training leaves out. */
async function trainedShare(learner: Subject, random: Random, cfg: typeof training, ask: Answers): Promise<number> {
  const reverser = await learner.trainReverse(cfg, rng(random.seed()));
  const strings = drawStrings(random, 300);
  const answers = await ask(strings, (some) => reverser.translate(some));
  await reverser.dispose();
  return share(strings, answers);
}

const inOneBatch: Answers = (strings, translate) => translate(strings);

/** One alone, two, then the rest: an answer does not depend on its neighbours. */
const inParts: Answers = async (strings, translate) => [
  ...(await translate(strings.slice(0, 1))),
  ...(await translate(strings.slice(1, 3))),
  ...(await translate(strings.slice(3))),
];

function enough(share: number): boolean {
  return share >= ENOUGH;
}

/** The share of answers that are their string, reversed; an answer of another form is a wrong one. */
function share(strings: readonly number[][], answers: unknown): number {
  if (!Array.isArray(answers)) return 0;
  const right = strings.filter((string, n) => JSON.stringify([...string].reverse()) === JSON.stringify(answers[n]));
  return right.length / strings.length;
}

/** Strings of 3 to 6 symbols whose ids add up to a multiple of 5: training leaves these out. */
function drawStrings(random: Random, count: number): number[][] {
  const strings: number[][] = [];
  while (strings.length < count) {
    const string = Array.from({ length: random.integer(3, 7) }, () => random.integer(3, model.V));
    if (string.reduce((sum, id) => sum + id, 0) % 5 === 0) strings.push(string);
  }
  return strings;
}

function fill(row: readonly number[], length: number, value: number): number[] {
  return Array.from({ length }, (_, at) => row[at] ?? value);
}
