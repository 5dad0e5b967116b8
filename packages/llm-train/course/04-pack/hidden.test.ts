import { expect, type Random, test } from '@llm-ladder/grader/suite';

// Dims: B batch, N rows, T places in a row.
const [PAD, BOS, EOS, FIRST] = [0, 1, 2, 3];

test('a row holds start token, document and padding', { points: 3, zh: '一行里有开始词元、文档和填充', gate: true }, async ({
  learner,
  random,
}) => {
  for (const [length, maxLen] of [
    [3, 8],
    [7, 8],
    [12, 8],
    [0, 4],
    [1, 2],
  ] as const) {
    const ids = document(random, length);
    const expected = exampleByLoop(ids, maxLen, PAD);
    expect(await learner.pretrainExample(ids, { maxLen, bos: BOS, pad: PAD })).toEqual(expected);
  }
});

test('y is x one step later', { points: 1, zh: 'y 是晚一步的 x' }, async ({ learner, random }) => {
  for (const length of [2, 5, 9]) {
    const { x, y } = await learner.pretrainExample(document(random, length), { maxLen: 7, bos: BOS, pad: PAD });
    expect([x.length, y.length]).toEqual([6, 6]);
    expect(y.slice(0, -1)).toEqual(x.slice(1));
    expect(x[0]).toBe(BOS);
  }
});

test('every token of the document is predicted, no padding is', { points: 2, zh: '文档的每个词元都要预测，填充不要' }, async ({
  learner,
  random,
}) => {
  const ids = document(random, 5);
  const { y, mask } = await learner.pretrainExample(ids, { maxLen: 9, bos: BOS, pad: PAD });
  expect(y.filter((_: number, at: number) => mask[at] === 1)).toEqual(ids);
  expect(mask).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
});

test('a pad id that is a token of the text changes nothing', { points: 2, zh: '填充编号恰好是文本里的词元，也没有影响' }, async ({
  learner,
}) => {
  for (const pad of [EOS, BOS, 7]) {
    const { x, y, mask } = await learner.pretrainExample([7, EOS, 7, EOS], { maxLen: 7, bos: BOS, pad });
    expect({ pad, x, y, mask }).toEqual({ pad, x: [BOS, 7, EOS, 7, EOS, pad], y: [7, EOS, 7, EOS, pad, pad], mask: [1, 1, 1, 1, 0, 0] });
  }
});

test('packed rows are the stream of all documents', { points: 2, zh: '打包后的行就是所有文档的流' }, async ({ learner, random }) => {
  const docs = documents(random, 14);
  for (const len of [2, 5, 16]) expect(await learner.packDocs(docs, len, EOS)).toEqual(packByLoop(docs, len, true));
});

test('each document ends with its end token, the last one too', { points: 1, zh: '每篇文档都以结束词元结尾，最后一篇也是' }, async ({
  learner,
}) => {
  const { ids } = await learner.packDocs([[5], [6, 7], [8]], 7, EOS);
  expect(ids).toEqual([[5, EOS, 6, 7, EOS, 8, EOS]]);
});

test('no token is lost or doubled but the tail', { points: 2, zh: '除了尾巴，没有词元丢失或重复' }, async ({ learner }) => {
  const docs = [4, 1, 9, 2, 6].map((length, d) => Array.from({ length }, (_, i) => 100 * (d + 1) + i));
  const stream = docs.flatMap((doc) => [...doc, EOS]);
  for (const len of [2, 3, 4, 6, 27, 28]) {
    const { ids } = await learner.packDocs(docs, len, EOS);
    expect(ids.flat()).toEqual(stream.slice(0, len * Math.floor(stream.length / len)));
    expect(ids.every((row: number[]) => row.length === len)).toBe(true);
  }
});

test('at least 98 % of the tokens are packed, and no place is empty', { points: 1, zh: '至少打包 98 % 的词元，没有空位' }, async ({
  learner,
  random,
}) => {
  const docs = documents(random, 400);
  const total = docs.reduce((sum, doc) => sum + (doc.length > 0 ? doc.length + 1 : 0), 0);
  const { ids } = await learner.packDocs(docs, 32, EOS);
  expect(ids.flat().length / total).toBeGreaterThanOrEqual(0.98);
  expect(ids.flat().every((id: unknown) => Number.isInteger(id))).toBe(true);
});

test('docId names the document, positions restart with it and with the row', {
  points: 2,
  zh: 'docId 指出文档，位置随文档和行重新开始',
}, async ({ learner }) => {
  const packed = await learner.packDocs([[5, 6], [7], [8, 9, 10, 11, 12, 13], [14]], 4, EOS);
  expect(packed.docId).toEqual([
    [0, 0, 0, 1],
    [1, 2, 2, 2],
    [2, 2, 2, 2],
  ]);
  expect(packed.pos).toEqual([
    [0, 1, 2, 0],
    [0, 0, 1, 2],
    [0, 1, 2, 3],
  ]);
});

