import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readCorpus, skippedLines } from '../src/read-corpus.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corpus of mine '));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

function put(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const poem = '床前明月光，\n疑是地上霜。';
const turns = (q: string, a: string) => [
  { role: 'user', content: q },
  { role: 'assistant', content: a },
];

describe('readCorpus', () => {
  test('blank lines part the documents of a text, whatever the ends of lines', () => {
    const file = put('a.txt', `\uFEFFfirst line\r\nsecond\r\n\r\n \t\r\n${poem}\n\n\nlast`);
    const corpus = readCorpus([file]);
    expect([...corpus.eachText()]).toEqual(['first line\nsecond', poem, 'last']);
    expect([...corpus.eachText()]).toHaveLength(3); // a new pass, not what is left of the first
    expect(corpus).toMatchObject({ texts: 3, dialogues: 0 });
    expect(corpus.files).toEqual([{ path: file, bytes: corpus.bytes, texts: 3, dialogues: 0, skipped: 0 }]);
  });

  test('lines of JSON are texts and conversations in both usual forms; bad ones are counted, with the reason for the first', () => {
    const lines = [
      { text: 'one\n\nstill one', source: 'x' },
      { messages: [{ role: 'system', content: 'be kind' }, ...turns('hi', 'hello')] },
      {
        conversations: [
          { from: 'human', value: '你好' },
          { from: 'gpt', value: '你好！' },
        ],
      },
    ].map((value) => JSON.stringify(value));
    const bad = [
      '{"text": "cut',
      '[]',
      '{"body": "x"}',
      '{"text": " "}',
      '{"messages": [{"role": "cat", "content": "x"}]}',
      '{"messages": [{"role": "user", "content": "x"}]}',
      '{"messages": [null]}',
    ];
    const corpus = readCorpus([put('a.jsonl', [lines[0], bad[0], '', lines[1], ...bad.slice(1), lines[2]].join('\n'))]);
    expect([...corpus.eachText()]).toEqual(['one\n\nstill one']);
    expect([...corpus.eachDialogue()]).toEqual([
      [{ role: 'system', content: 'be kind' }, ...turns('hi', 'hello')],
      turns('你好', '你好！'),
    ]);
    expect(corpus.files[0]).toMatchObject({
      texts: 1,
      dialogues: 2,
      skipped: 7,
      firstSkipped: { en: 'line 2: expected JSON, got {"text": "cut', zh: '第 2 行：应为 JSON，实为 {"text": "cut' },
    });
    expect(skippedLines(corpus).map(({ en }) => en)).toEqual([
      `${corpus.files[0]!.path}: 7 skipped; the first: line 2: expected JSON, got {"text": "cut`,
    ]);
  });

  test('a folder is read to its depth, in the order of names, and only its texts', () => {
    put('c/2.txt', 'two');
    put('c/10/a.jsonl', '{"text": "ten"}\n');
    put('c/picture.png', '\x89PNG');
    expect([...readCorpus([join(folder, 'c')]).eachText()]).toEqual(['ten', 'two']);
  });

  test('a line of 100 MB is skipped without being held', () => {
    const file = put('long.txt', 'before\n');
    const descriptor = openSync(file, 'a');
    const piece = Buffer.alloc(1 << 20, 'x');
    for (let i = 0; i < 100; i++) writeSync(descriptor, piece);
    writeSync(descriptor, '\nafter\n');
    closeSync(descriptor);
    // In a process of its own: here the peak is that of every test before.
    const program = `
      const { readCorpus } = await import(${JSON.stringify(new URL('../src/read-corpus.ts', import.meta.url).href)});
      const before = process.resourceUsage().maxRSS;
      const corpus = readCorpus([${JSON.stringify(file)}]);
      const texts = [...corpus.eachText()];
      console.log(JSON.stringify({ files: corpus.files, texts, grown: (process.resourceUsage().maxRSS - before) / 1024 }));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    const { files, texts, grown } = JSON.parse(said);
    expect(files[0]).toMatchObject({ skipped: 1, firstSkipped: { en: 'line 2: expected at most 8 MB in a line, got more' } });
    expect(texts).toEqual(['before\nafter']);
    expect(grown).toBeLessThan(50); // half of the line alone
  }, 60_000);

  test('a text without blank lines is cut at the ends of lines', () => {
    const line = 'a line without an end of document';
    const texts = [...readCorpus([put('endless.txt', `${line}\n`.repeat(80_000))]).eachText()];
    expect(texts.length).toBe(3);
    expect(texts[0]!.length).toBeGreaterThanOrEqual(2 ** 20 - 1);
    expect(texts[0]!.length).toBeLessThan(2 ** 20 + line.length);
    expect(texts.join('\n')).toBe(`${line}\n`.repeat(80_000).trimEnd());
  });

  test('a few bytes that are not UTF-8 cost their lines and no more', () => {
    const lines = Buffer.from('a line of text\n'.repeat(99));
    const corpus = readCorpus([put('a.txt', Buffer.concat([lines, Buffer.from('caf\xe9\n', 'latin1')]))]);
    expect(corpus.files[0]).toMatchObject({ texts: 1, skipped: 1, firstSkipped: { en: 'line 100: expected UTF-8, got other bytes' } });
  });
});

describe('one clear line for', () => {
  const chinese = '我们在山上看见了一个人，他说的话大家都不明白。\n'.repeat(4);
  const bytesOf = (text: string, encoding: string) => execFileSync('iconv', ['-f', 'UTF-8', '-t', encoding], { input: text });
  const french = "L'été dernier, la forêt était déjà brûlée; les élèves rêvaient près du château.\n".repeat(9);
  test.each([
    ['an empty file', '', /^--data: expected at least one text or conversation, got none$/],
    ['only blank lines', '\n \n', /got none$/],
    [
      'only bad lines',
      Buffer.from('{"a": 1}\nx\n'),
      /got none: 2 lines skipped, the first in .*corpus\.jsonl, line 1: expected \{"text"\}, \{"messages"\}/,
    ],
    ['a binary file', Buffer.from([1, 2, 3, 0, 0, 5, 6]), /: expected text in UTF-8, got a binary file$/],
    ['a model', Buffer.from('GGUF\x03\x00\x00\x00'), /got a GGUF model$/],
    ['a gzip file', Buffer.from('\x1f\x8b\x08', 'latin1'), /got a gzip file$/],
    ['UTF-16 with a mark', Buffer.from('\uFEFFhello', 'utf16le'), /got UTF-16 \(little endian\)$/],
    ['UTF-16 without', Buffer.from('hello, here is some text', 'utf16le').swap16(), /got UTF-16 \(big endian\)$/],
    ['GBK', bytesOf(chinese, 'GBK'), /got what looks like GBK$/],
    ['Big5', bytesOf('我們在山上看見了一個人，他說的話大家都不明白。\n', 'BIG5'), /got what looks like Big5$/],
    ['Latin-1', bytesOf(french, 'LATIN1'), /got what looks like Latin-1$/],
    ['an encoding that cannot be told', bytesOf('Это другая кодировка, и её не угадать.\n', 'KOI8-R'), /got another encoding$/],
  ])('%s', (name, content, message) => {
    const file = put(name === 'only bad lines' ? 'corpus.jsonl' : 'corpus.txt', content);
    expect(() => readCorpus([file])).toThrow(message);
  });

  test('the hint converts a file in another encoding, and the result is read', () => {
    const file = put('poems.txt', bytesOf(chinese, 'GBK'));
    let hint = '';
    try {
      readCorpus([file]);
    } catch (error) {
      hint = String((error as { hint?: string }).hint);
    }
    execFileSync('sh', ['-c', hint], { cwd: folder });
    expect([...readCorpus([join(folder, 'utf8.txt')]).eachText()]).toEqual([chinese.trimEnd()]);
  });

  test('what is not there, a folder of nothing, a set that was not added, a special file', () => {
    const cacheDir = join(folder, 'cache');
    expect(() => readCorpus(['gone.txt'])).toThrow(/^--data gone\.txt: expected a file, a folder or a set, got nothing of that name$/);
    mkdirSync(join(folder, 'empty'));
    expect(() => readCorpus([join(folder, 'empty')])).toThrow(/expected a folder with \.txt or \.jsonl files, got none of them$/);
    expect(() => readCorpus(['songci'], { cacheDir })).toThrow(
      expect.objectContaining({
        message: '--data songci: expected a set that is here, got one that is not',
        hint: 'ladder data add songci',
      }),
    );
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(() => readCorpus([join(folder, 'pipe')])).toThrow(/expected a file or a folder, got a special file$/);
  });
});
