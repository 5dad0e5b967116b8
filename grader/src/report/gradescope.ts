/**
 * Gradescope's results.json. The total is the sum of the tests' scores; what leaves the total is a test of 0 out of 0 whose output says so.
 * Where the grader failed at an exercise nothing has a score: Gradescope then takes no grade, and the instructor runs the autograder again.
 * Every text is marked as plain text, so a learner's HTML shows as it was written.
 */
import { say } from '../format/words.ts';
import { type Line, linesOf } from './lines.ts';
import { notGradedText } from './not-graded-text.ts';
import { plainLine } from './plain-text.ts';
import { faultsOf, type Report } from './report.ts';

/** The whole report as results.json; write it whole after each exercise, so that a stopped autograder keeps what it had. */
export function gradescope(report: Report): string {
  const scored = faultsOf(report).length === 0 && report.exercises.length > 0;
  const numbers = new Map<string, number[]>();
  const tests = linesOf(report).map((line) => {
    const [exercise, test] = numberOf(line, numbers);
    return {
      ...(scored ? { score: line.points, max_score: line.maxPoints } : {}),
      ...statusOf(line),
      name: `${line.exercise}: ${line.title}`,
      number: `${exercise}.${test}`,
      output: outputOf(line),
      tags: [line.exercise, line.kind],
      visibility: 'visible',
    };
  });
  return `${JSON.stringify({
    ...(scored ? { score: report.score } : {}),
    execution_time: Math.max(0, Date.parse(report.finishedAt) - Date.parse(report.startedAt)) / 1000,
    output: notGradedText(report),
    output_format: 'text',
    test_output_format: 'text',
    test_name_format: 'text',
    visibility: 'visible',
    tests,
    extra_data: { seed: plainLine(report.seed), grader: report.grader, modules: report.modules, pointsNotRun: report.pointsNotRun },
  })}\n`;
}

/** No status where there is no verdict. */
function statusOf({ status }: Line): { status?: 'passed' | 'failed' } {
  if (status === 'passed') return { status };
  return status === 'failed' || status === 'waiting' || status === 'error' ? { status: 'failed' } : {};
}

function outputOf({ message, leftOut }: Line): string {
  const out = leftOut === 0 ? '' : say({ en: `points left out of the total: ${leftOut}`, zh: `不计入总分：${leftOut} 分` });
  return [message, out].filter(Boolean).join('\n');
}

/** `2.3`: the third test of the second exercise. */
function numberOf({ exercise }: Line, seen: Map<string, number[]>): readonly number[] {
  const [place, count] = seen.get(exercise) ?? [seen.size + 1, 0];
  const numbers = [place!, count! + 1];
  seen.set(exercise, numbers);
  return numbers;
}
