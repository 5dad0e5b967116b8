/**
 * PrairieLearn's results.json for external graders. `score` is the part of the total from 0 to 1; every test has points, 0 of 0 where they leave the total.
 * A report without a grade (the grader failed or was stopped, or nothing counted) is not `gradable`, which costs the student no attempt.
 */
import { say } from '../format/words.ts';
import { fitted } from './fit.ts';
import { type Line, linesOf } from './lines.ts';
import { notGradedText } from './not-graded-text.ts';
import { plainText } from './plain-text.ts';
import { isPartial, type Report } from './report.ts';

/** PrairieLearn refuses results of more than one megabyte. */
const BYTES = 1_000_000;

/** The whole report as results.json; messages are cut where it would be too large. */
export function prairielearn(report: Report): string {
  return fitted('prairielearn', BYTES, (cut) => `${JSON.stringify(document(report, cut))}\n`);
}

function document(report: Report, cut: (message: string) => string) {
  const tests = linesOf(report).map((line) => testOf(line, cut));
  const output = cut(rejections(report));
  if (isPartial(report) || report.maxScore === 0) {
    const message = notGradedText(report) || say({ en: 'Nothing here counts: no points could be earned.', zh: '没有可计分的项目。' });
    return { gradable: false, message: cut(message), output, format_errors: [cut(message)], tests };
  }
  return { gradable: true, score: report.score / report.maxScore, message: '', output, format_errors: [], tests };
}

function testOf({ exercise, title, status, message, points, maxPoints, leftOut }: Line, cut: (message: string) => string) {
  const out = leftOut === 0 ? '' : say({ en: `points left out of the total: ${leftOut}`, zh: `不计入总分：${leftOut} 分` });
  return {
    name: `${exercise}: ${title}`,
    description: status,
    points,
    max_points: maxPoints,
    message: [cut(message), out].filter(Boolean).join('\n'),
    output: '',
  };
}

/** Why programs could not be loaded: PrairieLearn shows it above the tests. */
function rejections({ exercises }: Report): string {
  return exercises.flatMap(({ id, rejected }) => (rejected ? [`${id}: ${plainText(rejected.reason)}`] : [])).join('\n');
}
