/**
 * CTRF, the common test report format. Its schema knows no points: they are in `extra` of each test and of the results. What leaves the total has 0 of 0 there and
 * the status `skipped` (not run) or `other` (inconclusive, or the grader failed); `pending` was not judged: it waits for a test before it, or for the grader. Milliseconds are whole.
 */
import { type Line, linesOf, type WriterOptions } from './lines.ts';
import { plainLine } from './plain-text.ts';
import type { Report } from './report.ts';

// The version that the reference implementation (npm: ctrf) knows; the schema has had no other.
const SPEC_VERSION = '0.0.0';

const STATUS = {
  passed: 'passed',
  failed: 'failed',
  error: 'failed',
  waiting: 'pending',
  'not-run': 'skipped',
  inconclusive: 'other',
  'not-gradable': 'other',
  'not-graded': 'pending',
} as const satisfies Record<Line['status'], string>;

/** The whole report as CTRF. */
export function ctrf(report: Report, { fileOf }: WriterOptions = {}): string {
  const lines = linesOf(report);
  const count = (status: string): number => lines.filter((line) => STATUS[line.status] === status).length;
  const tests = lines.map((line) => {
    const filePath = fileOf?.(line.exercise);
    return {
      name: line.name,
      status: STATUS[line.status],
      duration: Math.round(line.durationMs),
      suite: line.exercise.split('/'),
      rawStatus: line.status,
      type: line.kind,
      ...(line.message === '' ? {} : { message: line.message }),
      ...(filePath === undefined ? {} : { filePath }),
      ...(line.at === undefined ? {} : { line: line.at }),
      extra: { points: line.points, maxPoints: line.maxPoints, pointsLeftOut: line.leftOut },
    };
  });
  const { score, maxScore, pointsNotRun, backend, box, grader, modules } = report;
  const [seed, submission] = [report.seed, report.submission].map(plainLine);
  return `${JSON.stringify({
    reportFormat: 'CTRF',
    specVersion: SPEC_VERSION,
    generatedBy: 'ladder',
    results: {
      tool: { name: 'ladder', version: grader },
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        pending: count('pending'),
        other: count('other'),
        start: Date.parse(report.startedAt),
        stop: Date.parse(report.finishedAt),
      },
      tests,
      extra: { score, maxScore, pointsNotRun, seed, backend, box, modules, submission },
    },
  })}\n`;
}
