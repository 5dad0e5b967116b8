import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { setLang } from '../../src/format/words.ts';
import { FORMATS } from '../../src/report/formats.ts';
import { makeExerciseReport, makeReport, type Report } from '../../src/report/report.ts';
import * as consumers from './consumers.ts';
import { line, provenance, someReport } from './random-reports.ts';

vi.hoisted(() => {
  process.env.NO_COLOR = '1'; // so that every escape sequence in a text is a foreign one
});
beforeAll(() => setLang('en'));
afterAll(() => setLang(undefined));

const options = { fileOf: (id: string) => `exercises/${id}/file.ts` };

function expectTotals(shown: consumers.Shown, { score, maxScore }: Report): void {
  expect(shown.score).toBeCloseTo(score, 9);
  expect(shown.maxScore).toBeCloseTo(maxScore, 9);
}

test('1,000 random reports pass each reader, and every total is the one of the report', { timeout: 300_000 }, () => {
  const seen = { whole: 0, partial: 0, fault: 0, rejected: 0 };
  fc.assert(
    fc.property(someReport, (report) => {
      const all = report.exercises.flatMap(({ tests }) => tests);
      const fault = report.notGraded.some(({ reason }) => reason !== null);
      const partial = report.notGraded.length > 0;
      seen.whole += partial ? 0 : 1;
      seen.partial += partial && !fault ? 1 : 0;
      seen.fault += fault ? 1 : 0;
      seen.rejected += report.exercises.some(({ rejected }) => rejected !== null) ? 1 : 0;

      expect(JSON.parse(FORMATS.json(report))).toEqual(JSON.parse(JSON.stringify(report)));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(FORMATS.json(report).trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);

      const text = FORMATS.text(report);
      consumers.expectHarmless(text);
      consumers.expectNoOrders(text);
      expect(text).toContain(`${report.score} of ${report.maxScore} points`);
      expect(/Not gradable|Partial/.test(text)).toBe(partial);

      const { cases, ...junit } = consumers.readJUnit(FORMATS.junit(report, options));
      expectTotals(junit, report);
      const rejected = report.exercises.filter((one) => one.rejected !== null).length;
      expect(cases).toHaveLength(all.length + rejected + report.notGraded.length);

      const { rows, ...markdown } = consumers.readMarkdown(FORMATS.markdown(report));
      expectTotals(markdown, report);
      expect(rows).toBe(report.exercises.length);

      expectTotals(consumers.readCtrf(FORMATS.ctrf(report, options)), report);

      const gradescope = consumers.readGradescope(FORMATS.gradescope(report));
      expect(gradescope === undefined).toBe(fault || report.exercises.length === 0);
      if (gradescope) expectTotals(gradescope, report);

      const classroom = consumers.readClassroom(FORMATS.classroom(report));
      expect(classroom === undefined).toBe(partial || report.maxScore === 0);
      if (classroom) expectTotals(classroom, report);

      const exercism = consumers.readExercism(FORMATS.exercism(report));
      const counted = all.filter(({ status }) => status !== 'not-run' && status !== 'inconclusive');
      expect(exercism.tests.filter(({ status }) => status === 'pass')).toHaveLength(all.filter(({ status }) => status === 'passed').length);
      expect(exercism.tests).toHaveLength(counted.length + rejected + report.notGraded.length);

      const check50 = consumers.readCheck50(FORMATS.check50(report));
      expect(check50 === undefined).toBe(fault && report.exercises.length === 0);
      if (check50) expectTotals(check50, report);

      const nbgrader = consumers.readNbgrader(FORMATS.nbgrader(report));
      expectTotals(nbgrader, report);
      expect(nbgrader.rows.map(({ assignment }) => assignment)).toEqual(report.exercises.map(({ id }) => id));

      const prairielearn = consumers.readPrairieLearn(FORMATS.prairielearn(report));
      expect(prairielearn === undefined).toBe(partial || report.maxScore === 0);
      if (prairielearn) expectTotals(prairielearn, report);
    }),
    { numRuns: 1000 },
  );
  // The random reports are of every kind.
  for (const [kind, count] of Object.entries(seen)) expect(count, kind).toBeGreaterThan(50);
});

const failed = (message: string, maxPoints = 2) => line('sums to 1', 'failed', maxPoints, { message });
const reportOf = (...tests: Parameters<typeof makeExerciseReport>[1]): Report =>
  makeReport([makeExerciseReport('transformer/sdpa', tests)], provenance);

