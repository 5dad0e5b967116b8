import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readCorpus } from '../src/read-corpus.ts';
import { addSets, hubRecord, hubRecords, removeSets, setFiles, setFolder } from '../src/store.ts';
import { addHubSet, lines, newCache } from './add-hub-set.ts';
import { COMMIT, type FakeDataset, fakeHub, setEnv } from './fake-hub.ts';
import { dialogueParquet, textParquet } from './hub-parquet.ts';

let cacheDir: string;
beforeEach(() => {
  cacheDir = newCache();
});

const dialogue = (q: string, a: string) => [
  { role: 'user', content: q },
  { role: 'assistant', content: a },
];
const add = (dataset: FakeDataset, rest?: string, maxBytes?: number) => addHubSet(cacheDir, dataset, rest, maxBytes);

describe('a set of the Hub has the texts of', () => {
  test('.txt files, whose documents blank lines part', async () => {
    const { texts } = await add({ files: { 'a.txt': '\uFEFFone\r\nmore\r\n\r\ntwo', 'b.txt': 'three\n' } });
    expect(texts).toEqual(['one\nmore', 'two', 'three']);
  });

  test('.txt files with <|endoftext|> between the documents, blank lines inside them kept', async () => {
    const { texts } = await add({ files: { 'a.txt': 'one\n\nstill one\n<|endoftext|>\n\ntwo\n<|endoftext|>\n' } });
    expect(texts).toEqual(['one\n\nstill one', 'two']);
  });

  test('.jsonl with text, content or story, and the conversations in both forms', async () => {
    const rows = [
      { text: 'one', content: 'not this' },
      { id: 1, content: 'two' },
      { story: 'three' },
      { messages: dialogue('hi', 'hello') },
      {
        text: null,
        conversations: [
          { from: 'human', value: '你好' },
          { from: 'gpt', value: '你好！' },
        ],
      },
    ];
    const { texts, dialogues, record } = await add({ files: { 'a.jsonl': lines(...rows) } });
    expect(texts).toEqual(['one', 'two', 'three']);
    expect(dialogues).toEqual([dialogue('hi', 'hello'), dialogue('你好', '你好！')]);
    expect(record.taken).toBe(record.chosen.bytes);
  });

  test.each([
    ['a list', '[{"text": "one"}, {"text": "two"}]'],
    ['a list under data', '{"version": 1, "data": [{"text": "one"}, {"text": "two"}]}'],
    ['a row a line', lines({ text: 'one' }, { text: 'two' })],
  ])('.json that is %s', async (_, content) => {
    const { texts } = await add({ files: { 'a.json': content } });
    expect(texts).toEqual(['one', 'two']);
  });

  test.each(['SNAPPY', 'GZIP', 'ZSTD'] as const)('Parquet packed with %s, over its groups of rows', async (codec) => {
    const all = Array.from({ length: 7 }, (_, i) => `text ${i} 文`);
    const { texts } = await add({ files: { 'data/train-0.parquet': textParquet(all, { rowGroupSize: 3, codec, column: 'story' }) } });
    expect(texts).toEqual(all);
  });

  test('conversations in Parquet', async () => {
    const { dialogues } = await add({ files: { 'a.parquet': dialogueParquet([dialogue('a', 'b'), dialogue('c', 'd')]) } });
    expect(dialogues).toEqual([dialogue('a', 'b'), dialogue('c', 'd')]);
  });
});

test('texts come without control characters and half characters; rows that are none are counted', async () => {
  const rows = [
    { text: 'red \u001b[31m\u0007one\r\n\ttab \ud800' },
    { text: '\u0001' },
    { messages: dialogue('\u009bq', 'a\u0000') },
    { text: ' ' },
  ];
  const { texts, dialogues, steps } = await add({ files: { 'a.jsonl': `${lines(...rows)}{"text": \u001b[2J\n` } });
  expect(texts).toEqual(['red [31mone\n\ttab \ufffd']);
  expect(dialogues).toEqual([dialogue('q', 'a')]);
  expect(steps).toContain('data add hf:me/set: a.jsonl: 3 skipped; the first: expected a text, got an empty one');
});

