import { expect, performance, type Random, test } from '@llm-ladder/grader/suite';
import { makeCorpus } from '../corpus.ts';

const SPECIAL = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const [IM_START, IM_END] = [3, 4];
type Merges = [string, string][];

test("ids equal Hugging Face's", { points: 3, zh: '编号与 Hugging Face 相同', gate: true }, async ({ learner, golden, random }) => {
  const { texts, plainIds, ...model } = await golden('codec');
  const tokenizer = await learner.Tokenizer(options(model));
  for (const [i, text] of texts.entries()) expectIds(text, await tokenizer.encode(text), plainIds[i]);
  // Merges and words that nobody can have stored.
  const drawn = chainOfMerges(random);
  const other = await learner.Tokenizer(drawn);
  for (let i = 0; i < 5; i++) {
    const word = Array.from({ length: 30 }, () => random.pick([...'abcdefgh'])).join('');
    expectIds(word, await other.encode(word), idsByLoop(word, drawn));
  }
});

test("ids with allowed specials equal Hugging Face's", { points: 2, zh: '允许特殊词元时编号与 Hugging Face 相同' }, async ({
  learner,
  golden,
}) => {
  const { texts, ids, ...model } = await golden('codec');
  const tokenizer = await learner.Tokenizer(options(model));
  for (const [i, text] of texts.entries()) expectIds(text, await tokenizer.encode(text, { allowSpecial: true }), ids[i]);
});

test('2000 random strings come back as they were', { points: 2, zh: '2000 个随机字符串编码再解码后不变' }, async ({
  learner,
  golden,
  random,
}) => {
  const tokenizer = await learner.Tokenizer(options(await golden('codec')));
  for (let i = 0; i < 20; i++) {
    const text = Array.from({ length: 100 }, () => randomString(random)).join('\n');
    for (const allowSpecial of [false, true]) {
      const ids = await tokenizer.encode(text, { allowSpecial });
      expect(ids.every(Number.isInteger)).toBe(true);
      expect(await tokenizer.decode(ids)).toBe(text);
    }
  }
  expect(await tokenizer.encode('')).toEqual([]);
  expect(await tokenizer.decode([])).toBe('');
});

test('a lone surrogate becomes U+FFFD, U+FEFF stays', { points: 1, zh: '单独的代理项变成 U+FFFD，U+FEFF 保留' }, async ({
  learner,
  golden,
}) => {
  const tokenizer = await learner.Tokenizer(options(await golden('codec')));
  const back = async (text: string) => tokenizer.decode(await tokenizer.encode(text));
  expect(await back('a\ud800b\udc00')).toBe('a\ufffdb\ufffd');
  expect(await back('\ufeffa\ufeff')).toBe('\ufeffa\ufeff');
});

test('merges go by rank, not by length or place', { points: 2, zh: '按名次合并，不看长短和位置' }, async ({ learner }) => {
  const encode = async (merges: Merges, text: string) => {
    const { tokens, ...model } = fromMerges(merges);
    const tokenizer = await learner.Tokenizer(model);
    return (await tokenizer.encode(text)).map((id: number) => tokens[id]);
  };
  const pairs = (...words: string[]) => words.map((word) => word.split('+') as [string, string]);
  expect(await encode(pairs('b+c', 'a+b', 'ab+c'), 'abcab')).toEqual(['a', 'bc', 'ab']);
  expect(await encode(pairs('a+b', 'b+c', 'ab+c'), 'abc')).toEqual(['abc']);
  expect(await encode(pairs('c+d', 'b+cd', 'a+b'), 'abcdab')).toEqual(['a', 'bcd', 'ab']);
  expect(await encode(pairs('a+a', 'aa+aa'), 'aaaaaaa')).toEqual(['aaaa', 'aa', 'a']); // the leftmost of equals first
  expect(await encode(pairs('x+y', 'z+xy', 'xy+z'), 'xyzxyz')).toEqual(['xy', 'zxy', 'z']);
  // What was merged away is nobody's neighbour, and its own pairs are gone.
  expect(await encode(pairs('a+b', 'ab+c', 'd+e', 'abc+de'), 'abcde')).toEqual(['abcde']);
  for (const earlier of [[], ['x+y']]) expect(await encode(pairs(...earlier, 'a+a', 'b+c', 'a+bc'), 'aaabc')).toEqual(['aa', 'abc']);
});

test('merges stay inside a pre-token', { points: 1, zh: '合并不出预分词' }, async ({ learner }) => {
  const { tokens, ...model } = fromMerges([
    ['a', 'Ġ'],
    ['Ġ', 'b'],
    ['!', 'a'],
  ]);
  const tokenizer = await learner.Tokenizer(model);
  expect((await tokenizer.encode('a b!a')).map((id: number) => tokens[id])).toEqual(['a', 'Ġb', '!', 'a']);
});

