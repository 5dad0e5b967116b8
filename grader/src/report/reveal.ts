/**
 * How much of a verdict is told. Under graded use a message must not carry what a hidden test holds: its inputs and expected values, or what the learner's own
 * code says about them in an error. So what is held back is taken out of the report itself, before any writer sees it.
 */
import { say } from '../format/words.ts';
import { type ExerciseReport, leavesTotal, type NotGraded, type Rejection, type Report, type TestReport } from './report.ts';

/** From the least to the most: the scores of exercises; besides them the names of tests and how each ended; everything. */
export const REVEALS = ['none', 'names', 'full'] as const;
export type Reveal = (typeof REVEALS)[number];

/** The report with no more in it than `reveal` allows; scores, totals and states stay. What an earlier run held back does not come back. */
export function revealReport(report: Report, reveal: Reveal): Report {
  if (reveal === 'full') return report;
  const least = report.reveal === 'none' ? 'none' : reveal;
  return {
    ...report,
    reveal: least,
    exercises: report.exercises.map((exercise) => revealExercise(exercise, least)),
    notGraded: report.notGraded.map((entry) => revealNotGraded(entry, least)),
  };
}

/** The same for one exercise. */
export function revealExercise(exercise: ExerciseReport, reveal: Reveal): ExerciseReport {
  if (reveal === 'full') return exercise;
  const rejected = exercise.rejected && withoutReason(exercise.rejected);
  const tests = reveal === 'names' ? exercise.tests.map(nameAndStatus) : pointsOnly(exercise);
  return { ...exercise, rejected, tests };
}

/** The same for an exercise without a verdict. */
export function revealNotGraded({ id, reason, tests }: NotGraded, reveal: Reveal): NotGraded {
  if (reveal === 'full') return { id, reason, tests };
  // A fault in a suite may quote it.
  const told = reason === null ? null : say({ en: 'the grader failed at this exercise', zh: '评分器在这道题上出错' });
  return { id, reason: told, tests: reveal === 'names' ? tests.map(nameAndStatus) : [] };
}

function nameAndStatus({ details: _, ...test }: TestReport): TestReport {
  return { ...test, message: null };
}

/** Two or three lines that stand for all tests: every writer's totals stay right, and none of them says which test it was. */
function pointsOnly({ score, maxScore, tests }: ExerciseReport): TestReport[] {
  const leftOut = tests.filter(leavesTotal).reduce((sum, { maxPoints }) => sum + maxPoints, 0);
  return [
    sumLine({ name: 'points earned', zh: '得到的分' }, 'passed', score),
    sumLine({ name: 'points missed', zh: '失去的分' }, 'failed', maxScore - score),
    sumLine({ name: 'points not run', zh: '未运行的分' }, 'not-run', leftOut),
  ].filter(({ maxPoints }) => maxPoints > 0);
}

function sumLine(name: { readonly name: string; readonly zh: string }, status: TestReport['status'], maxPoints: number): TestReport {
  const message = say({ en: `${maxPoints} points`, zh: `${maxPoints} 分` });
  return { ...name, kind: 'test', status, points: status === 'passed' ? maxPoints : 0, maxPoints, message, durationMs: 0 };
}

/** The code says what kind of fault it was; the words may be the learner's own program's. */
function withoutReason(rejected: Rejection): Rejection {
  const code = /^[a-z-]{1,20}$/.test(rejected.code) ? rejected.code : 'rejected'; // a stored report may have been edited
  return {
    code,
    reason: say({
      en: `the program could not be loaded (${code}); ladder check shows why on your own machine`,
      zh: `程序无法加载（${code}）；在自己的机器上运行 ladder check 可看到原因`,
    }),
  };
}
