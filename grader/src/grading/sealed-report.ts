/** What can be said of an exercise whose hidden suite is sealed, without the key: how the visible tests end, and how much did not run. */
import type { Exercise } from '../catalog/catalog.ts';
import { say } from '../format/words.ts';
import { withHint } from '../judge/messages.ts';
import { type ExerciseReport, makeExerciseReport, type Rejection, type TestReport } from '../report/report.ts';
import { sealedPoints } from '../seal/course-files.ts';
import type { Setup } from './setup.ts';
import { visibleResults } from './visible.ts';

/** Visible tests as lines without points, then a line for each sealed test, which has a number in place of a name. It is never `passing`. */
export async function sealedReport(exercise: Exercise, folder: string, setup: Pick<Setup, 'driver' | 'backend'>): Promise<ExerciseReport> {
  const results = await visibleResults(exercise, folder, setup);
  if (!Array.isArray(results)) return rejectedUnseen(exercise, { code: results.code, reason: withHint(results) });
  const visible = results.flatMap(({ name, status, message, durationMs }): TestReport[] =>
    status === 'passed' || status === 'failed'
      ? [{ name: `visible: ${name}`, zh: `公开：${name}`, kind: 'test', status, points: 0, maxPoints: 0, message, durationMs }]
      : [],
  );
  const todo = results.length > 0 && results.every(({ notWritten }) => notWritten);
  return makeExerciseReport(exercise.id, [...visible, ...(await sealedTests(exercise))], { todo });
}

/** The report of a program that cannot be loaded. */
export async function rejectedUnseen(exercise: Exercise, rejected: Rejection): Promise<ExerciseReport> {
  return makeExerciseReport(exercise.id, await sealedTests(exercise), { rejected });
}

async function sealedTests(exercise: Exercise): Promise<TestReport[]> {
  const points = await sealedPoints(exercise);
  const all = [
    ...points.tests.map((maxPoints, i) => sealedTest('test', maxPoints, i + 1)),
    ...points.performance.map((maxPoints, i) => sealedTest('performance', maxPoints, i + 1)),
  ];
  const total = all.reduce((sum, { maxPoints }) => sum + maxPoints, 0);
  const message = say({
    en: `${all.length} sealed tests (${total} points) did not run: they run where the key is`,
    zh: `${all.length} 项密封测试（${total} 分）没有运行：它们在有密钥的地方运行`,
  });
  return all.map((test, i) => (i === 0 ? { ...test, message } : test)); // once is enough
}

function sealedTest(kind: TestReport['kind'], maxPoints: number, number: number): TestReport {
  const names = kind === 'test' ? { en: 'sealed test', zh: '密封测试' } : { en: 'sealed threshold', zh: '密封的性能项' };
  const [name, zh] = [`${names.en} ${number}`, `${names.zh} ${number}`];
  return { name, zh, kind, status: 'not-run', points: 0, maxPoints, message: null, durationMs: 0, sealed: true };
}
