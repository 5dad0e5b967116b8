import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tempFolder } from '../author/demo.ts';
import { type Finished, hasTerminals, ladder, ladderInTerminal, learnerFolder, writeProject } from './learner.ts';

// Whatever a learner does, the command says one clear line, ends with the right code and leaves every file as it was.
let root: string;
let softmax: string;
let given: string;
beforeAll(async () => {
  root = await learnerFolder();
  softmax = path.join(root, 'exercises/toy/01-softmax/softmax.ts');
  given = readFileSync(softmax, 'utf8');
});
beforeEach(() => writeFileSync(softmax, given));

const lines = ({ stdout, stderr }: Finished): string[] => `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());

function expectNoTrace({ stdout, stderr }: Finished): void {
  expect(`${stdout}${stderr}`).not.toMatch(/^\s+at |node:internal|file:\/\//m);
}

/** Checks the toy exercise written in this way. */
async function check(body: string, lang: 'en' | 'zh' = 'en'): Promise<Finished> {
  writeFileSync(softmax, body);
  const finished = await ladder(['check', 'toy/softmax'], root, lang);
  expect(readFileSync(softmax, 'utf8')).toBe(body);
  expectNoTrace(finished);
  return finished;
}

const written = (body: string): string => `export function softmax(scores: readonly number[]): unknown {\n  ${body}\n}\n`;

describe("a learner's file", () => {
  test.each([
    ['a syntax error', 'export function softmax(: number {}\n', /^softmax\.ts:1: /],
    [
      'an import of a file that is not there',
      "import { best } from './best.ts';\nexport const softmax = best;\n",
      /^softmax\.ts imports '\.\/best\.ts', which is not in the exercise's folder$/,
    ],
    [
      'an import of a part that is not there',
      "import { best } from '@llm-ladder/backend/errors';\nexport const softmax = best;\n",
      /^softmax\.ts:1 imports best from '@llm-ladder\/backend\/errors', which does not export it$/,
    ],
    ['an export that is not there', 'export const softMax = 1;\n', /^softmax\.ts: expected the export softmax, got softMax$/],
    ['a wrong shape', written('return [scores];'), /^expected shape \[3\], got \[1, 3\]$/],
    ['a Promise', written('return Promise.resolve(scores);'), /^softmax returned a Promise: expected a plain value$/],
    ['ten gigabytes', written('const all: unknown[] = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));'), /more than 512 MiB/],
    [
      'a gigabyte of text',
      written("for (let i = 0; i < 1024; i++) process.stdout.write('x'.repeat(1 << 20)); return scores;"),
      /^the program printed more than 1048576 bytes \(the limit on output\)$/,
    ],
    ['process.exit(0)', written('process.exit(0);'), /^the program ended itself: process\.exit\(0\) \(softmax\.ts:2\)$/],
    ['an endless loop', written('for (;;);'), /^took longer than 5 s: is there an endless loop\?$/],
  ])('%s', async (_, body, line) => {
    const finished = await check(body);
    expect(finished.code).toBe(1);
    expect(lines(finished)).toContainEqual(expect.stringMatching(line));
    expect(finished.stdout).toContain('0 of 1 exercises passing, 0 of 8 points');
  });

  test('tensors left behind', async () => {
    const attention = path.join(root, 'exercises/transformer/01-sdpa/attention.ts');
    const solved = (await ladder(['solution', 'sdpa'], root)).stdout;
    const leaky = solved.replace('return tf.tidy(() => {', 'return (() => {').replace(/ {2}\}\);\n\}/, '  })();\n}');
    expect(leaky).not.toBe(solved);
    const kept = readFileSync(attention, 'utf8');
    writeFileSync(attention, leaky);
    const finished = await ladder(['grade', 'sdpa', '--no-thresholds'], root);
    writeFileSync(attention, kept);
    expect(finished.code).toBe(1);
    expectNoTrace(finished);
    expect(lines(finished)).toContainEqual(
      expect.stringMatching(/^attention kept \d+ tensors: expected none beyond its result; compute inside tf\.tidy$/),
    );
    expect(lines(finished)).toContain('Looks like: tensors pile up: compute inside tf.tidy');
  });

  test('a deleted file and a deleted folder, with the way back', async () => {
    rmSync(softmax);
    const noFile = await ladder(['check', 'toy/softmax'], root);
    expect(noFile.code).toBe(1);
    expect(lines(noFile)).toEqual(
      expect.arrayContaining(['toy/softmax: expected a file softmax.ts, got none', 'ladder reset toy/softmax brings it back']),
    );
    rmSync(path.dirname(softmax), { recursive: true });
    const noFolder = await ladder(['check', 'toy/softmax'], root);
    expect(noFolder.code).toBe(1);
    expect(lines(noFolder)).toContain('toy/softmax: expected a file softmax.ts, got none');
    expect((await ladder(['reset', 'toy/softmax'], root)).code).toBe(0);
    expect(readFileSync(softmax, 'utf8')).toBe(given);
  });
});

test('a file in Chinese', async () => {
  const finished = await check(written('return Promise.resolve(scores);'), 'zh');
  expect(finished.code).toBe(1);
  expect(lines(finished)).toContain('softmax 返回了 Promise：应直接返回结果');
  expect(finished.stdout).toMatch(/^1 题中通过 0 题，得分 0\/8 .* 种子 /m);
});

describe('words on the command line', () => {
  test.each([
    [['check', 'softmaz'], 'softmaz: expected an exercise, got a name that is not there; near it: toy/softmax'],
    [['chekc', 'softmax'], "error: unknown command 'chekc'"],
    [['check'], "error: missing required argument 'exercise'"],
    [['check', 'softmax', '--backend', 'abacus'], expect.stringContaining("argument 'abacus' is invalid")],
    [['grade', '--from', 'nowhere'], 'grade: expected a folder with the layout of exercises/, got "nowhere"'],
    [['hint', 'softmax', '--level', '4'], 'ladder hint --level: expected 1 to 3, got 4'],
    [['list', '--lang', 'fr'], 'ladder --lang: expected en or zh, got fr'],
  ])('%j is a usage error', async (words, line) => {
    const finished = await ladder(words, root);
    expect(finished).toMatchObject({ code: 2, stdout: '' });
    expect(lines(finished)).toContainEqual(line);
    expectNoTrace(finished);
  });

  test.each([
    [['check', 'softmaz'], 'softmaz：没有叫这个名字的练习；相近的有：toy/softmax'],
    [['chekc', 'softmax'], '没有命令 chekc'],
    [['check'], '缺少参数 exercise'],
    [['check', 'softmax', 'mha'], 'check 的参数太多：应为 1 个，实为 2 个：softmax, mha'],
    [['check', 'softmax', '--speed'], '没有选项 --speed'],
    [['check', 'softmax', '--backend', 'abacus'], '选项 --backend <name> 不接受 abacus；可选：auto, tensorflow, webgpu, wasm, cpu'],
    [['grade', '--from', 'nowhere'], 'grade：应为与 exercises/ 同结构的目录，实为 "nowhere"'],
    [['hint', 'softmax', '--level', '4'], 'ladder hint --level：应为 1 到 3，实为 4'],
  ])('%j is told in Chinese', async (words, line) => {
    const finished = await ladder(words, root, 'zh');
    expect(finished).toMatchObject({ code: 2, stdout: '' });
    expect(lines(finished)).toContain(line);
  });

  test('a program that reads JSON gets English everywhere, unless it asks for Chinese', async () => {
    writeFileSync(softmax, 'export const softMax = 1;\n');
    const message = async (...more: string[]): Promise<string> => {
      const { stdout } = await ladder(['grade', 'toy/softmax', '--json', '--no-thresholds', ...more], root, 'zh');
      return JSON.parse(stdout).exercises[0].tests[0].message;
    };
    expect(await message()).toBe('softmax.ts: expected the export softmax, got softMax');
    expect(await message('--lang', 'zh')).toBe('softmax.ts：应导出 softmax，实际导出：softMax');
  });

  test('a folder without a course', async () => {
    const folder = tempFolder();
    const finished = await ladder(['list'], folder);
    expect(finished.code).toBe(2);
    expect(finished.stderr).toMatch(/expected a folder with course modules \(here or above\), got none\n {2}npx ladder init/);
  });

  test.each([
    [
      'export default { format: 1',
      /^node_modules\/broken\/course\/module\.js: expected the manifest of a module, as a file that loads, got /,
    ],
    [
      `export default ${JSON.stringify({ format: 1, id: 'broken', title: { en: 'B', zh: 'B' }, chapter: 1 })}`,
      /^node_modules\/broken\/course: expected at least one exercise, in a folder like 01-my-slug with an exercise\.ts, got none/,
    ],
  ])('a module from outside with a broken manifest: %j', async (manifest, line) => {
    const folder = tempFolder();
    writeProject(folder, ['broken']);
    const module = path.join(folder, 'node_modules', 'broken');
    mkdirSync(path.join(module, 'course'), { recursive: true });
    writeFileSync(
      path.join(module, 'package.json'),
      JSON.stringify({ name: 'broken', type: 'module', exports: { './course': './course/module.js' } }),
    );
    writeFileSync(path.join(module, 'course', 'module.js'), manifest);
    const finished = await ladder(['check', 'first'], folder);
    expect(finished).toMatchObject({ code: 2, stdout: '' });
    expect(lines(finished)).toContainEqual(expect.stringMatching(line));
    expectNoTrace(finished);
  });
});

test.skipIf(!hasTerminals)('a second watcher says so in one line and makes one pass', async () => {
  const first = ladderInTerminal([], root);
  try {
    await first.until(/watching for saves/);
    const second = ladderInTerminal([], root);
    expect(await second.exited).toBe(0);
    expect(second.shown()).toMatch(/^Another ladder is watching this folder \(process \d+\); this one makes one pass\.\r?$/m);
    expect(second.shown()).toContain('Not written yet');
    expect(second.shown()).not.toContain('watching for saves');
    first.keys('q');
    expect(await first.exited).toBe(0);
    expect(existsSync(path.join(root, '.ladder', 'watch.lock'))).toBe(false);
  } finally {
    first.stop();
  }
});
