import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { setLang } from '../../src/format/words.ts';
import { FORMAT_NAMES, FORMATS } from '../../src/report/formats.ts';
import type { Report, TestReport } from '../../src/report/report.ts';
import { type Reveal, revealReport } from '../../src/report/reveal.ts';
import { someReport } from './random-reports.ts';

vi.hoisted(() => {
  process.env.NO_COLOR = '1';
});
beforeAll(() => setLang('en'));
afterAll(() => setLang(undefined));

const [NAME, VALUE] = ['Qzmarkname', 'Qzmarkvalue'];

const plantedTest = (one: TestReport): TestReport => ({
  ...one,
  name: `${NAME} ${one.name}`,
  zh: `${NAME} ${one.zh}`,
  message: `expected ${VALUE}, got ${VALUE} ${one.message}`,
  details: { [VALUE]: VALUE, measured: 0.5 },
});

/** The report with a marker wherever a hidden value, or a learner's own text about one, can stand. */
function planted(report: Report): Report {
  return {
    ...report,
    exercises: report.exercises.map((one) => ({
      ...one,
      rejected: one.rejected && { code: `${VALUE} ${one.rejected.code}`, reason: `${VALUE} ${one.rejected.reason}` },
      tests: one.tests.map(plantedTest),
    })),
    notGraded: report.notGraded.map(({ id, reason, tests }) => ({
      id,
      reason: reason === null ? null : `suite: ${VALUE} ${reason}`,
      tests: tests.map(plantedTest),
    })),
  };
}

function written(report: Report, reveal: Reveal): string {
  const told = revealReport(report, reveal);
  const plain = FORMAT_NAMES.map((name) => FORMATS[name](told, { fileOf: (id) => `exercises/${id}/file.ts` }));
  return [...plain, Buffer.from(FORMATS.classroom(told), 'base64').toString()].join('\n');
}

test('no format tells a hidden value under names, nor a name under none, in 500 random reports', { timeout: 300_000 }, () => {
  let control = 0;
  for (const language of ['en', 'zh'] as const) {
    setLang(language);
    fc.assert(
      fc.property(someReport, (random) => {
        const report = planted(random);
        if (written(report, 'full').includes(VALUE)) control += 1;
        const names = written(report, 'names');
        expect(names).not.toContain(VALUE);
        expect(names.includes(NAME)).toBe([...report.exercises, ...report.notGraded].some(({ tests }) => tests.length > 0));
        const none = written(report, 'none');
        expect(none).not.toContain(VALUE);
        expect(none).not.toContain(NAME);
      }),
      { numRuns: 250 },
    );
  }
  setLang('en');
  expect(control).toBeGreaterThan(300); // the marker does show where nothing holds it back
});

test('scores, totals and states stay, and the lines that stand for the tests add up to them', () => {
  fc.assert(
    fc.property(someReport, fc.constantFrom('none' as const, 'names' as const), (report, reveal) => {
      const told = revealReport(report, reveal);
      const sums = ({ score, maxScore, pointsNotRun }: Report) => ({ score, maxScore, pointsNotRun });
      expect(sums(told)).toEqual(sums(report));
      for (const [i, { id, state, score, maxScore, tests }] of told.exercises.entries()) {
        const { score: was, maxScore: of, state: before } = report.exercises[i]!;
        expect({ id, state, score, maxScore }).toEqual({ id: report.exercises[i]!.id, state: before, score: was, maxScore: of });
        const counted = tests.filter(({ status }) => status !== 'not-run' && status !== 'inconclusive');
        expect(counted.reduce((sum, { points }) => sum + points, 0)).toBe(score);
        expect(counted.reduce((sum, { maxPoints }) => sum + maxPoints, 0)).toBe(maxScore);
      }
    }),
  );
});

test('what was held back stays so: names of a report with scores only are still scores only', () => {
  fc.assert(
    fc.property(someReport, (report) => {
      const none = revealReport(report, 'none');
      expect(revealReport(none, 'names').exercises.flatMap(({ tests }) => tests.map(({ name }) => name))).toEqual(
        none.exercises.flatMap(({ tests }) => tests.map(({ name }) => name)),
      );
      expect(revealReport(none, 'full').reveal).toBe('none');
      expect(revealReport(none, 'names').reveal).toBe('none');
    }),
  );
});
