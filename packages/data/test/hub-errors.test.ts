import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readCorpus } from '../src/read-corpus.ts';
import { addSets, hubRecord, removeSets } from '../src/store.ts';
import { newCache } from './add-hub-set.ts';
import { type FakeDataset, fakeHub, nobody, setEnv } from './fake-hub.ts';
import { textParquet } from './hub-parquet.ts';

let cacheDir: string;
beforeEach(() => {
  cacheDir = newCache();
});

const left = (): string[] => (existsSync(join(cacheDir, 'data')) ? readdirSync(join(cacheDir, 'data')) : []);

/** What `data add` of `hf:me/set<rest>` is refused with: message, hint. */
async function refusal(name: string, maxBytes?: number): Promise<{ message: string; hint: string; zh: string }> {
  const error = (await addSets([name], { cacheDir, maxBytes }).catch((one: unknown) => one)) as {
    code?: string;
    message: string;
    hint?: string;
    zh?: { message: string };
  };
  expect(error).toMatchObject({ code: 'usage' });
  expect(error.message).not.toContain('\n');
  return { message: error.message, hint: error.hint ?? '', zh: error.zh?.message ?? '' };
}

const big = 'a line of a text that goes on and on\n'.repeat(30_000);
const parquet = textParquet(['one', 'two']);

