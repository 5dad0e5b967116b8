import { common, expect, performance, type Random, tensor, test } from '@llm-ladder/grader/suite';

// Dims: N documents, V words; B and T are leading dims of a vector.
const docs = [
  ['春', '风', '春', '雨', '春'],
  ['rain', '雨', 'wind', '风'],
  ['春', 'spring'],
];

test('matches scikit-learn', { points: 3, zh: '与 scikit-learn 一致', gate: true }, async ({ learner, golden, random }) => {
  const { docs, queries, words, idf, rows, queryRows } = await golden('sklearn');
  const model = await learner.fitTfidf(docs);
  expect([...model.vocab.keys()].sort()).toEqual([...words].sort());
  const places: number[] = words.map((word: string) => model.vocab.get(word)); // scikit-learn sorts its words
  expect(places.map((at) => model.idf[at])).toBeAllClose(idf);
  for (const [texts, expected] of [
    [docs, rows],
    [queries, queryRows],
  ]) {
    for (const [n, text] of texts.entries()) expect((await learner.transform(text, model)).gather(places, 0)).toBeAllClose(expected[n]);
  }
  const drawn = drawDocs(random, 9); // texts that nobody can have stored
  const text = [...drawn[0]!, ...drawn[1]!];
  const fitted = await learner.fitTfidf(drawn);
  const row = await learner.transform(text, fitted);
  for (const [word, weight] of weightsByLoop(drawn, text)) expect(row.at(fitted.vocab.get(word))).toBeAllClose(weight);
});

test('words are numbered as they first appear', { points: 1, zh: '词按首次出现的顺序编号' }, async ({ learner }) => {
  const { vocab } = await learner.fitTfidf(docs);
  expect([...vocab.entries()].sort(([, a], [, b]) => a - b)).toEqual(['春', '风', '雨', 'rain', 'wind', 'spring'].map((w, i) => [w, i]));
});

test('idf counts documents, not occurrences', { points: 2, zh: 'idf 数的是文档，不是出现次数' }, async ({ learner }) => {
  const { idf } = await learner.fitTfidf(docs);
  const [once, twice] = [Math.log(4 / 2) + 1, Math.log(4 / 3) + 1];
  expect(idf).toBeAllClose([twice, twice, twice, once, once, once], { rtol: 1e-9 });
  expect((await learner.fitTfidf([['雨', '雨'], ['雨'], ['雨', '雨', '雨']])).idf).toBeAllClose([1], { rtol: 1e-9 });
});

test('a repeated word weighs as often as it occurs', { points: 1, zh: '重复的词按次数加权' }, async ({ learner }) => {
  const model = { vocab: new Map([['雨', 0], ['wind', 1]]), idf: new Float64Array([1, 1.5]) }; // biome-ignore format: one line
  const row = await learner.transform(['雨', 'wind', '雨', '雨', '雨', 'wind'], model); // 4 · 1 and 2 · 1.5
  expect(row).toBeAllClose([0.8, 0.6]);
});

test('every vector has length 1, whatever the length of its text', { points: 1, zh: '文本不论长短，向量长度都是 1' }, async ({
  learner,
  random,
}) => {
  const model = await learner.fitTfidf(drawDocs(random, 20));
  for (const size of [1, 6, 300]) {
    const doc = drawDocs(random, 1, size)[0]!;
    const known = doc.some((word) => model.vocab.has(word));
    const row = await learner.transform(doc, model);
    expect(row).toHaveShape([model.vocab.size]);
    expect(Math.hypot(...row.values)).toBeAllClose(known ? 1 : 0);
  }
});

test('unknown words are left out', { points: 1, zh: '不认识的词略过' }, async ({ learner }) => {
  const model = await learner.fitTfidf(docs);
  const plain = await learner.transform(['春', 'rain'], model);
  expect(await learner.transform(['秋', '春', 'autumn', 'rain', '秋', 'Rain'], model)).toBeAllClose(plain);
  expect(await learner.transform(['春', 'rain', 'wind'], model)).not.toBeAllClose(plain);
});

test('a text without a known word is a row of zeros', { points: 1, zh: '没有已知词的文本是一行零' }, async ({ learner }) => {
  const model = await learner.fitTfidf(docs);
  for (const doc of [[], ['秋', '霜']]) expect(await learner.transform(doc, model)).toBeAllClose([0, 0, 0, 0, 0, 0], { atol: 0 });
});

test('transform weighs with the idf that it is given', { points: 1, zh: 'transform 使用传入的 idf' }, async ({ learner }) => {
  const vocab = new Map([['雨', 1], ['wind', 0], ['霜', 2]]); // biome-ignore format: one line
  expect(await learner.transform(['雨', 'wind'], { vocab, idf: new Float64Array([5, 12, 7]) })).toBeAllClose([5 / 13, 12 / 13, 0]);
});

