import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Exercise } from '../../src/catalog/catalog.ts';
import { contentHash } from '../../src/grading/verdicts.ts';
import { tempFolder } from '../author/demo.ts';
import { type Ended, edit, ladder, programs, toyCourse } from '../cli/toy-course.ts';

// A module of four exercises, solved, failing, todo, and one built on the first; its command says whose each part was that it got.
const exercises = ['softmax', 'again', 'third', 'built'] as const;

const on = (specifier: string, whose: string) => `
import { softmax as first, whose as firstIs } from '${specifier}';
export const whose = 'built: ${whose}, on ' + firstIs;
export function softmax(scores: readonly number[]): number[] {
  // #region exercise: the first
  return first(scores);
  // #endregion
}
`;
const marked = (text: string, name: string, whose: string) => `${text}\nexport const whose = '${name}: ${whose}';\n`;
const stub = `import { NotImplemented } from '@llm-ladder/backend/errors';
export function softmax(_scores: readonly number[]): number[] { throw new NotImplemented('toy/third'); }
`;
const helper = `import { whose as again } from './again.ts';
import { whose as built } from './built.ts';
import { whose as softmax } from './softmax.ts';
import { whose as third } from './third.ts';
export const all = [softmax, again, third, built];
`;
const commands = `
export default [{
  name: 'tell', description: { en: 'x', zh: 'x' }, mine: true,
  run: async (args, options, { parts, reference }) => {
    const { all } = await import('./helper.ts');
    const { whose } = await reference('@llm-ladder-test/toy/built');
    const marked = await import('@llm-ladder-test/toy/built' + (parts ? '?reference' : ''));
    console.log(JSON.stringify({ all, reference: whose, marked: marked.whose, parts, options }));
    return 0;
  },
}];
`;

/** Writes a tree of answers: the first solved, the second wrong, the third a stub, the fourth solved on top of the first. */
function answer(tree: string): void {
  const texts = {
    softmax: marked(programs.right, 'softmax', 'learner'),
    again: marked(programs.wrongForFive, 'again', 'learner'),
    third: marked(stub, 'third', 'learner'),
    built: on('@llm-ladder-test/toy/softmax', 'learner'),
  };
  for (const [index, name] of exercises.entries()) {
    const folder = path.join(tree, 'toy', `0${index + 1}-${name}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${name}.ts`), texts[name]);
  }
}

let course: string;
beforeEach(() => {
  course = toyCourse();
  for (const [name, number] of [
    ['third', '03'],
    ['built', '04'],
  ] as const) {
    cpSync(path.join(course, 'course/02-again'), path.join(course, `course/${number}-${name}`), { recursive: true });
    cpSync(path.join(course, 'course/02-again/again.test.ts'), path.join(course, `course/${number}-${name}/${name}.test.ts`));
    edit(path.join(course, `course/${number}-${name}/exercise.ts`), "file: 'again.ts'", `file: '${name}.ts'`);
  }
  for (const name of ['softmax', 'again', 'third'])
    writeFileSync(path.join(course, `src/${name}.ts`), marked(programs.right, name, 'reference'));
  writeFileSync(path.join(course, 'src/built.ts'), on('./softmax.ts', 'reference'));
  writeFileSync(path.join(course, 'src/helper.ts'), helper);
  writeFileSync(path.join(course, 'src/commands.ts'), commands);
  // The grader loads a file of the library while it grades: what it has in its cache is not what the run may use.
  edit(path.join(course, 'course/01-softmax/hidden.test.ts'), 'import {', "import '../../src/helper.ts';\nimport {");
  const packages = path.join(course, 'node_modules/@llm-ladder');
  mkdirSync(packages, { recursive: true });
  symlinkSync(path.resolve(import.meta.dirname, '../../../packages/backend'), path.join(packages, 'backend'), 'junction');
  answer(path.join(course, 'exercises'));
});

