import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { newCache } from '../../../data/test/add-hub-set.ts';
import { fakeHub } from '../../../data/test/fake-hub.ts';

let cacheDir: string;
beforeEach(() => {
  cacheDir = newCache();
});

const left = (): string[] => (existsSync(join(cacheDir, 'data')) ? readdirSync(join(cacheDir, 'data')) : []);
const big = 'a line of a text that goes on and on\n'.repeat(30_000);

describe('ladder data', () => {
  const root = resolve(import.meta.dirname, '../../../..');
  const command = join(root, 'grader/bin/ladder.mjs');
  const environment = (lang = 'en') => ({ ...process.env, LADDER_CACHE: cacheDir, LADDER_LANG: lang, NO_COLOR: '1' });
  const ladder = (words: readonly string[], lang?: string) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
      execFile(process.execPath, [command, ...words], { cwd: root, env: environment(lang) }, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : error.code, stdout, stderr });
      });
    });

  test('adds a part, lists it, tells of it again, removes it; each refusal is one line and a hint with exit code 2', async () => {
    await fakeHub({ 'me/set': { files: { 'a.txt': big }, card: { license: 'mit' } } });
    const added = await ladder(['data', 'add', 'hf:me/set', '--max-mb', '0.5']);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const part = 'only a part: 0.5 MB of 1.1 MB, 1 of 1 files; --max-mb takes more';
    for (const words of [
      'hf:me/set: commit 0123456, 1 file, 1.1 MB: a.txt',
      'hf:me/set: licence: mit',
      part,
      'ladder train --data hf:me/set',
    ])
      expect(added.stdout).toContain(words);
    expect((await ladder(['data', 'list'])).stdout).toContain(`✓ hf:me/set    0123456  (0.5 MB; mit; ${part})`);
    expect((await ladder(['data', 'add', 'hf:me/set'], 'zh')).stdout).toContain('只取了一部分：1.1 MB 中的 0.5 MB');
    expect((await ladder(['data', 'remove', 'hf:me/set'])).stdout).toBe('hf:me/set: removed\n');
    expect(await ladder(['train', '--data', 'hf:me/set'])).toEqual({
      code: 2,
      stdout: '',
      stderr: '--data hf:me/set: expected a set that is here, got one that is not\n  ladder data add hf:me/set\n',
    });
    const refused = await ladder(['data', 'add', 'hf:me/none'], 'zh');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^data add hf:me\/none：应为存在且你有权访问的数据集，实为401 \(RepoNotFound\)\n {2}\S.*\n$/);
    expect((await ladder(['data', 'add', 'hf:me/set', '--max-mb', 'all'])).stderr).toMatch(/^data add --max-mb: expected a number above 0/);
  });

  test.skipIf(process.platform === 'win32')('says that the disk is full, and leaves nothing on it', async () => {
    await fakeHub({ 'me/set': { files: { 'a.txt': big } } });
    mkdirSync(join(cacheDir, 'data'));
    // A limit on the size of files breaks off a write in its middle, as a full disk does.
    const limited = `trap '' XFSZ; ulimit -f 200; exec "$@"`;
    const child = spawn('sh', ['-c', limited, 'sh', process.execPath, command, 'data', 'add', 'hf:me/set'], {
      cwd: root,
      env: environment(),
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const code = await new Promise((done) => child.once('close', done));
    expect(said).toMatch(/^data add: expected room on the disk for .*, got a full one\n {2}.*LADDER_CACHE/);
    expect(code).toBe(2);
    expect(left()).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')('leaves nothing when Ctrl-C comes in the middle of a file', async () => {
    let sent = 0;
    await fakeHub({ 'me/set': { files: { '1.txt': 'whole', '2.txt': big }, onFile: () => sent++, stallsAt: '2.txt' } });
    const child = spawn(process.execPath, [command, 'data', 'add', 'hf:me/set'], { cwd: root, env: environment(), stdio: 'ignore' });
    const ended = new Promise((done) => child.once('exit', (_code, signal) => done(signal)));
    await expect.poll(() => left().some((name) => name.startsWith('.new-')) && sent >= 3, { timeout: 20_000 }).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
    expect(left()).toEqual([]);
  });
});
