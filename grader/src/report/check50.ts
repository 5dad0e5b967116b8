/**
 * The document that check50 prints with `--output json`. `passed` is null for what was not judged; check50 knows no points, so they are in each check's free
 * `data`, where what leaves the total has 0 of 0. If the grader failed at every exercise, `error` stands in place of the results, as check50 itself does it.
 */
import { type Line, linesOf } from './lines.ts';
import { notGradedText } from './not-graded-text.ts';
import { faultsOf, type Report } from './report.ts';

// The version of check50 whose form this is.
const FORM = '3.3.11';

/** The whole report as check50's JSON. */
export function check50(report: Report): string {
  const only = report.exercises.length + report.notGraded.length === 1 ? [...report.exercises, ...report.notGraded][0]!.id : undefined;
  const head = { slug: only === undefined ? 'ladder' : `ladder/${only}`, version: FORM };
  const faults = faultsOf(report);
  if (faults.length > 0 && report.exercises.length === 0) {
    const error = { type: 'GraderError', value: notGradedText(report), traceback: [], data: {} };
    return `${JSON.stringify({ ...head, error })}\n`;
  }
  return `${JSON.stringify({ ...head, results: linesOf(report).map(checkOf) })}\n`;
}

function checkOf({ exercise, name, title, status, message, points, maxPoints, leftOut }: Line) {
  const passed = status === 'passed' ? true : status === 'failed' || status === 'error' ? false : null;
  return {
    name: `${exercise}: ${name}`,
    description: title,
    passed,
    log: [],
    cause: passed === true ? null : { rationale: message || status, help: null },
    data: { exercise, points, maxPoints, pointsLeftOut: leftOut, status },
    dependency: null,
  };
}