describe('data add hf: leaves nothing behind and says in one line that', () => {
  test.each<[string, FakeDataset, string, string, string]>([
    [
      'the dataset is gated',
      { files: { 'a.txt': 'a' }, token: 'hf_right' },
      '',
      'data add hf:me/set: expected a dataset that is there and open to you, got 401 (GatedRepo)',
      'set HF_TOKEN',
    ],
    [
      'the revision is not there',
      { files: { 'a.txt': 'a' } },
      '@v9',
      'data add hf:me/set@v9: expected a revision of me/set, got v9',
      'ladder data add hf:me/set',
    ],
    [
      'the path is not there',
      { files: { 'a.txt': 'a' } },
      ':b.txt',
      'data add hf:me/set:b.txt: expected a file, a folder or a subset of me/set, got "b.txt"',
      'ladder data add hf:me/set',
    ],
    [
      'no file can be read',
      { files: { 'a.csv': 'a', 'b.tar.gz': 'b', 'README.md': 'c' } },
      '',
      'data add hf:me/set: expected .parquet, .jsonl, .json, .txt, got .md, .csv, .gz',
      'hf:me/set@refs/convert/parquet',
    ],
    [
      'the named file cannot be read',
      { files: { 'a.csv': 'a' } },
      ':a.csv',
      'expected .parquet, .jsonl, .json, .txt, got .csv',
      '@refs/convert/parquet',
    ],
    ['there are no files', { files: {} }, '', 'expected .parquet, .jsonl, .json, .txt, got none', ''],
    [
      'all is held out',
      { files: { 'my test.jsonl': '{"text": "a"}' } },
      '',
      'data add hf:me/set: expected a train split, got only others, such as my test.jsonl',
      "ladder data add 'hf:me/set:my test.jsonl'",
    ],
    [
      'there are several subsets',
      { files: { 'a.txt': 'a' }, card: { configs: ['en', 'zh'].map((name) => ({ config_name: name, data_files: '*' })) } },
      '',
      'data add hf:me/set: expected one subset, got 2: en, zh',
      'ladder data add hf:me/set:en',
    ],
    [
      'rows have other columns',
      { files: { 'a.jsonl': '{"question\\u001b[2J": "x", "answer": 1}' } },
      '',
      'expected at least one text or conversation, got none: data add hf:me/set: a.jsonl: 1 skipped; the first: expected text, content, story, messages, conversations, got question[2J, answer',
      '',
    ],
    ['a Parquet file has other columns', { files: { 'a.parquet': textParquet(['a'], { column: 'body' }) } }, '', 'got id, body', ''],
    [
      'a Parquet file is none',
      { files: { 'a.parquet': 'PAR1 and no more' } },
      '',
      'expected a Parquet file that can be read, got parquet file invalid (footer != PAR1)',
      '',
    ],
    [
      'a Parquet file is damaged',
      { files: { 'a.parquet': parquet.map((byte, i) => (i > 3 && i < 90 ? 0xff : byte)) } },
      '',
      'expected a Parquet file that can be read, got ',
      '',
    ],
    [
      'a file is another one',
      { files: { 'a.parquet': parquet }, sha256: 'e'.repeat(64) },
      '',
      `data add hf:me/set: a.parquet: expected SHA-256 ${'e'.repeat(64)}, got `,
      'HF_ENDPOINT',
    ],
    [
      'a text has another encoding',
      { files: { 'a.txt': Buffer.from('\xff\xfea\x00', 'latin1') } },
      '',
      'a.txt: expected text in UTF-8, got UTF-16 (little endian)',
      '',
    ],
    ['the server knows no ranges', { files: { 'a.txt': big }, wholeOnly: true }, '', 'got 200 (no ranges)', ''],
    ['the Hub is busy', { files: { 'a.txt': 'a' }, stumbles: { status: 429, times: 9 } }, '', 'got 429', 'HF_TOKEN'],
  ])('%s', async (_, dataset, rest, message, hint) => {
    await fakeHub({ 'me/set': dataset });
    const said = await refusal(`hf:me/set${rest}`);
    expect(said.message).toContain(message);
    expect(said.hint).toContain(hint);
    expect(said.zh).toMatch(/^data add hf:me\/set.*：应为.+，实为/);
    expect(left()).toEqual([]);
  });

  test('the dataset is not there, whatever the Hub calls it', async () => {
    await fakeHub({});
    expect((await refusal('hf:me/set')).message).toBe(
      'data add hf:me/set: expected a dataset that is there and open to you, got 401 (RepoNotFound)',
    );
    setEnv('HF_TOKEN', 'hf_mine');
    expect((await refusal('hf:me/set')).message).toBe('data add hf:me/set: expected a dataset that is there, got 404 (RepoNotFound)');
    expect(left()).toEqual([]);
  });

  test('a token does not open it; the right one does (the control)', async () => {
    await fakeHub({ 'me/set': { files: { 'a.txt': 'a' }, token: 'hf_right' } });
    setEnv('HF_TOKEN', 'hf_wrong');
    expect((await refusal('hf:me/set')).hint).toContain('check the name and HF_TOKEN');
    setEnv('HF_TOKEN', 'hf_right');
    await addSets(['hf:me/set'], { cacheDir });
    expect([...readCorpus(['hf:me/set'], { cacheDir }).eachText()]).toEqual(['a']);
  });

  test('HF_TOKEN and HF_ENDPOINT have another form, without showing the token', async () => {
    setEnv('HF_TOKEN', 'secret');
    expect((await refusal('hf:me/set')).message).toBe('HF_TOKEN: expected a token that begins with hf_, got 6 other characters');
    setEnv('HF_TOKEN', ' ');
    setEnv('HF_ENDPOINT', 'hub.example');
    expect((await refusal('hf:me/set')).message).toBe('HF_ENDPOINT: expected an address such as https://..., got "hub.example"');
  });

  test('the connection breaks in the middle of a file, also after a file that came whole', async () => {
    await fakeHub({ 'me/set': { files: { '1.txt': 'whole', '2.txt': big }, diesAfter: 1000 } });
    const { message, hint } = await refusal('hf:me/set');
    expect(message).toMatch(/^data add hf:me\/set: expected an answer of the Hub at http:\S+, got a connection that broke( \(\w+\))?$/);
    expect(hint).toContain('HF_ENDPOINT');
    expect(left()).toEqual([]);
  }, 20_000);

  test('nobody is there', async () => {
    const url = await nobody();
    setEnv('HF_ENDPOINT', url);
    const { message, hint } = await refusal('hf:me/set');
    expect(message).toBe(`data add hf:me/set: expected an answer of the Hub at ${url}, got no connection (ECONNREFUSED)`);
    expect(hint).toContain('its own stories');
    expect(left()).toEqual([]);
  });

  test('it has too many files to list them all', async () => {
    const extra = Array.from({ length: 100_001 }, (_, i) => ({ path: `${i}.txt`, size: 1 }));
    await fakeHub({ 'me/set': { files: {}, extra, page: 1e6 } });
    const { message, hint } = await refusal('hf:me/set');
    expect(message).toBe('data add hf:me/set: expected at most 100,000 files, got more');
    expect(hint).toBe('name a folder: hf:me/set:<folder>');
  });

  test('a proxy that is none is named', async () => {
    await fakeHub({ 'me/set': { files: { 'a.txt': 'a' } } });
    setEnv('HTTP_PROXY', 'not an address');
    expect((await refusal('hf:me/set')).message).toMatch(/^HTTP_PROXY, HTTPS_PROXY: expected the address of a proxy, got /);
  });

  test.each(['<html>log in</html>', 'null', '{}', '[]'])('something else answers: %s', async (body) => {
    const server = createServer((_, response) => response.end(body));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    setEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await refusal('hf:me/set')).message).toMatch(/, got something else$/);
    expect(left()).toEqual([]);
  });

  test('nothing fits into the limit, with the one that does', async () => {
    await fakeHub({ 'me/set': { files: { 'a.json': JSON.stringify([{ text: big }]) } } });
    const { message, hint } = await refusal('hf:me/set', 1e6);
    expect(message).toBe('data add hf:me/set: expected a start of a.json within 1.0 MB, got one that cannot be cut there, of 1.1 MB');
    expect(hint).toBe('ladder data add hf:me/set --max-mb 2');
    await addSets(['hf:me/set'], { cacheDir, maxBytes: 2e6 });
    expect(left()).toHaveLength(1);
  });

  test.each([
    'hf:',
    'hf:set',
    'hf:me/set/more',
    'hf:../set',
    'hf:me/..',
    'hf:me/set:',
    'hf:me/set:../x',
    'hf:me/set:a//b',
    'hf:me/set:/etc',
    'hf:me/set:a\nb',
    'hf:me/set@',
  ])('the name has another form: %j', async (name) => {
    const { message, hint } = await refusal(name);
    expect(message).toBe(`data: expected hf:<owner>/<dataset>, then maybe @<revision> and :<path>, got ${JSON.stringify(name)}`);
    expect(hint).toContain('hf:roneneldan/TinyStories');
    expect(() => readCorpus([name], { cacheDir })).toThrow(message);
    expect(() => removeSets([name], cacheDir)).toThrow(message);
  });
});

