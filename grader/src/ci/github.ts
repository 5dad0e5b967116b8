/** What a step of GitHub Actions hands on: its summary and its outputs, through the files that the runner names. */
import { appendFile } from 'node:fs/promises';
import { LadderError } from '@llm-ladder/backend/errors';
import { classroom } from '../report/classroom.ts';
import { markdown } from '../report/markdown.ts';
import type { Report } from '../report/report.ts';

/** Appends the summary and the outputs; a file that the runner does not name is left out. */
export async function handOver(report: Report, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (env.GITHUB_STEP_SUMMARY) await appendFile(env.GITHUB_STEP_SUMMARY, `${markdown(report)}\n`);
  if (!env.GITHUB_OUTPUT) return;
  const outputs = {
    score: report.score,
    'max-score': report.maxScore,
    'points-not-run': report.pointsNotRun,
    graded: report.exercises.length,
    passing: report.exercises.filter(({ state }) => state === 'passing').length,
    classroom: classroomOf(report),
  };
  // Numbers and base64: nothing in them can end a line and begin another output.
  await appendFile(
    env.GITHUB_OUTPUT,
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
}

/** Empty where the report is too long for a variable of the environment: a whole course at once. */
function classroomOf(report: Report): string {
  try {
    return classroom(report).trim();
  } catch (error) {
    if (LadderError.isInstance(error) && error.code === 'usage') return '';
    throw error;
  }
}
