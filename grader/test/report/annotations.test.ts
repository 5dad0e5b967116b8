import * as core from '@actions/core';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { setLang } from '../../src/format/words.ts';
import { annotations } from '../../src/report/annotations.ts';
import { linesOf } from '../../src/report/lines.ts';
import { makeExerciseReport, makeReport, type Report } from '../../src/report/report.ts';
import { expectHarmless } from './consumers.ts';
import { line, provenance, someReport } from './random-reports.ts';

setLang('en');
const places = { fileOf: (id: string) => `exercises/${id}/a,b:c%.ts`, lineOf: () => 7 };

/** What GitHub's own library prints for an error. */
function printedByGitHub(message: string, properties: core.AnnotationProperties): string {
  let printed = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  try {
    core.error(message, properties);
  } finally {
    spy.mockRestore();
  }
  return printed.trimEnd();
}

interface Command {
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** As the runner reads a line: the properties end at the next `::`, the text is what follows. */
function parsed(text: string): Command {
  const [, words, message] = /^::error ([^:]*)::(.*)$/.exec(text) ?? expect.fail(`no command: ${text}`);
  const unescaped = (value: string): string =>
    value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
  const pairs = words!.split(',').map((word) => [word.slice(0, word.indexOf('=')), unescaped(word.slice(word.indexOf('=') + 1))]);
  return { properties: Object.fromEntries(pairs), message: unescaped(message!) };
}

const inOrder = (text: string): string =>
  text.replace(/^::error ([^:]*)::/, (_, words: string) => `::error ${words.split(',').sort().join(',')}::`);

test("says the very same as GitHub's own library, with every sign that its form uses", () => {
  const message = '50% of the rows\n::error::forged, at a.ts:12';
  const report = makeReport([makeExerciseReport('toy/a', [line('keeps, a: 100%', 'failed', 2, { message })])], provenance);
  const expected = printedByGitHub(message, { title: 'toy/a: keeps, a: 100%', file: 'exercises/toy/a/a,b:c%.ts', startLine: 12 });
  expect(inOrder(annotations(report, places).trimEnd())).toBe(inOrder(expected));
});

test('300 random reports: one command a line, each about a failure of its exercise, in harmless text', () => {
  fc.assert(
    fc.property(someReport, (report) => {
      const text = annotations(report, places);
      const commands = text.split('\n').slice(0, -1).map(parsed);
      expectHarmless(text);
      expect(commands.map(({ properties }) => properties.title).sort()).toEqual(failuresOf(report).sort());
      for (const { properties } of commands) expect(Number(properties.line)).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

test('of twelve failures nine are shown, and the tenth command says how many are left', () => {
  const tests = Array.from({ length: 12 }, (_, i) => line(`test ${i}`, 'failed'));
  const ten = (count: number): Command[] =>
    annotations(makeReport([makeExerciseReport('toy/a', tests.slice(0, count))], provenance))
      .split('\n')
      .slice(0, -1)
      .map(parsed);
  expect(ten(10).at(-1)).toMatchObject({ properties: { title: 'toy/a: test 9' } });
  expect(ten(12)).toHaveLength(10);
  expect(ten(12).at(-1)).toEqual({ properties: { title: 'LLM Ladder' }, message: '3 more failures are in the summary of this run' });
});

function failuresOf(report: Report): string[] {
  const todo = report.exercises.filter(({ state }) => state === 'todo').map(({ id }) => id);
  const bad = ['failed', 'error', 'not-gradable'];
  return linesOf(report)
    .filter(({ status }) => bad.includes(status))
    .map(({ exercise, title }) => ({ exercise, title: `${exercise}: ${title}` }))
    .filter(({ exercise }) => !todo.includes(exercise))
    .map(({ title }) => title);
}

test('the first failure of each exercise comes before any second one', () => {
  const failing = (id: string) => makeExerciseReport(id, [line('one', 'failed'), line('two', 'failed')]);
  const report = makeReport(
    [failing('toy/a'), failing('toy/b'), makeExerciseReport('toy/c', [line('one', 'failed')], { todo: true })],
    provenance,
  );
  const titles = annotations(report)
    .split('\n')
    .slice(0, -1)
    .map((one) => parsed(one).properties.title);
  expect(titles).toEqual(['toy/a: one', 'toy/b: one', 'toy/a: two', 'toy/b: two']);
});