test('a row that is too long for a line is skipped, and the next one is not', async () => {
  const { texts, steps } = await add({ files: { 'a.json': JSON.stringify([{ text: 'x'.repeat(9 << 20) }, { text: 'one' }]) } });
  expect(texts).toEqual(['one']);
  expect(steps).toContain('data add hf:me/set: a.json: 1 skipped; the first: expected at most 8 MB in a line, got more');
});

describe('set.json', () => {
  test('names the commit, the licence and the SHA-256 of each file', async () => {
    const content = 'one\n\ntwo\n';
    const { record, steps } = await add({
      files: { 'a.txt': content },
      card: { license: ['other', 'mit'], license_name: 'my\u001b[31m terms' },
    });
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(record).toEqual({
      format: 1,
      name: 'hf:me/set',
      dataset: 'me/set',
      revision: 'main',
      commit: COMMIT,
      licence: 'other, mit, my[31m terms',
      chosen: { files: 1, bytes: 9 },
      taken: 9,
      limit: 200e6,
      files: [{ path: 'a.txt', bytes: 9, of: 9, sha256 }],
    });
    expect(steps).toEqual([`hf:me/set: commit 0123456, 1 file, 0.0 MB: a.txt`, 'hf:me/set: licence: other, mit, my[31m terms']);
  });

  test('has no licence where the card has none, and that is said', async () => {
    const { record, steps } = await add({ files: { 'a.txt': 'a' }, card: null });
    expect(record).not.toHaveProperty('licence');
    expect(steps.at(-1)).toBe('hf:me/set: licence: none stated');
  });

  test('a revision is another set, of the commit that it names', async () => {
    const commits = { HEAD: 'a'.repeat(40), 'refs/convert/parquet': 'b'.repeat(40) };
    const dataset = { files: { 'a.txt': 'a' }, commits };
    const { name, record, asked } = await add(dataset, '@refs/convert/parquet:a.txt');
    expect(record).toMatchObject({ revision: 'refs/convert/parquet', commit: 'b'.repeat(40) });
    expect(asked.slice(1).every(({ url }) => url.includes('b'.repeat(40)))).toBe(true);
    expect((await add(dataset, '')).record.commit).toBe('a'.repeat(40));
    expect(
      hubRecords(cacheDir)
        .map((one) => one.name)
        .sort(),
    ).toEqual(['hf:me/set', name]);
  });
});

describe('with a limit it takes', () => {
  const files = { '1.jsonl': lines({ text: 'one' }, { text: 'two' }), '2.jsonl': lines({ text: 'three' }, { text: 'four' }) };
  const first = files['1.jsonl'].length;

  test('whole lines of the file where it ends, and says so', async () => {
    const { texts, record, asked, steps } = await add({ files }, '', first + 20); // 20 bytes: `{"text":"three"}` and a part of the next line
    expect(texts).toEqual(['one', 'two', 'three']);
    expect(steps.filter((step) => step.includes('skipped'))).toEqual([]); // half a line is no bad line
    expect(record).toMatchObject({ taken: first + 20, limit: first + 20, chosen: { files: 2 } });
    expect(record.files[1]).toMatchObject({ bytes: 20, of: files['2.jsonl'].length });
    expect(asked.filter(({ url }) => url.includes('2.jsonl')).map(({ range }) => range)).toEqual(['bytes=0-0', 'bytes=0-19']);
  });

  test('whole lines of a text, however far back the last end of a line is', async () => {
    const long = 'x'.repeat(200_000);
    expect((await add({ files: { 'a.txt': `one\n\ntwo\n${long}\nthree` } }, '', 150_000)).texts).toEqual(['one', 'two']);
  });

  test('all, when it is just as large (the control)', async () => {
    const bytes = first + files['2.jsonl'].length;
    expect((await add({ files }, '', bytes)).texts).toEqual(['one', 'two', 'three', 'four']);
    expect(hubRecord('hf:me/set', cacheDir)).toMatchObject({ taken: bytes, chosen: { bytes } });
  });

  test('whole files of Parquet, then whole groups of rows', async () => {
    const long = Array.from({ length: 400 }, (_, i) => i * 7919).join(' ');
    const shards = [textParquet(['one', 'two']), textParquet(['three', 'four', long, 'six'], { rowGroupSize: 2 }), textParquet(['seven'])];
    const dataset = { files: { 'a.parquet': shards[0]!, 'b.parquet': shards[1]!, 'c.parquet': shards[2]! } };
    const one = shards[0]!.length;
    expect((await add(dataset, '', one + 10)).texts).toEqual(['one', 'two']);
    rmSync(setFolder('hf:me/set', cacheDir), { recursive: true });
    const { texts, asked } = await add(dataset, '', one + 120 + shards[2]!.length);
    expect(texts).toEqual(['one', 'two', 'three', 'four']); // the third would fit, but is not the next one
    const fetched = asked.filter(({ host, url }) => host === 'cdn' && url.includes('b.parquet')).map(({ range }) => range);
    expect(fetched.at(-1)).toMatch(/^bytes=0-\d\d$/);
  });

  test('more when more is asked for, and nothing again when it is not', async () => {
    await add({ files }, '', first);
    const { asked } = await fakeHub({ 'me/set': { files } });
    await addSets(['hf:me/set'], { cacheDir });
    await addSets(['hf:me/set'], { cacheDir, maxBytes: first });
    expect(asked).toEqual([]);
    await addSets(['hf:me/set'], { cacheDir, maxBytes: 1000 });
    expect([...readCorpus(['hf:me/set'], { cacheDir }).eachText()]).toHaveLength(4);
    const { mtimeMs } = statSync(join(setFolder('hf:me/set', cacheDir), 'set.json'));
    await addSets(['hf:me/set'], { cacheDir, maxBytes: 1e9 });
    expect(statSync(join(setFolder('hf:me/set', cacheDir), 'set.json')).mtimeMs).toBe(mtimeMs);
  });
});