test('words with the names of object properties are words', { points: 1, zh: '与对象属性同名的词也是词' }, async ({ learner }) => {
  const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
  const model = await learner.fitTfidf([names, ['constructor', 'valueOf']]);
  expect([...model.vocab.keys()]).toEqual([...names, 'valueOf']);
  expect(model.idf.length).toBe(5);
  const expected = [1, 0, 1.405465, 0, 0].map((weight) => weight / Math.hypot(1, 1.405465)); // ln(3/2) + 1
  expect(await learner.transform(['constructor', '__proto__', 'isPrototypeOf'], model)).toBeAllClose(expected);
});

test('cosines that can be worked out by hand', { points: 2, zh: '能手算的余弦' }, async ({ learner }) => {
  expect(await learner.cosine(tensor([3, 4]), tensor([4, 3]))).toBeAllClose(0.96);
  expect(await learner.cosine(tensor([3, 4]), tensor([30, 40]))).toBeAllClose(1); // length does not matter
  expect(await learner.cosine(tensor([1, 2, 2]), tensor([-2, -4, -4]))).toBeAllClose(-1);
  expect(await learner.cosine(tensor([1, 0, 2]), tensor([0, 5, 0]))).toBeAllClose(0);
});

test('a vector of zeros gives 0', { points: 1, zh: '全零向量给出 0' }, async ({ learner }) => {
  const [zero, some] = [tensor([0, 0, 0]), tensor([1, -2, 2])];
  for (const [a, b] of [[zero, some], [some, zero], [zero, zero]]) expect(await learner.cosine(a, b)).toBeAllClose(0, { atol: 0 }); // biome-ignore format: one line
  const rows = tensor([[0, 0, 0], [1, -2, 2]]); // biome-ignore format: one line
  expect(await learner.cosine(rows, some)).toBeAllClose([0, 1]);
  for (const gradient of await learner.grad('cosine', [rows, some], { wrt: [0, 1] })) expect(gradient).toBeFinite();
});

test('one query meets many documents', { points: 1, zh: '一个查询对多篇文档' }, async ({ learner, random }) => {
  const [query, rows] = [random.normal([6]), random.normal([4, 6])];
  const expected = Array.from({ length: 4 }, (_, n) => {
    const row = Array.from({ length: 6 }, (_, v) => rows.at(n, v));
    const dot = row.reduce((sum, x, v) => sum + x * query.at(v), 0);
    return dot / (Math.hypot(...row) * Math.hypot(...query.values));
  });
  expect(await learner.cosine(query, rows)).toBeAllClose(expected);
  expect(await learner.cosine(rows, query)).toBeAllClose(expected);
});

test('vectors of two widths are refused', { points: 1, zh: '拒绝宽度不同的向量' }, async ({ learner, random }) => {
  await expect(learner.cosine(random.normal([5]), random.normal([4]))).toReject();
  await expect(learner.cosine(random.normal([2, 1]), random.normal([2, 4]))).toReject(); // would broadcast
});

common('transform', { inputs: () => [docs[0]!, { vocab: new Map([['春', 0]]), idf: new Float64Array([2]) }], batched: false, noT1: true });

common('cosine', { inputs: ({ random, B, T }) => [random.normal([B, T, 4]), random.normal([B, T, 4])], wrt: [0, 1] });

performance('two thousand documents at a third of the reference or more', {
  points: 2,
  zh: '两千篇文档，速度不低于参考实现的三分之一',
  kind: 'ratio',
  atLeast: 0.33,
  of: 'reference',
  inputs: (random, scale) => [drawDocs(random, 2000 * scale, 30, 4000)],
  run: async (subject, [docs]) => {
    const model = await subject.fitTfidf(docs);
    const row = await subject.transform(docs[0], model);
    return { idf: model.idf, row };
  },
});

// --- helpers ---

/** N documents of `size` words each, out of `words` words; common words are more common, as in real text. */
function drawDocs(random: Random, N: number, size = 12, words = 60): string[][] {
  const word = (): string => {
    const at = Math.floor(words ** random.next());
    return at % 2 === 0 ? `w${at}` : `字${at}`;
  };
  return Array.from({ length: N }, () => Array.from({ length: size }, word));
}

/** The weight of each known word in the vector of a text, by counting. */
function weightsByLoop(docs: readonly (readonly string[])[], text: readonly string[]): Map<string, number> {
  const weights = new Map<string, number>();
  let squares = 0;
  for (const word of new Set(docs.flat())) {
    const holding = docs.filter((doc) => doc.includes(word)).length;
    const weight = text.filter((other) => other === word).length * (Math.log((1 + docs.length) / (1 + holding)) + 1);
    weights.set(word, weight);
    squares += weight ** 2;
  }
  return new Map([...weights].map(([word, weight]) => [word, weight / Math.sqrt(squares)]));
}