describe('the readers of this test reject what they should', () => {
  const good = reportOf(line('a', 'passed', 3), failed('why'));
  test.each([
    ['junit', (text: string) => text.replace('</failure>', ']]>\u0001</failure>'), consumers.readJUnit],
    ['junit', (text: string) => text.replace('name="sums to 1"', 'name="a"'), consumers.readJUnit],
    ['markdown', (text: string) => text.replace('sums to 1', '<b>sums</b>'), consumers.readMarkdown],
    ['markdown', (text: string) => text.replace('sums to 1', '![](https://x.example)'), consumers.readMarkdown],
    ['ctrf', (text: string) => text.replace('"duration":12', '"duration":12.5'), consumers.readCtrf],
    ['ctrf', (text: string) => text.replace('"rawStatus"', '"score":1,"rawStatus"'), consumers.readCtrf],
    ['gradescope', (text: string) => text.replace('"test_output_format":"text"', '"test_output_format":"html"'), consumers.readGradescope],
    [
      'classroom',
      (text: string) => btoa(atob(text.trim()).replace('"status":"fail","score":0', '"status":"pass","score":0')),
      consumers.readClassroom,
    ],
    ['exercism', (text: string) => text.replace('"message":"why",', ''), consumers.readExercism],
    ['check50', (text: string) => text.replace('"cause":null', '"cause":{"rationale":"x","help":null}'), consumers.readCheck50],
    ['nbgrader', (text: string) => text.replace(',ada,', ',"ada,'), consumers.readNbgrader],
    ['prairielearn', (text: string) => text.replace('"points":3', '"points":2'), consumers.readPrairieLearn],
  ] as const)('%s', (format, spoil, read) => {
    const text = FORMATS[format](good, options);
    expect(spoil(text)).not.toBe(text);
    expect(() => read(text)).not.toThrow();
    expect(() => read(spoil(text))).toThrow();
  });
});

describe('GitHub Classroom', () => {
  test('cuts the messages of a long report and keeps every test', () => {
    const tests = Array.from({ length: 300 }, (_, i) =>
      line(`test number ${i} of a long suite`, 'failed', 1, { message: '汉'.repeat(4000) }),
    );
    const document = consumers.readClassroom(FORMATS.classroom(reportOf(...tests)))!;
    expect(document.tests.map(({ name }) => name)).toEqual(tests.map(({ name }) => `transformer/sdpa: ${name}`));
    expect(document.tests[0]!.message).toMatch(/^汉{10,} \.\.\.$/);
  });

  test('refuses a report whose names alone are too long, and says what to do', () => {
    const tests = Array.from({ length: 900 }, (_, i) => line(`test number ${i} of a suite that has far too many of them`, 'passed', 2));
    expect(() => FORMATS.classroom(reportOf(...tests))).toThrow(
      /report classroom: expected at most 98000 bytes, got \d{6} without any message/,
    );
  });

  test('a test of 4 points beside one of 6 is two lines beside three', () => {
    const document = consumers.readClassroom(
      FORMATS.classroom(reportOf(line('a', 'passed', 4), line('b', 'failed', 6), line('c', 'not-run', 5))),
    )!;
    expect(document.tests.map(({ name, status, score }) => [name, status, score])).toEqual([
      ['transformer/sdpa: a', 'pass', 2],
      ['transformer/sdpa: a (2/2)', 'pass', 2],
      ['transformer/sdpa: b', 'fail', 0],
      ['transformer/sdpa: b (2/3)', 'fail', 0],
      ['transformer/sdpa: b (3/3)', 'fail', 0],
    ]);
    expect(document.tests.at(-1)!.test_code).toBe('Left out of the total:\ntransformer/sdpa: c (5)');
  });
});

test('what a format has no room for is cut, never dropped', () => {
  const tests = Array.from({ length: 400 }, (_, i) => line(`test ${i}`, 'failed', 1, { message: 'x'.repeat(4000) }));
  expect(consumers.readPrairieLearn(FORMATS.prairielearn(reportOf(...tests)))).toMatchObject({ maxScore: 400 });
  const text = FORMATS.markdown(reportOf(...tests));
  consumers.readMarkdown(text);
  expect(text.match(/\*\*test \d+\*\*/g)).toHaveLength(400);
});

test('CSV keeps a name with a comma and quotes, and disarms a formula', () => {
  const exercises = [makeExerciseReport('transformer/sdpa', [line('a', 'passed', 7), line('b', 'failed', 3)])];
  const csv = (submission: string): string => FORMATS.nbgrader(makeReport(exercises, { ...provenance, submission }));
  expect(csv('Lovelace, "Ada"\nbyron')).toContain(',"Lovelace, ""Ada"" byron",,,,7.0,0.0,7.0,10.0\n');
  expect(csv('=1+1')).toContain(",'=1+1,,");
  expect(csv('ada')).toContain('transformer/sdpa,,2026-11-23 19:00:02,ada,,,,7.0,0.0,7.0,10.0\n');
});
