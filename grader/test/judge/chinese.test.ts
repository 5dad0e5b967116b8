import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoxPool } from '../../src/box/index.ts';
import { type Exercise, loadCatalog, programFor } from '../../src/catalog/catalog.ts';
import { applyChange } from '../../src/format/mutants.ts';
import { setLang } from '../../src/format/words.ts';
import { judge } from '../../src/judge/judge.ts';
import { loadMutants } from '../../src/judge/patterns.ts';
import { renderExercise } from '../../src/report/terminal.ts';
import { toyExercise } from '../fixtures/toy.ts';

let pool: BoxPool;
beforeAll(() => {
  setLang('zh'); // before the boxes open: they speak it too
  pool = new BoxPool({ driver: 'plain', size: 2 });
});
afterAll(async () => {
  setLang(undefined);
  await pool.close();
});

/** What a learner reads in a terminal about their file. */
async function screen(exercise: Exercise, text: string, testTimeoutMs = 10_000): Promise<string> {
  const report = await judge(exercise, await programFor(exercise, { files: { [exercise.manifest.file]: text } }), {
    driver: 'plain',
    backend: 'wasm',
    thresholds: false,
    testTimeoutMs,
    open: ({ limits }) => pool.take(limits),
  });
  return renderExercise(report, { title: '', file: '' });
}

/** Words that are names: of the course's code, of matchers, of errors, of tools. What the learner's code or TF.js threw is told as it was thrown. */
const NAMES =
  /\b[a-z]+\.ts\b|process\.exit\(0\)|\b(?:PyTorch|NumPy|NaN|Infinity|rtol|atol|MiB|Promise|async|await|tf\.\w+|dataSync|exp|sqrt|softmax|softMax|attention|shape|UsageError|ShapeError|SyntaxError|TypeError|Error|string|Array|node:fs|concat|slice)\b/g;

function englishIn(text: string): string[] {
  return (
    text
      .replace(/抛出了 \w+：.*/g, '')
      .replace(/expect\(received\)\S*\(expected\)/g, '')
      .replace(/随机种子 [0-9a-f]+；重现：ladder check \S+ --seed [0-9a-f]+/g, '')
      .replace(/'@llm-ladder\/[^']*'/g, '')
      .replace(NAMES, '')
      .match(/[A-Za-z]{2,}/g) ?? []
  );
}

test('the check sees an English sentence', () => {
  expect(englishIn('✗ 与 NumPy 一致\n      worst at [0]: expected 1, got NaN')).toEqual(['worst', 'at', 'expected', 'got']);
});

test('every mutant of attention is told in Chinese', async () => {
  const course = path.join(import.meta.dirname, '..', '..', '..');
  const exercise = (await loadCatalog(course)).find('transformer/sdpa');
  const reference = await readFile(exercise.referenceFile, 'utf8');
  const { mutants } = await loadMutants(exercise);
  for (const mutant of mutants) {
    const text = await screen(exercise, applyChange(reference, mutant, mutant.name));
    expect(text).toContain('✗');
    expect({ mutant: mutant.name, english: englishIn(text), text }).toEqual({ mutant: mutant.name, english: [], text });
    expect(text).toContain(`看起来：${mutant.looksLike.zh}`);
  }
});

test.each([
  ['a wrong shape', 'return [scores];', '形状应为 [3]，实为 [1, 3]'],
  ['a text', "return 'abc';", '应为张量，实为 string "abc"'],
  ['an object', 'return { a: 1 };', '应为张量，实为 对象 {a}'],
  ['undefined', 'return undefined;', '应为张量，实为 undefined'],
  ['a Promise', 'return Promise.resolve(scores);', 'softmax 返回了 Promise：应直接返回结果'],
  ['a Promise inside', 'return [Promise.resolve(1)];', 'softmax: 返回值[0] 是结果里的 Promise；请先 await 再返回'],
  ['a symbol', 'return Symbol();', 'softmax: 返回值 是 symbol，无法比较'],
  ['an endless loop', 'for (;;);', '超过 1 秒：是否有死循环？'],
  ['process.exit', 'process.exit(0);', '程序自行退出：process.exit(0) (softmax.ts:2)'],
  ['much text', "for (let i = 0; i < 64; i++) process.stdout.write('x'.repeat(1 << 20));", '程序的输出超过 1048576 字节（输出上限）'],
  ['much memory', 'const all: unknown[] = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));', '（内存上限）'],
  ['a throw', "throw new TypeError('oh');", '抛出了 TypeError：oh (softmax.ts:2)'],
])('%s is told in Chinese', async (_, body, line) => {
  const source = `export function softmax(scores: readonly number[]): unknown {\n  ${body}\n}\n`;
  const text = await screen(await toyExercise(), source, body === 'for (;;);' ? 1000 : 10_000);
  expect(text).toContain(line);
  expect({ english: englishIn(text.replace(/"abc"|\{a\}|undefined|symbol/g, '')), text }).toEqual({ english: [], text });
});

test.each([
  ["import fs from 'node:fs';\nexport const softmax = fs;\n", "softmax.ts 导入了 'node:fs'，本题不允许使用；可用的有："],
  ["import { a } from './best.ts';\nexport const softmax = a;\n", "softmax.ts 导入了 './best.ts'，但本题的目录里没有它"],
  ['export const softMax = 1;\n', 'softmax.ts：应导出 softmax，实际导出：softMax'],
])('a program that cannot be used is told in Chinese: %j', async (source, line) => {
  const text = await screen(await toyExercise(), source);
  expect(text).toContain(line);
  expect({ english: englishIn(text), text }).toEqual({ english: [], text });
});