test('a set that is here stays as it is when more of it cannot be had', async () => {
  await fakeHub({ 'me/set': { files: { 'a.txt': 'one\n\ntwo\n' } } });
  await addSets(['hf:me/set'], { cacheDir, maxBytes: 5 });
  const before = hubRecord('hf:me/set', cacheDir);
  setEnv('HF_ENDPOINT', await nobody());
  await refusal('hf:me/set', 100);
  expect(hubRecord('hf:me/set', cacheDir)).toEqual(before);
  expect([...readCorpus(['hf:me/set'], { cacheDir }).eachText()]).toEqual(['one']);
});

test('--data names the command for a set that is not here', () => {
  expect(() => readCorpus(['hf:me/set:a b.txt'], { cacheDir })).toThrow(
    expect.objectContaining({
      message: '--data hf:me/set:a b.txt: expected a set that is here, got one that is not',
      hint: "ladder data add 'hf:me/set:a b.txt'",
    }),
  );
});

test('two processes that add the same set: one fetches, both have it', async () => {
  const { asked } = await fakeHub({ 'me/set': { files: { 'a.txt': big } } });
  const program = `const { addSets } = await import(${JSON.stringify(resolve(import.meta.dirname, '../src/store.ts'))});
    await addSets(['hf:me/set'], { cacheDir: ${JSON.stringify(cacheDir)} });`;
  const one = () =>
    new Promise<void>((done, fail) => {
      execFile(process.execPath, ['--input-type=module', '-e', program], (error) => (error ? fail(error) : done()));
    });
  await Promise.all([one(), one()]);
  expect(asked.filter(({ url }) => url.includes('/revision/'))).toHaveLength(1);
  expect(left()).toHaveLength(1);
});
