import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { expect, test } from 'vitest';
import { zipOf } from '../../src/gradescope/zip.ts';

const unzip = ['/usr/bin/unzip', '/bin/unzip'].find(existsSync);
const files = [
  { name: 'run_autograder', content: Buffer.from('#!/usr/bin/env bash\n'), mode: 0o755 },
  { name: 'packages/a.tgz', content: randomBytes(70_001) },
  { name: '说明.md', content: Buffer.from('长'.repeat(9_000)) },
  { name: 'empty', content: Buffer.alloc(0) },
];

test.skipIf(unzip === undefined)('unzip gives back every file with its bytes and its mode, and finds a damaged one', () => {
  const folder = temporaryFolder();
  const archive = path.join(folder, 'a.zip');
  const bytes = zipOf(files);
  writeFileSync(archive, bytes);
  execFileSync(unzip!, ['-q', archive, '-d', folder], { env: { LC_ALL: 'C.UTF-8' } });
  for (const { name, content, mode = 0o644 } of files) {
    expect(readFileSync(path.join(folder, name)).equals(content), name).toBe(true);
    expect(statSync(path.join(folder, name)).mode & 0o777, name).toBe(mode);
  }
  bytes[bytes.indexOf('packages/a.tgz') + 5_000]! ^= 1;
  writeFileSync(archive, bytes);
  expect(() => execFileSync(unzip!, ['-tqq', archive], { stdio: 'ignore' })).toThrow();
});

test('the same files give the same bytes, and text becomes smaller', () => {
  expect(zipOf(files).equals(zipOf(files))).toBe(true);
  expect(zipOf([files[2]!]).length).toBeLessThan(files[2]!.content.length / 10);
});
