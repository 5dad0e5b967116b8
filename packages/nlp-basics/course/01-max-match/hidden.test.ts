import { expect, performance, type Random, test } from '@llm-ladder/grader/suite';

const modes = ['fwd', 'bwd', 'bi'] as const;

// zh: 我们|在野|生动|物园|学习 against 我们|在|野生|动物园|学习; en: theme|nu|sed against the|men|used.
const animals = new Set(['我们', '在野', '野生', '生动', '动物', '物园', '动物园', '学习']);
const menu = new Set(['the', 'theme', 'men', 'menu', 'nu', 'used', 'sed']);

test('cuts ambiguous sentences from both ends', { points: 3, zh: '从两端切分有歧义的句子', gate: true }, async ({ learner, random }) => {
  expect(await learner.segment('我们在野生动物园学习', animals, 'fwd')).toEqual(['我们', '在野', '生动', '物园', '学习']);
  expect(await learner.segment('我们在野生动物园学习', animals, 'bwd')).toEqual(['我们', '在', '野生', '动物园', '学习']);
  expect(await learner.segment('themenused', menu, 'fwd')).toEqual(['theme', 'nu', 'sed']);
  expect(await learner.segment('themenused', menu, 'bwd')).toEqual(['the', 'men', 'used']);
  const { text, dict } = draw(random, 40); // a text that nobody can have stored
  for (const mode of ['fwd', 'bwd'] as const) expect(await learner.segment(text, dict, mode)).toEqual(byLoop(text, dict, mode));
});

test('equals the plain loop on random texts', { points: 1, zh: '随机文本上与朴素循环一致' }, async ({ learner, random }) => {
  for (let round = 0; round < 12; round++) {
    const { text, dict } = draw(random, random.integer(1, 40));
    for (const mode of modes) expect(await learner.segment(text, dict, mode)).toEqual(byLoop(text, dict, mode));
  }
});

test('the words joined are the text', { points: 1, zh: '把词接起来就是原文' }, async ({ learner, random }) => {
  const text = ` Hello，世界！\n\t${draw(random, 30).text}  末尾 `;
  const dict = new Set(['世界', 'Hello', '界！', ' 末', 'ell']);
  for (const mode of modes) {
    const words: string[] = await learner.segment(text, dict, mode);
    expect(words.join('')).toBe(text);
    expect(words).not.toContain('');
    expect(words).toContain('Hello');
  }
});

test('a character that no word covers stands alone', { points: 1, zh: '没有词覆盖的字单独成词' }, async ({ learner }) => {
  const dict = new Set(['云彩', '彩虹', '虹桥机场']);
  const apart = ['天', '上', '有', '云彩', '，', '虹', '桥'];
  for (const mode of modes) expect(await learner.segment(apart.join(''), dict, mode)).toEqual(apart);
});

test('rare characters and emoji stay whole', { points: 1, zh: '生僻字和表情符号不被切开' }, async ({ learner }) => {
  const dict = new Set(['𠮷祥', '𤭢瓦🏺', '起飞']);
  const words = ['🚀', '起飞', '𠮷祥', '𠮷', '𤭢瓦🏺', '瓦', '𤭢', '🏺'];
  for (const mode of modes) expect(await learner.segment(words.join(''), dict, mode)).toEqual(words);
});

test('the longest word of the dictionary counts too', { points: 1, zh: '词典里最长的词也要匹配' }, async ({ learner }) => {
  const dict = new Set(['北京', '大学', '北京大学', '大学生', '北京大学生物系']);
  for (const mode of modes) {
    expect(await learner.segment('北京大学生物系', dict, mode)).toEqual(['北京大学生物系']);
    expect(await learner.segment('去北京大学', dict, mode)).toEqual(['去', '北京大学']);
  }
});