test('large files come from another host, which never sees the token, nor does one that the list goes on at; the Hub does', async () => {
  setEnv('HF_TOKEN', 'hf_secret');
  const files = { 'a.parquet': textParquet(['a']), 'b.txt': 'b', 'c.txt': 'c' };
  const { texts, asked } = await add({ files, token: 'hf_secret', page: 2, pagesElsewhere: true });
  expect(texts).toEqual(['a']);
  expect(asked.filter(({ host }) => host === 'cdn').map(({ url }) => url.slice(0, 12))).toEqual(['/api/dataset', '/me/set/a.pa']);
  for (const { host, authorization } of asked) expect(authorization).toBe(host === 'hub' ? 'Bearer hf_secret' : undefined);
});

test('HTTP_PROXY leads to the Hub, and only while a set is added', async () => {
  const { url } = await fakeHub({ 'me/set': { files: { 'a.txt': 'a' } } });
  const seen: (string | undefined)[] = [];
  const proxy = createServer().on('connect', (request: IncomingMessage, socket: Socket) => {
    seen.push(request.url);
    const hub = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      hub.pipe(socket).pipe(hub);
    });
    for (const end of [hub, socket]) end.on('error', () => {});
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  onTestFinished(() => void proxy.close());
  setEnv('HTTP_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  setEnv('HF_ENDPOINT', 'http://hub.invalid');
  await addSets(['hf:me/set'], { cacheDir });
  expect(new Set(seen)).toEqual(new Set(['hub.invalid:80']));
  await expect(fetch('http://hub.invalid')).rejects.toThrow();
});

test('removeSets deletes one, and leaves the others', async () => {
  await add({ files: { 'a.txt': 'a' } });
  await add({ files: { 'a.txt': 'a' } }, ':a.txt');
  expect(removeSets(['hf:me/set', 'hf:me/other'], cacheDir)).toEqual(['hf:me/set']);
  expect(hubRecords(cacheDir).map(({ name }) => name)).toEqual(['hf:me/set:a.txt']);
  expect(existsSync(setFolder('hf:me/set', cacheDir))).toBe(false);
  expect(readFileSync(setFiles('hf:me/set:a.txt', cacheDir)[0]!, 'utf8')).toBe('{"text":"a"}\n');
});

test('a stumble of the Hub is tried again', async () => {
  const { texts, asked } = await add({ files: { 'a.txt': 'a' }, stumbles: { status: 503, times: 1 } });
  expect(texts).toEqual(['a']);
  expect(asked.filter(({ url }) => url.includes('/resolve/'))).toHaveLength(3);
});