test('a special literal is text unless it is allowed', { points: 2, zh: '特殊词元字面默认只是文本' }, async ({ learner, golden }) => {
  const tokenizer = await learner.Tokenizer(options(await golden('codec')));
  const text = '<|im_start|>hi<|im_end|>';
  for (const ids of [
    await tokenizer.encode(text),
    await tokenizer.encode(text, {}),
    await tokenizer.encode(text, { allowSpecial: false }),
  ]) {
    expect(ids.filter((id: number) => id < SPECIAL.length)).toEqual([]);
    expect(await tokenizer.decode(ids, { skipSpecial: true })).toBe(text);
  }
  const allowed = await tokenizer.encode(text, { allowSpecial: true });
  expect([allowed[0], allowed.at(-1)]).toEqual([IM_START, IM_END]);
  expect(await tokenizer.decode(allowed)).toBe(text);
  expect(await tokenizer.decode(allowed, { skipSpecial: true })).toBe('hi');
});

test('of two specials the longer is found', { points: 1, zh: '两个特殊词元都能匹配时取更长的' }, async ({ learner }) => {
  const specials = ['<a', '<a|b>', '〈完〉'];
  const { tokens, ...model } = fromMerges([], specials);
  const tokenizer = await learner.Tokenizer(model);
  const ids = await tokenizer.encode('<a|b><ab〈完〉', { allowSpecial: true });
  expect(ids.map((id: number) => tokens[id])).toEqual(['<a|b>', '<a', 'b', '〈完〉']);
  expect(await tokenizer.decode(ids)).toBe('<a|b><ab〈完〉');
});

test('NFKC only where it is asked for, and not on specials', { points: 1, zh: '只有要求时才做 NFKC，而且不动特殊词元' }, async ({
  learner,
}) => {
  const text = 'ＡＢ，ﬁ①';
  const { tokens, ...model } = fromMerges([], ['＜完＞']);
  const back = async (given: object) => {
    const tokenizer = await learner.Tokenizer({ ...model, ...given });
    return tokenizer.decode(await tokenizer.encode(`${text}＜完＞`, { allowSpecial: true }));
  };
  expect(tokens).toHaveLength(257);
  expect(await back({})).toBe('ＡＢ，ﬁ①＜完＞');
  expect(await back({ normalize: 'NFKC' })).toBe('AB,fi1＜完＞');
});

test('the bytes of all tokens are decoded together', { points: 1, zh: '所有词元的字节一起解码' }, async ({ learner }) => {
  const { tokens, ...model } = fromMerges([['¸', 'Ń']]);
  const tokenizer = await learner.Tokenizer(model);
  const ids = await tokenizer.encode('中é');
  expect(ids.map((id: number) => tokens[id])).toEqual(['ä', '¸Ń', 'Ã', '©']);
  expect(await tokenizer.decode(ids)).toBe('中é');
  expect(await tokenizer.decode(ids.slice(0, 1))).toBe('\ufffd');
});

test('an id that is no token is refused', { points: 1, zh: '拒绝不是词元的编号' }, async ({ learner }) => {
  const { tokens, ...model } = fromMerges([]);
  const [tokenizer, stream] = [await learner.Tokenizer(model), await learner.StreamDecoder(model)];
  for (const id of [tokens.length, -1, 1.5]) {
    await expect(tokenizer.decode([64, id])).toReject();
    await expect(stream.push(id)).toReject();
  }
});

test('a stream joins to the same text', { points: 2, zh: '流式输出连起来就是原文' }, async ({ learner, golden, random }) => {
  const model = options(await golden('codec'));
  const tokenizer = await learner.Tokenizer(model);
  for (const text of [`\ufeff${Array.from({ length: 8 }, () => randomString(random)).join(' ')}`, '👩‍👩‍👧中<|im_end|>é\ufeff']) {
    const stream = await learner.StreamDecoder(model);
    const ids = await tokenizer.encode(text, { allowSpecial: true });
    let joined = '';
    for (const id of ids) {
      const piece = await stream.push(id);
      expect(piece).not.toContain('\ufffd');
      joined += piece;
    }
    expect(joined).toBe(text); // every character is whole, so nothing is held back
    expect(await stream.end()).toBe('');
  }
});

