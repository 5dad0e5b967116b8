import { expect, type Random, rng, type Subject, table, test } from '@llm-ladder/grader/suite';

type Sents = readonly (readonly string[])[];

const exact = { rtol: 1e-9, atol: 1e-12 };
const sents = [['雨', '停', '了'], ['rain', '停', '了'], ['雨', '停', '了', '风', '停', '了'], ['了']];
const vocab = ['雨', '停', '了', 'rain', '风', '</s>', '<unk>']; // V = 7

test('add-k probabilities worked out by hand', { points: 3, zh: '与手算的加 k 概率一致', gate: true }, async ({ learner, random }) => {
  const two = await fitted(learner, {}, sents, 2);
  expect(await two.prob('停', ['雨'])).toBeAllClose((2 + 1) / (2 + 7), exact);
  expect(await two.prob('了', ['停'])).toBeAllClose((4 + 1) / (4 + 7), exact);
  expect(await two.prob('</s>', ['了'])).toBeAllClose((4 + 1) / (5 + 7), exact);
  expect(await two.prob('雨', ['了'])).toBeAllClose(1 / (5 + 7), exact);
  const three = await fitted(learner, { k: 0.5 }, sents, 3);
  expect(await three.prob('了', ['雨', '停'])).toBeAllClose((2 + 0.5) / (2 + 3.5), exact);
  expect(await three.prob('风', ['停', '了'])).toBeAllClose((1 + 0.5) / (4 + 3.5), exact);
  const one = await fitted(learner, {}, sents, 1);
  expect(await one.prob('停', [])).toBeAllClose((4 + 1) / (17 + 7), exact); // 13 words and 4 end marks
  const text = drawSents(random, 12); // a text that nobody can have stored
  for (const n of [2, 3]) {
    const model = await fitted(learner, { k: 0.5 }, text, n);
    const sent = text[0]!;
    for (const [at, word] of sent.entries())
      expect(await model.prob(word, sent.slice(0, at))).toBeAllClose(probByLoop(text, n, 0.5, sent.slice(0, at), word), exact);
  }
});

test('interpolated probabilities worked out by hand', { points: 2, zh: '与手算的插值概率一致' }, async ({ learner }) => {
  const model = await fitted(learner, { k: 0.5, lambdas: [0.1, 0.2, 0.7] }, sents, 3);
  const p = (count: number, total: number) => (count + 0.5) / (total + 3.5);
  expect(await model.prob('了', ['雨', '停'])).toBeAllClose(0.1 * p(5, 17) + 0.2 * p(4, 4) + 0.7 * p(2, 2), exact);
  expect(await model.prob('风', ['rain', '了'])).toBeAllClose(0.1 * p(1, 17) + 0.2 * p(1, 5) + 0.7 * p(0, 0), exact);
  const onlyTwo = await fitted(learner, { lambdas: [0, 1, 0] }, sents, 3);
  expect(await onlyTwo.prob('停', ['了', '雨'])).toBeAllClose((2 + 1) / (2 + 7), exact);
});

test('the probabilities of every context sum to 1', { points: 2, zh: '每个上下文的概率之和为 1' }, async ({ learner, random }) => {
  const text = drawSents(random, 12);
  const words = [...new Set(text.flat()), '</s>', '<unk>'];
  for (const [n, options] of [
    [1, {}],
    [2, { k: 0.1 }],
    [3, {}],
    [4, { k: 2 }],
    [3, { k: 0.01, lambdas: [0.5, 0.3, 0.2] }],
  ] as const) {
    // biome-ignore format: one line
    const model = await fitted(learner, options, text, n);
    for (const ctx of [[], text[0]!, text[1]!.slice(0, 2), ['never', '从未'], [words[0]!, 'never']]) {
      let sum = 0;
      for (const word of words) sum += await model.prob(word, ctx);
      expect(sum).toBeAllClose(1, exact);
    }
  }
});

test('a sentence begins with n - 1 marks that are never predicted', { points: 2, zh: '句首有 n - 1 个从不被预测的标记' }, async ({
  learner,
}) => {
  const two = await fitted(learner, {}, sents, 2);
  expect(await two.prob('雨', [])).toBeAllClose((2 + 1) / (4 + 7), exact);
  const three = await fitted(learner, {}, sents, 3);
  expect(await three.prob('雨', [])).toBeAllClose((2 + 1) / (4 + 7), exact);
  expect(await three.prob('停', ['雨'])).toBeAllClose((2 + 1) / (2 + 7), exact); // <s> 雨 停
  expect(await three.prob('停', ['了', '雨'])).toBeAllClose(1 / 7, exact); // never inside a sentence
  expect(await three.prob('停', ['<s>', '雨'])).toBeAllClose((2 + 1) / (2 + 7), exact);
  expect(await three.prob('<s>', [])).toBe(0);
});

