/**
 * nbgrader's grades.csv: one row for each student and exercise. What leaves the total is in neither raw_score nor max_score. An exercise without a verdict has no
 * row, so an import leaves its grade alone; nbgrader itself would write 0. Unlike nbgrader's own writer this one quotes, and a cell that a spreadsheet would take
 * for a formula begins with an apostrophe.
 */
import { plainLine } from './plain-text.ts';
import type { Report } from './report.ts';

const COLUMNS = [
  'assignment',
  'duedate',
  'timestamp',
  'student_id',
  'last_name',
  'first_name',
  'email',
  'raw_score',
  'late_submission_penalty',
  'score',
  'max_score',
] as const;

/** The grades of the report's submission; the name of the submission is the student's id. */
export function nbgrader(report: Report): string {
  return nbgraderClass([report]);
}

/** The grades of a whole class. */
export function nbgraderClass(reports: readonly Report[]): string {
  const rows = reports.flatMap((report) =>
    report.exercises.map(({ id, score, maxScore }) => [
      plainLine(id),
      '',
      timestamp(report.finishedAt),
      plainLine(report.submission),
      '',
      '',
      '',
      decimal(score),
      '0.0',
      decimal(score),
      decimal(maxScore),
    ]),
  );
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

function cell(text: string): string {
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** `2026-11-23 19:00:00`, UTC. */
function timestamp(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** As Python writes a float: 7.0, not 7. */
function decimal(points: number): string {
  return Number.isInteger(points) ? points.toFixed(1) : String(points);
}