// Each row: what decides, the dictionary, the text, forward, backward, and which of the two wins.
const choices = [
  ['fewer words: backward', ['ab', 'abc', 'cdef'], 'abcdef', ['abc', 'd', 'e', 'f'], ['ab', 'cdef']],
  ['fewer words: forward', ['abcd', 'ef', 'def'], 'abcdef', ['abcd', 'ef'], ['a', 'b', 'c', 'def']],
  ['fewer singles: forward', ['研发', '明天', '发明天', '新药'], '研发明天新药', ['研发', '明天', '新药'], ['研', '发明天', '新药']],
  ['fewer singles: backward', ['ab', 'abc', 'cd'], 'abcd', ['abc', 'd'], ['ab', 'cd']],
  ['a tie: backward', ['no', 'now', 'here', 'where'], 'nowhere', ['now', 'here'], ['no', 'where']],
  ['a known single is a single', ['研发', '发明', '明'], '研发明', ['研发', '明'], ['研', '发明']],
  ['fewer words though more singles', ['abcde', 'ab', 'cd', 'ef'], 'abcdef', ['abcde', 'f'], ['ab', 'cd', 'ef']],
] as const;

test('both ways: fewer words, then fewer singles, then backward', {
  points: 3,
  zh: '双向：先看词数，再看单字，最后取反向',
}, async ({ learner }) => {
  for (const [what, list, text, fwd, bwd] of choices) {
    const dict = new Set(list);
    expect([what, byLoop(text, dict, 'fwd'), byLoop(text, dict, 'bwd')]).toEqual([what, fwd, bwd]); // the row says what it claims to
    expect([what, await learner.segment(text, dict, 'bi')]).toEqual([what, byLoop(text, dict, 'bi')]);
  }
});

test('an empty text, an empty dictionary, an empty word', { points: 1, zh: '空文本、空词典、空词' }, async ({ learner }) => {
  for (const mode of modes) {
    expect(await learner.segment('', animals, mode)).toEqual([]);
    expect(await learner.segment('学习x', new Set(), mode)).toEqual(['学', '习', 'x']);
    expect(await learner.segment('x学习', new Set(['', '学习']), mode)).toEqual(['x', '学习']);
  }
});

test('upper case is not lower case', { points: 1, zh: '大写不等于小写' }, async ({ learner }) => {
  for (const mode of modes) expect(await learner.segment('Menumenu', menu, mode)).toEqual(['M', 'e', 'nu', 'menu']);
});

test('another mode is refused', { points: 1, zh: '拒绝其他模式' }, async ({ learner }) => {
  await expect(learner.segment('学习', animals, 'both')).toReject();
});

performance('twice the text takes twice the time', {
  points: 2,
  zh: '文本加倍，时间也只加倍',
  kind: 'growth',
  atMost: 3,
  inputs: (random, n) => [draw(random, n).text, new Set(['天地', '地玄黄', '宇宙洪荒', '荒日'])],
  run: async (subject, [text, dict]) => (await subject.segment(text, dict, 'bi')).join('|'),
  n: 1200,
});

// --- helpers: plain loops, obviously right ---

/** A text of n characters, a few of them beyond U+FFFF, and a dictionary with words that overlap in it. */
function draw(random: Random, n: number): { text: string; dict: Set<string> } {
  const alphabet = ['天', '地', '人', '和', 'a', 'b', '𠀀', '🎋'];
  const some = (length: number) => Array.from({ length }, () => random.pick(alphabet)).join('');
  return { text: some(n), dict: new Set(Array.from({ length: 25 }, () => some(random.integer(1, 5)))) };
}

function byLoop(text: string, dict: ReadonlySet<string>, mode: 'fwd' | 'bwd' | 'bi'): string[] {
  const chars = Array.from(text);
  if (mode === 'bi') {
    const [fwd, bwd] = [byLoop(text, dict, 'fwd'), byLoop(text, dict, 'bwd')];
    const singles = (words: string[]) => words.filter((word) => Array.from(word).length === 1).length;
    if (fwd.length !== bwd.length) return fwd.length < bwd.length ? fwd : bwd;
    return singles(fwd) < singles(bwd) ? fwd : bwd;
  }
  const words: string[] = [];
  while (chars.length > 0) {
    let size = chars.length;
    const piece = () => (mode === 'fwd' ? chars.slice(0, size) : chars.slice(-size)).join('');
    while (size > 1 && !dict.has(piece())) size--;
    if (mode === 'fwd') words.push(chars.splice(0, size).join(''));
    else words.unshift(chars.splice(-size).join(''));
  }
  return words;
}