test('only the last n - 1 words count', { points: 1, zh: '只看最后 n - 1 个词' }, async ({ learner }) => {
  const model = await fitted(learner, {}, sents, 3);
  const short = await model.prob('了', ['雨', '停']);
  expect(await model.prob('了', ['了', 'rain', '雨', '停'])).toBeAllClose(short, exact);
  expect(await model.prob('了', ['雨', '停', '了', '风'])).not.toBeAllClose(short);
});

test('a word that training never saw is <unk>', { points: 2, zh: '训练时没见过的词就是 <unk>' }, async ({ learner }) => {
  const text = [['雨', '<unk>', '了'], ['雨', '<unk>', '停'], ['雨', '停']]; // biome-ignore format: one line
  const model = await fitted(learner, {}, text, 2); // V = 5
  for (const word of ['<unk>', '雪', 'snow']) {
    expect(await model.prob(word, ['雨'])).toBeAllClose((2 + 1) / (3 + 5), exact);
    expect(await model.prob('了', [word])).toBeAllClose((1 + 1) / (2 + 5), exact);
  }
  const none = await fitted(learner, {}, sents, 2);
  expect(await none.prob('雪', ['雨'])).toBeAllClose(1 / (2 + 7), exact);
});

test('words with spaces and strange names do not mix', { points: 1, zh: '含空格和特殊名字的词不会混淆' }, async ({ learner }) => {
  const text = [['a b', 'c', 'x'], ['a', 'b c', 'y'], ['constructor', '__proto__', 'z']]; // biome-ignore format: one line
  const model = await fitted(learner, {}, text, 3); // V = 11
  expect(await model.prob('x', ['a', 'b c'])).toBeAllClose(1 / (1 + 11), exact);
  expect(await model.prob('y', ['a', 'b c'])).toBeAllClose(2 / (1 + 11), exact);
  expect(await model.prob('z', ['constructor', '__proto__'])).toBeAllClose(2 / (1 + 11), exact);
  expect(await model.prob('toString', ['constructor', 'valueOf'])).toBeAllClose(1 / 11, exact);
});

test('perplexity counts the end marks and is taken over all tokens', { points: 3, zh: '困惑度计入句尾标记，对全部词元求' }, async ({
  learner,
  random,
}) => {
  const two = await fitted(learner, {}, sents, 2);
  const p = [(1 + 1) / (4 + 7), (4 + 1) / (5 + 7)]; // 了 begins one sentence of four; of five 了 four end one
  expect(await two.perplexity([['了']])).toBeAllClose((p[0]! * p[1]!) ** (-1 / 2), exact);
  expect(await two.perplexity([[]])).toBeAllClose(11, exact); // the end mark alone, which never follows <s>
  const text = [['雨'], ...drawSents(random, 5)];
  for (const [n, lambdas] of [
    [2, undefined],
    [3, [0.2, 0.3, 0.5]],
  ] as const) {
    // biome-ignore format: one line
    const model = await fitted(learner, lambdas ? { lambdas } : {}, text.slice(2), n);
    expect(await model.perplexity(text)).toBeAllClose(await byQuestions(model, text), exact);
  }
});

test('two thousand tokens keep a finite perplexity', { points: 2, zh: '两千个词元，困惑度仍然有限' }, async ({ learner, random }) => {
  const long = [Array.from({ length: 2000 }, () => random.pick(vocab.slice(0, 5)))];
  const model = await fitted(learner, {}, sents, 2);
  const got = await model.perplexity(long);
  expect(got).toBeAllClose(await byQuestions(model, long), exact);
  expect(got).toBeGreaterThan(1);
});

test('a model that knows nothing is in doubt about V words', { points: 1, zh: '一无所知的模型，困惑度等于 V' }, async ({
  learner,
  random,
}) => {
  const model = await fitted(learner, { k: 1e12 }, sents, 3); // the counts drown
  expect(await model.perplexity(drawSents(random, 3))).toBeAllClose(7, { rtol: 1e-6 });
  expect(await (await fitted(learner, {}, [], 2)).perplexity([['雨', '停']])).toBeAllClose(2, exact); // </s> and <unk>
});

test('words are drawn with their probabilities', { points: 2, zh: '按概率抽词' }, async ({ learner, random }) => {
  const model = await fitted(learner, { k: 0.2 }, sents, 2);
  const draws = 1000;
  const first = new Map<string, number>();
  const afterRain = new Map<string, number>();
  for (let i = 0; i < draws; i++) {
    const [word = '</s>', next = '</s>'] = await model.generate(rng(random.seed()), 2);
    first.set(word, (first.get(word) ?? 0) + 1);
    if (word === '雨') afterRain.set(next, (afterRain.get(next) ?? 0) + 1);
  }
  for (const [counts, ctx] of [
    [first, []],
    [afterRain, ['雨']],
  ] as const) {
    // biome-ignore format: one line
    const N = [...counts.values()].reduce((sum, count) => sum + count, 0);
    for (const word of vocab) {
      const p = await model.prob(word, ctx);
      const off = Math.abs((counts.get(word) ?? 0) - N * p);
      expect(off).toBeLessThanOrEqual(6 * Math.sqrt(N * p * (1 - p)) + 1);
    }
  }
});

