/**
 * What the grading reporter of GitHub Classroom takes from `<RUNNER>_RESULTS`: base64 of a JSON document.
 * The reporter has two sums: its notices add up `score`, its table shows passed / lines * max_score. They agree here because each line is worth the same: a test of
 * several points is several lines, passed together or failed together. What leaves the total cannot be a line; it is named under the last one. A report without
 * a grade (the grader failed, or was stopped) has max_score 0, for which the reporter reports nothing, and the status `error`, for which its step fails.
 */
import { say } from '../format/words.ts';
import { fitted } from './fit.ts';
import { type Line, linesOf } from './lines.ts';
import { notGradedText } from './not-graded-text.ts';
import { logText } from './plain-text.ts';
import { isPartial, type Report } from './report.ts';

/** A variable of the environment holds 131,071 bytes on Linux; this leaves room beside the payload. */
export const CLASSROOM_BYTES = 98_000;

interface ClassroomTest {
  readonly name: string;
  readonly status: 'pass' | 'fail' | 'error';
  readonly score: number;
  readonly message: string | null;
  readonly test_code: string;
  readonly filename: string;
  /** 0 hides it. */
  readonly line_no: number;
  readonly execution_time: string;
}

/** The whole report as base64, at most 98,000 bytes. UsageError when the names of the tests alone are longer. */
export function classroom(report: Report): string {
  return `${fitted('classroom', CLASSROOM_BYTES, (cut) => Buffer.from(JSON.stringify(payload(report, cut))).toString('base64'))}\n`;
}

function payload(report: Report, cut: (message: string) => string) {
  if (isPartial(report)) {
    const message = cut(logText(notGradedText(report)));
    return { version: 1, status: 'error', max_score: 0, tests: [lineOf('grading', 'error', 0, message)] };
  }
  const lines = linesOf(report);
  const counted = lines.filter(({ maxPoints }) => maxPoints > 0);
  const unit = unitOf(counted.map(({ maxPoints }) => maxPoints));
  const tests = counted.flatMap((line) => unitsOf(line, unit, lines, cut));
  if (tests.length === 0) tests.push(lineOf('grading', report.exercises.some(failing) ? 'fail' : 'pass', 0, ''));
  const last = tests.pop()!;
  tests.push({ ...last, test_code: leftOutText(lines) });
  return { version: 1, status: lines.some(isBad) ? 'fail' : 'pass', max_score: report.maxScore, tests };
}

/** One test as lines of `unit` points each, or as one line; only the first has the message. */
function unitsOf(line: Line, unit: number | undefined, all: readonly Line[], cut: (message: string) => string): ClassroomTest[] {
  const rejected = all.find(({ exercise, status }) => exercise === line.exercise && status === 'error');
  const count = unit === undefined ? 1 : line.maxPoints / unit;
  const pass = line.points === line.maxPoints;
  const message = pass ? '' : cut(logText(rejected?.message ?? line.message));
  const name = logText(`${line.exercise}: ${line.title}`);
  return Array.from({ length: count }, (_, i) => ({
    ...lineOf(
      i === 0 ? name : `${name} (${i + 1}/${count})`,
      pass ? 'pass' : 'fail',
      pass ? line.maxPoints / count : 0,
      i === 0 ? message : '',
    ),
    ...(i === 0 ? { execution_time: `${(line.durationMs / 1000).toFixed(2)}s` } : {}),
  }));
}

function lineOf(name: string, status: ClassroomTest['status'], score: number, message: string): ClassroomTest {
  return { name, status, score, message: message || null, test_code: '', filename: '', line_no: 0, execution_time: '0.00s' };
}

/** What is no line of its own, by name. */
function leftOutText(lines: readonly Line[]): string {
  const out = lines
    .filter(({ maxPoints }) => maxPoints === 0)
    .map(({ exercise, title, leftOut }) => ({ name: `${exercise}: ${title}`, leftOut }));
  if (out.length === 0) return '';
  const names = out.map(({ name, leftOut }) => logText(leftOut === 0 ? name : `${name} (${leftOut})`));
  return `${say({ en: 'Left out of the total:', zh: '不计入总分：' })}\n${names.join('\n')}`;
}

const isBad = ({ status }: Line): boolean => status === 'failed' || status === 'waiting' || status === 'error';
const failing = ({ state }: Report['exercises'][number]): boolean => state !== 'passing';

/** The largest part of which all points are multiples; without one (points that are no whole numbers) the two sums cannot agree. */
function unitOf(points: readonly number[]): number | undefined {
  return points.every(Number.isInteger) ? points.reduce(greatestDivisor, 0) : undefined;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
