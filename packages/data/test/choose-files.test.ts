import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { matchesGlob } from '../src/matches-glob.ts';
import { setFiles, setFolder } from '../src/store.ts';
import { addHubSet, lines, newCache } from './add-hub-set.ts';
import type { FakeDataset } from './fake-hub.ts';
import { textParquet } from './hub-parquet.ts';

let cacheDir: string;
beforeEach(() => {
  cacheDir = newCache();
});

const add = (dataset: FakeDataset, rest?: string) => addHubSet(cacheDir, dataset, rest);

describe('of a dataset with several files it takes', () => {
  const row = (text: string) => lines({ text });
  test.each<[string, Record<string, string | Uint8Array>, unknown, string, string[]]>([
    ['the train split', { 'train.jsonl': row('a'), 'valid.jsonl': row('b'), 'more.jsonl': row('c') }, undefined, '', ['a']],
    ['the train split by folders', { 'data/train/0.jsonl': row('a'), 'data/dev/0.jsonl': row('b') }, undefined, '', ['a']],
    ['all that is not held out', { 'en.jsonl': row('a'), 'zh.jsonl': row('b'), 'en-test.jsonl': row('c') }, undefined, '', ['a', 'b']],
    ['whole words only', { 'contest.jsonl': row('a'), 'latest.jsonl': row('b') }, undefined, '', ['a', 'b']],
    ['what a path names, though held out', { 'train.jsonl': row('a'), 'test.jsonl': row('b') }, undefined, ':test.jsonl', ['b']],
    ['a folder', { 'x/a.jsonl': row('a'), 'y/b.jsonl': row('b') }, undefined, ':y', ['b']],
    ['a folder of tests', { 'test/a.jsonl': row('a'), 'train/b.jsonl': row('b') }, undefined, ':test/', ['a']],
    ['no tests of a folder', { 'x/test-a.jsonl': row('a'), 'x/train-b.jsonl': row('b') }, undefined, ':x', ['b']],
    ['one format', { 'a.parquet': textParquet(['a']), 'a.jsonl': row('b'), 'a.txt': 'c' }, undefined, '', ['a']],
    ['no files beside the data', { '.x/a.txt': 'x', 'LICENSE.txt': 'x', 'a.txt': 'a', 'README.md': 'x' }, undefined, '', ['a']],
    ['names with spaces and signs', { 'a b/c#d?.txt': 'a' }, undefined, ':a b/c#d?.txt', ['a']],
    [
      'what the card calls train',
      { 'p/0.jsonl': row('a'), 'p/1.jsonl': row('b'), 'q/0.jsonl': row('c') },
      [
        {
          config_name: 'x',
          data_files: [
            { split: 'train_more', path: 'q/*' },
            { split: 'train', path: ['p/*'] },
            { split: 'test', path: ['q/*'] },
          ],
        },
      ],
      '',
      ['a', 'b'],
    ],
    [
      'the split of the card that begins with train',
      { 'sft.jsonl': row('a'), 'gen.jsonl': row('b'), 'test.jsonl': row('c') },
      [
        {
          config_name: 'x',
          data_files: [
            { split: 'test_sft', path: 'test*' },
            { split: 'train_sft', path: 'sft*' },
            { split: 'train_gen', path: 'gen*' },
          ],
        },
      ],
      '',
      ['a'],
    ],
    [
      'the subset of the card that is the default',
      { 'en/0.jsonl': row('a'), 'zh/0.jsonl': row('b') },
      [
        { config_name: 'en', data_files: 'en/*.jsonl' },
        { config_name: 'zh', data_dir: 'zh', default: true },
      ],
      '',
      ['b'],
    ],
    [
      'the subset that is named',
      { 'a1.jsonl': row('a'), 'b1.jsonl': row('b') },
      [
        { config_name: 'one', data_files: ['a*'] },
        { config_name: 'two', data_files: ['b*'] },
      ],
      ':one',
      ['a'],
    ],
    ['all, with a card of another form', { 'a.jsonl': row('a') }, [null, { config_name: 3 }, 'x', { data_files: [7] }], '', ['a']],
  ])('%s', async (_, files, configs, rest, expected) => {
    expect((await add({ files, card: { configs } }, rest)).texts).toEqual(expected);
  });

  test('files of every page of the list', async () => {
    const files = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`data/${i}.txt`, `text ${i}`]));
    const { texts, asked } = await add({ files, page: 3 });
    expect(texts).toHaveLength(7);
    expect(asked.filter(({ url }) => url.includes('/tree/'))).toHaveLength(3);
  });

  test('at most a thousand', async () => {
    const files = Object.fromEntries(Array.from({ length: 1003 }, (_, i) => [`${String(i).padStart(4, '0')}.txt`, `${i}`]));
    const { texts, record } = await add({ files });
    expect(texts).toEqual(Array.from({ length: 1000 }, (_, i) => `${i}`));
    expect(record).toMatchObject({ chosen: { files: 1003, bytes: 10 + 180 + 2700 + 12 }, taken: 2890 });
  }, 60_000);

  test('none whose path leads out of the dataset', async () => {
    const extra = ['../up.txt', '/etc/a.txt', 'a/../../b.txt', 'a//b.txt'].map((path) => ({ path, size: 3 }));
    const { name, texts, asked } = await add({ files: { 'a.txt': 'a' }, extra });
    expect(texts).toEqual(['a']);
    expect(asked.some(({ url }) => /up\.txt|etc|b\.txt/.test(url))).toBe(false);
    expect(readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }).sort()).toEqual(
      [
        'data',
        ...[setFolder(name, cacheDir), join(setFolder(name, cacheDir), 'set.json'), ...setFiles(name, cacheDir)].map((path) =>
          path.slice(cacheDir.length + 1),
        ),
      ].sort(),
    );
  });
});

test.each([
  ['data/*', 'data/a.txt', true],
  ['data/*', 'data/x/a.txt', false],
  ['data/**', 'data/x/a.txt', true],
  ['**/train-*.parquet', 'train-0.parquet', true],
  ['**/train-*.parquet', 'a/b/train-0.parquet', true],
  ['**/train-*.parquet', 'mytrain-0.parquet', false],
  ['a?.txt', 'a1.txt', true],
  ['a?.txt', 'a/.txt', false],
  ['a.txt', 'axtxt', false],
  ['*', '中文.txt', true],
  [`${'*a'.repeat(40)}b`, 'a'.repeat(400), false], // takes for ever where it goes back
])('matchesGlob(%s, %s) is %s', (pattern, path, expected) => {
  expect(matchesGlob(pattern, path)).toBe(expected);
});