test('a sentence ends at its end mark, or when it is long enough', { points: 2, zh: '句子到句尾标记或长度上限为止' }, async ({
  learner,
  random,
}) => {
  const sent = [...'天下了雨又停'];
  const seed = random.seed();
  for (const n of [2, 3, 5]) {
    const model = await fitted(learner, { k: 1e-12 }, [sent], n); // each word is all but certain, where all n - 1 before it are looked at
    for (let i = 0; i < 5; i++) expect(await model.generate(rng(random.seed()))).toEqual(sent);
    expect(await model.generate(rng(seed), 2)).toEqual(['天', '下']);
  }
  const free = await fitted(learner, { k: 1000 }, sents, 3);
  const [once, again] = [await free.generate(rng(seed)), await free.generate(rng(seed))];
  expect(again).toEqual(once);
  for (let i = 0; i < 30; i++) {
    const words: string[] = await free.generate(rng(random.seed()), 9);
    expect(words.length).toBeLessThanOrEqual(9);
    for (const word of words) expect(vocab.filter((known) => known !== '</s>')).toContain(word);
  }
  // The smallest and the largest number that an rng can give, however the probabilities are rounded.
  for (const number of [0, 1 - 2 ** -53]) {
    for (let k = 1; k <= 20; k++) {
      const model = await fitted(learner, { k: k / 7 }, sents, 2);
      for (const word of await model.generate(table([[[], number]]), 3)) expect(vocab.filter((known) => known !== '</s>')).toContain(word);
    }
  }
});

test('a second text replaces the first', { points: 1, zh: '第二份文本取代第一份' }, async ({ learner }) => {
  const model = await fitted(learner, {}, sents, 2);
  await model.fit([['雨', '大'], ['雨', '小']], 2); // biome-ignore format: one line
  expect(await model.prob('大', ['雨'])).toBeAllClose((1 + 1) / (2 + 5), exact);
});

test('numbers outside their range are refused', { points: 1, zh: '拒绝超出范围的数' }, async ({ learner }) => {
  for (const k of [0, -1, Number.NaN]) await expect(learner.NGram({ k })).toReject();
  const model = await learner.NGram({});
  await expect(model.prob('雨', [])).toReject(); // not fitted yet
  for (const n of [0, 1.5, -2, Number.POSITIVE_INFINITY]) await expect(model.fit(sents, n)).toReject();
  for (const lambdas of [[], [1], [0.5, 0.6], [0.5, 0.4], [-0.5, 1.5]])
    await expect((await learner.NGram({ lambdas })).fit(sents, 2)).toReject();
  await expect(model.fit([['<s>', '雨', '</s>']], 2)).toReject();
  await model.fit(sents, 2);
  for (const text of [[], [['<s>', '雨']], [['雨', '</s>']]]) await expect(model.perplexity(text)).toReject();
});

// --- helpers ---

async function fitted(learner: Subject, options: object, text: Sents, n: number): Promise<Subject> {
  const model = await learner.NGram(options);
  await model.fit(text, n);
  return model;
}

/** The definition of perplexity, by asking for each probability: prob has tests of its own. */
async function byQuestions(model: Subject, text: Sents): Promise<number> {
  let logs = 0;
  let N = 0;
  for (const sent of text) {
    for (const [at, word] of [...sent, '</s>'].entries()) {
      logs += Math.log(await model.prob(word, sent.slice(Math.max(0, at - 3), at)));
      N++;
    }
  }
  return Math.exp(-logs / N);
}

function drawSents(random: Random, count: number): string[][] {
  return Array.from({ length: count }, () => Array.from({ length: random.integer(3, 9) }, () => random.pick(vocab.slice(0, 5))));
}

/** An add-k probability by looking at every place of the text. */
function probByLoop(text: Sents, n: number, k: number, ctx: readonly string[], word: string): number {
  const before = [...Array<string>(n - 1).fill('<s>'), ...ctx].slice(-(n - 1)).join(' ');
  let [seen, followed] = [0, 0];
  for (const sent of text) {
    const padded = [...Array<string>(n - 1).fill('<s>'), ...sent, '</s>'];
    for (let at = n - 1; at < padded.length; at++) {
      if (padded.slice(at - n + 1, at).join(' ') !== before) continue;
      seen++;
      if (padded[at] === word) followed++;
    }
  }
  const V = new Set(text.flat()).size + 2; // and </s> and <unk>
  return (followed + k) / (seen + k * V);
}