test('a stream holds back half a character, and end gives it up', { points: 2, zh: '流会留住半个字符，结束时才放出来' }, async ({
  learner,
}) => {
  const { tokens, ...model } = fromMerges([]);
  const stream = await learner.StreamDecoder(model);
  const other = await learner.StreamDecoder(model);
  const push = (one: typeof stream, char: string) => one.push(tokens.indexOf(char));
  expect([await push(stream, 'ä'), await push(other, 'a'), await push(stream, '¸'), await push(stream, 'Ń')]).toEqual(['', 'a', '', '中']);
  expect([await push(stream, 'ä'), await push(stream, '¸')]).toEqual(['', '']);
  expect(await stream.end()).toBe('\ufffd');
  expect([await push(stream, 'b'), await stream.end(), await other.end()]).toEqual(['b', '', '']);
});

test('a word that was seen before gives the same ids', { points: 1, zh: '见过的词得到同样的编号' }, async ({ learner, golden }) => {
  const tokenizer = await learner.Tokenizer(options(await golden('codec')));
  const alone = new Map<string, unknown>();
  for (const word of ['mefa', ' mefa', 'mefa ', '\nmefa', 'Mefa', 'constructor', ' constructor'])
    alone.set(word, await tokenizer.encode(word));
  for (const [word, ids] of alone) expect(await tokenizer.encode(word)).toEqual(ids);
  expect(new Set([...alone.values()].map((ids) => JSON.stringify(ids))).size).toBe(7);
});

performance('encoding keeps up with the reference', {
  points: 2,
  zh: '编码速度跟得上参考实现',
  kind: 'ratio',
  atLeast: 0.5,
  of: 'reference',
  run: async (subject, [model, text]) => (await subject.Tokenizer(model)).encode(text),
  inputs: (random) => [chainOfMerges(random), makeCorpus(300_000, 1 + random.seed()).join('')],
});

performance('one long word takes time in proportion', {
  points: 2,
  zh: '一个很长的词，时间与长度成正比',
  kind: 'growth',
  atMost: 3,
  n: 20_000,
  run: async (subject, [model, text]) => (await subject.Tokenizer(model)).encode(text),
  inputs: (random, n) => [chainOfMerges(random), Array.from({ length: n }, () => random.pick([...'abcdefgh'])).join('')],
});

// --- helpers ---

function options({ tokens, merges }: { tokens: string[]; merges: Merges }): {
  vocab: Map<string, number>;
  merges: Merges;
  special: string[];
} {
  return { vocab: new Map(tokens.map((token, id) => [token, id])), merges, special: SPECIAL };
}

/** The 256 byte characters in order, then the merges, then the specials. */
function fromMerges(
  merges: Merges,
  special: string[] = [],
): { tokens: string[]; vocab: Map<string, number>; merges: Merges; special: string[] } {
  const printable = (code: number) => (code > 0x20 && code < 0x7f) || (code > 0xa0 && code < 0x100 && code !== 0xad);
  const codes = [...Array(256).keys()].filter(printable);
  const bytes = [...codes, ...Array.from({ length: 256 - codes.length }, (_, i) => 0x100 + i)].map((code) => String.fromCharCode(code));
  const tokens = [...bytes, ...merges.map((pair) => pair.join('')), ...special];
  return { tokens, vocab: new Map(tokens.map((token, id) => [token, id])), merges, special };
}

/** Merges of two and then of four letters, in random order. */
function chainOfMerges(random: Random): { vocab: Map<string, number>; merges: Merges } {
  const letters = [...'abcdefgh'];
  const twos = random.shuffle(letters.flatMap((left) => letters.map((right): [string, string] => [left, right])));
  const fours = Array.from({ length: 1500 }, (): [string, string] => [random.pick(twos).join(''), random.pick(twos).join('')]);
  const all = [...twos, ...new Map(fours.map((pair) => [pair.join(''), pair])).values()];
  const { vocab, merges } = fromMerges(all);
  return { vocab, merges };
}

function randomString(random: Random): string {
  const pools = [
    "abc XYZ,.'",
    '中文字，。！？',
    '🙂👩‍🚀🇨🇳',
    'שלום مرحبا',
    'é ñ ü ̈',
    ' \t\r\n\u3000\u0085',
    '0123456789٣Ⅷ½',
    '<|im_end|></s>',
  ];
  return Array.from({ length: random.integer(1, 12) }, () => random.pick([...random.pick(pools)])).join('');
}

function expectIds(text: string, got: unknown, expected: number[]): void {
  expect({ text: text.slice(0, 60), ids: got }).toEqual({ text: text.slice(0, 60), ids: expected });
}

/** One word, merge after merge in the order of their rank; each builds on earlier ones only. */
function idsByLoop(word: string, { vocab, merges }: { vocab: ReadonlyMap<string, number>; merges: Merges }): number[] {
  const pieces = [...word];
  for (const [left, right] of merges)
    for (let i = 1; i < pieces.length; i++) if (pieces[i - 1] === left && pieces[i] === right) pieces.splice(i - 1, 2, left + right);
  return pieces.map((piece) => vocab.get(piece)!);
}