function told({ code, out, err }: Ended) {
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

const parts = (tree: string) => [
  { exercise: 'toy/softmax', whose: 'learner', file: path.join(tree, 'toy/01-softmax/softmax.ts') },
  {
    exercise: 'toy/again',
    whose: 'reference',
    file: path.join(course, 'src/again.ts'),
    reason: { en: 'it fails its tests', zh: '没有通过测试' },
  },
  { exercise: 'toy/third', whose: 'reference', file: path.join(course, 'src/third.ts'), reason: { en: 'not written yet', zh: '还没有写' } },
  { exercise: 'toy/built', whose: 'learner', file: path.join(tree, 'toy/04-built/built.ts') },
];
const mixed = ['softmax: learner', 'again: reference', 'third: reference', 'built: learner, on softmax: learner'];
const reference = 'built: reference, on softmax: reference';

describe('--mine', () => {
  test("takes the learner's file where it passes, and the reference's beside it when asked for", async () => {
    const first = await ladder(course, 'tell', '--mine');
    expect(told(first)).toEqual({ all: mixed, reference, marked: reference, parts: parts(path.join(course, 'exercises')), options: {} });
    expect(first.err.split('\n')).toEqual([
      'checking your files  1/4  toy/softmax',
      'checking your files  2/4  toy/again',
      'checking your files  3/4  toy/third',
      'checking your files  4/4  toy/built',
      'your parts 2: toy/softmax, toy/built',
      "the reference's parts 2: toy/again (it fails its tests), toy/third (not written yet)",
      '',
    ]);

    const second = await ladder(course, 'tell', '--mine');
    expect(told(second).all).toEqual(mixed);
    expect(second.err).not.toContain('checking'); // the stored verdicts speak of these very files

    edit(path.join(course, 'exercises/toy/01-softmax/softmax.ts'), 'Math.exp(x - top)', 'Math.exp(x - top) + 1');
    const third = await ladder(course, 'tell', '--mine', '--lang', 'zh');
    expect(told(third).all).toEqual(['softmax: reference', ...mixed.slice(1, 3), 'built: learner, on softmax: reference']);
    expect(third.err).toContain('检查你的文件  1/4  toy/softmax\n你的部分 1: toy/built\n');
  });

  test('without it everything is the reference’s, and there are no parts', async () => {
    expect(told(await ladder(course, 'tell'))).toEqual({
      all: ['softmax: reference', 'again: reference', 'third: reference', reference],
      reference,
      marked: reference,
      options: {},
    });
  });

  test('--from takes another tree, from anywhere, and leaves the verdicts on exercises/ alone', async () => {
    const tree = path.join(tempFolder(), 'theirs');
    answer(tree);
    expect(told(await ladder(course, 'tell', '--mine', '--from', tree))).toMatchObject({ all: mixed, parts: parts(tree) });
    const stored = JSON.parse(readFileSync(path.join(course, '.ladder/verdicts.json'), 'utf8'));
    expect(Object.keys(stored).filter((key) => exercises.some((name) => key === `toy/${name}`))).toEqual([]);
    expect((await ladder(course, 'tell', '--mine', '--from', tree)).err).not.toContain('checking');
  });

  test("a file that passes but lacks an export of the reference's stays out", async () => {
    writeFileSync(path.join(course, 'exercises/toy/01-softmax/softmax.ts'), programs.right);
    const { all, parts } = told(await ladder(course, 'tell', '--mine'));
    expect([all[0], parts[0].reason.en]).toEqual(['softmax: reference', 'it does not export whose']);
  });

  test.each([
    [['tell', '--from', 'solutions'], 'tell --from: expected --mine with it, got no --mine\n  ladder tell --mine --from solutions\n'],
    [['tell', '--mine', '--from', 'solutions'], '--from: expected a folder with the layout of exercises/, got "solutions"\n'],
  ])('%j: one clear line', async (words, line) => {
    const { code, out, err } = await ladder(course, ...words);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: line });
    expect(existsSync(path.join(course, '.ladder'))).toBe(false);
  });
});

test("a verdict's hash sees every file that is graded: helpers in folders and data too", async () => {
  const folder = tempFolder();
  mkdirSync(path.join(folder, 'parts'));
  const exercise = { suiteFile: '', referenceFile: '' } as Exercise;
  const hashes = new Set<string>();
  for (const [file, text] of [
    ['a.ts', '1'],
    ['parts/b.ts', '1'],
    ['parts/b.ts', '2'],
    ['parts/c.json', '{}'],
  ] as const) {
    writeFileSync(path.join(folder, file), text);
    hashes.add(await contentHash(exercise, folder));
  }
  expect(hashes.size).toBe(4);
});
