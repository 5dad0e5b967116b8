import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FORMAT_NAMES } from '../../src/report/formats.ts';
import { ladder, programs, readJson, submit, toyCourse } from './toy-course.ts';

// Shows every input that it is given, by each way that a learner's code has to speak: an error, the console, a wrong result, the name of an export.
const teller = programs.right.replace(
  'const top =',
  `console.log('told', scores);
  console.error(JSON.stringify(scores));
  if (scores.length === 3) return scores.map((x) => x * 7);
  throw new Error('told ' + JSON.stringify(scores));
  const top =`,
);
const passesTheGate = teller.replace('if (scores.length === 3) return', 'if (scores[0] === 1000) return');

const HIDDEN = /told|1000|7000|shift of all scores|large scores|matches NumPy/;
const VALUES = /told|7000|last call|again: ladder/;

async function gradeEverywhere(course: string, ...words: string[]): Promise<string> {
  const files = FORMAT_NAMES.map((format) => path.join(course, `${format}.out`));
  const reports = FORMAT_NAMES.flatMap((format, i) => ['--report', `${format}=${files[i]}`]);
  const shown = await ladder(course, 'grade', '--no-thresholds', ...words, ...reports);
  const json = await ladder(course, 'grade', '--no-thresholds', '--json', ...words);
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const classroom = Buffer.from(texts[FORMAT_NAMES.indexOf('classroom')]!, 'base64').toString();
  const last = readFileSync(path.join(course, '.ladder/last-report.json'), 'utf8');
  const again = await Promise.all(['text', 'junit'].map((format) => ladder(course, 'report', '--format', format)));
  const all = [shown, json, ...again].flatMap(({ out, err }) => [out, err]);
  return [...all, ...texts, classroom, last].join('\n').replaceAll(/"seed":"\w+"|seed \w+|\d{4}-\d\d-\d\dT[\d:.]+Z|"hash":"\w+"/g, '');
}

test('what a learner’s code says of its inputs is in no output under names and none', { timeout: 300_000 }, async () => {
  const course = toyCourse();
  submit(path.join(course, 'exercises'), teller, passesTheGate);
  const full = await gradeEverywhere(course); // says it
  expect(full).toMatch(/told/);
  expect(full).toMatch(/last call: softmax\(\[1, 2, 3\]\)/);
  const names = await gradeEverywhere(course, '--reveal', 'names');
  expect(names).not.toMatch(VALUES);
  expect(names).toMatch(/matches NumPy/);
  const none = await gradeEverywhere(course, '--reveal', 'none');
  expect(none).not.toMatch(HIDDEN);
  expect(none).toMatch(/points missed/);
});

test('a regrade tells no more than the grade before it', { timeout: 120_000 }, async () => {
  const course = toyCourse();
  const folder = path.join(course, 'class');
  const from = submit(path.join(folder, 'ada/exercises'), teller, teller);
  const file = path.join(folder, 'ada/report.json');
  await ladder(course, 'grade', '--no-thresholds', '--reveal', 'none', '--from', from, '--report', `json=${file}`);
  expect(readJson(file)).toMatchObject({ reveal: 'none', score: 0, maxScore: 12 });
  const ended = await ladder(course, 'regrade', folder, '--no-thresholds', '--json');
  expect(ended.code).toBe(0);
  expect(readFileSync(file, 'utf8') + ended.out + ended.err).not.toMatch(VALUES);
  expect(readJson(file)).toMatchObject({ reveal: 'none', score: 0, maxScore: 12 });
});

test('beside the first failing test stands the hint to ask for, in full reports of one’s own work only', { timeout: 120_000 }, async () => {
  const course = toyCourse();
  submit(path.join(course, 'exercises'), programs.overflows, programs.right);
  const first = await ladder(course, 'check', 'toy/softmax');
  expect(first.out).toMatch(/✗ large scores stay finite[\s\S]*hint 1 of 3: ladder hint toy\/softmax/);
  expect((await ladder(course, 'hint', 'toy/softmax')).out).toContain('Hint 1 of 3');
  const second = await ladder(course, 'grade', 'toy/softmax', '--no-thresholds');
  expect(second.out).toContain('hint 2 of 3: ladder hint toy/softmax');
  expect((await ladder(course, 'grade', 'toy/again', '--no-thresholds')).out).not.toContain('hint');
  expect((await ladder(course, 'grade', 'toy/softmax', '--no-thresholds', '--reveal', 'names')).out).not.toContain('hint');
});