test('without resetPos every row counts from 0 on', { points: 1, zh: '不重置时，每一行从 0 数起' }, async ({ learner, random }) => {
  const docs = documents(random, 9);
  expect(await learner.packDocs(docs, 6, EOS, { resetPos: false })).toEqual(packByLoop(docs, 6, false));
});

test('empty documents and too few tokens give no rows', { points: 1, zh: '空文档和不够的词元不成行' }, async ({ learner }) => {
  const nothing = { ids: [], docId: [], pos: [] };
  expect(await learner.packDocs([], 4, EOS)).toEqual(nothing);
  expect(await learner.packDocs([[5, 6]], 4, EOS)).toEqual(nothing);
  expect(await learner.packDocs([[], [5], [], [6]], 2, EOS)).toMatchObject({
    ids: [
      [5, EOS],
      [6, EOS],
    ],
    docId: [
      [1, 1],
      [3, 3],
    ],
  });
});

test('a token sees earlier tokens of its own document and nothing else', { points: 2, zh: '词元只看得见自己文档里在它之前的词元' }, async ({
  learner,
}) => {
  const docId = [
    [0, 0, 0, 1, 1],
    [1, 2, 3, 3, 3],
    [4, 4, 4, 4, 4],
    [2 ** 24, 2 ** 24, 2 ** 24 + 1, 2 ** 24 + 1, 2 ** 24 + 2], // one number in float32
  ];
  const expected = docId.map((row) => [row.map((mine, i) => row.map((other, j) => (j <= i && other === mine ? 0 : -1e9)))]);
  const mask = await learner.documentMask(docId);
  expect(mask).toHaveShape([4, 1, 5, 5]);
  expect(mask).toBeAllClose(expected, { rtol: 0, atol: 0 });
});

test('documentMask: keeps no tensors over 6 calls', {
  points: 1,
  zh: 'documentMask：调用 6 次不多留张量',
  untrusted: true,
}, async ({ learner }) => {
  let kept = 0;
  for (let call = 0; call < 6; call++) {
    await learner.documentMask([[0, 0, 1]]);
    if (call > 1) kept += learner.stats().tensorsKept;
  }
  expect({ tensorsKept: kept }).toEqual({ tensorsKept: 0 });
});

test('lengths below 2 are refused', { points: 1, zh: '拒绝小于 2 的长度' }, async ({ learner }) => {
  for (const length of [1, 0, 2.5]) {
    await expect(learner.packDocs([[5, 6, 7]], length, EOS)).toReject();
    await expect(learner.pretrainExample([5], { maxLen: length, bos: BOS, pad: PAD })).toReject();
  }
});

// --- helpers: plain loops, obviously right ---

function document(random: Random, length: number): number[] {
  return Array.from({ length }, () => random.integer(FIRST, 90));
}

/** Lengths from 0 to 11. */
function documents(random: Random, count: number): number[][] {
  return Array.from({ length: count }, () => document(random, random.integer(0, 12)));
}

function exampleByLoop(ids: number[], maxLen: number, pad: number): { x: number[]; y: number[]; mask: number[] } {
  const row = [BOS, ...ids];
  const [x, y, mask]: [number[], number[], number[]] = [[], [], []];
  for (let at = 0; at < maxLen - 1; at++) {
    x.push(row[at] ?? pad);
    y.push(row[at + 1] ?? pad);
    mask.push(row[at + 1] === undefined ? 0 : 1);
  }
  return { x, y, mask };
}

function packByLoop(docs: number[][], len: number, resetPos: boolean): { ids: number[][]; docId: number[][]; pos: number[][] } {
  const packed: { ids: number[][]; docId: number[][]; pos: number[][] } = { ids: [], docId: [], pos: [] };
  let row: { ids: number[]; docId: number[]; pos: number[] } = { ids: [], docId: [], pos: [] };
  let position = 0;
  for (const [d, doc] of docs.entries()) {
    position = resetPos ? 0 : position;
    for (const id of doc.length > 0 ? [...doc, EOS] : []) {
      row.ids.push(id);
      row.docId.push(d);
      row.pos.push(position++);
      if (row.ids.length < len) continue;
      packed.ids.push(row.ids);
      packed.docId.push(row.docId);
      packed.pos.push(row.pos);
      row = { ids: [], docId: [], pos: [] };
      position = 0;
    }
  }
  return packed;
}
