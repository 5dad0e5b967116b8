/** The one result of grading: what every writer reads. Text in it is already in the reader's language; numbers and codes are data. */

/** `not-run`: this machine lacks what every test needs, so nothing can be said of it. */
export type State = 'todo' | 'failing' | 'passing' | 'not-run';
export type Status = 'passed' | 'failed' | 'waiting' | 'inconclusive' | 'not-run';

export interface TestReport {
  readonly name: string;
  /** The name in Chinese. */
  readonly zh?: string;
  readonly kind: 'test' | 'performance';
  readonly status: Status;
  readonly points: number;
  readonly maxPoints: number;
  /** Why it failed, waits or did not run; null when it passed without a remark. */
  readonly message: string | null;
  readonly durationMs: number;
  /** It is sealed and there was no key: its name is a number. */
  readonly sealed?: true;
  /** It did not run for want of these: `['model:minilm']`. */
  readonly missing?: readonly string[];
  /** Figures behind a threshold's verdict. */
  readonly details?: Readonly<Record<string, number | string>>;
}

export interface Rejection {
  readonly code: string;
  readonly reason: string;
}

export interface ExerciseReport {
  readonly id: string;
  /** SHA-256 of the files that were graded; absent when they could not be read. */
  readonly hash?: string;
  readonly state: State;
  readonly score: number;
  /** Without the points of what did not run or was inconclusive. */
  readonly maxScore: number;
  /** Why the program could not be loaded at all. */
  readonly rejected: Rejection | null;
  readonly tests: readonly TestReport[];
}

/** An exercise without a verdict: never a zero, its points are in no total. */
export interface NotGraded {
  readonly id: string;
  /** What kept the grader from grading it; null when it was not reached, or is being graded. */
  readonly reason: string | null;
  /** What had been judged when it ended. */
  readonly tests: readonly TestReport[];
}

/** What was graded, by what and when. Two reports of the same submission, grader, modules and seed differ in their times only. */
export interface Provenance {
  readonly backend: string;
  readonly box: string;
  readonly seed: string;
  /** Version of the grader. */
  readonly grader: string;
  /** Module id -> version of its package. */
  readonly modules: Readonly<Record<string, string>>;
  /** Name of the submission: the folder that holds `exercises/`. */
  readonly submission: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface Report extends Provenance {
  readonly version: 1;
  readonly score: number;
  readonly maxScore: number;
  readonly pointsNotRun: number;
  /** What was held back from the tests; absent when nothing was. */
  readonly reveal?: 'none' | 'names';
  readonly exercises: readonly ExerciseReport[];
  /** Empty in a whole report. */
  readonly notGraded: readonly NotGraded[];
}

/** True while exercises are missing that were asked for. */
export function isPartial({ notGraded }: Report): boolean {
  return notGraded.length > 0;
}

/** The exercises that the grader failed at. A result with one of them is no grade. */
export function faultsOf({ notGraded }: Report): readonly (NotGraded & { readonly reason: string })[] {
  return notGraded.filter((one): one is NotGraded & { reason: string } => one.reason !== null);
}

/** True where exercises were graded and not one could be: this machine lacks what all of them need. */
export function nothingJudged({ exercises }: Report): boolean {
  return exercises.length > 0 && exercises.every(({ state }) => state === 'not-run');
}

/** True for a test whose points leave the total. */
export function leavesTotal({ status }: Pick<TestReport, 'status'>): boolean {
  return status === 'not-run' || status === 'inconclusive';
}

/** An exercise's sums and state from its tests; `todo` says that the gate ended in NotImplemented. */
export function makeExerciseReport(
  id: string,
  tests: readonly TestReport[],
  { todo = false, rejected = null }: { readonly todo?: boolean; readonly rejected?: Rejection | null } = {},
): ExerciseReport {
  const counted = tests.filter((test) => !leavesTotal(test));
  // A test that --strict leaves out neither passes nor fails.
  const judged = tests.filter(({ kind, status }) => kind === 'test' && status !== 'not-run');
  // Nor does one that is sealed, but nobody can say that such an exercise passes.
  const passing =
    rejected === null && judged.length > 0 && judged.every(({ status }) => status === 'passed') && !tests.some(({ sealed }) => sealed);
  const notRun = rejected === null && tests.some(({ missing }) => missing) && tests.every(({ status }) => status === 'not-run');
  return {
    id,
    state: notRun ? 'not-run' : todo ? 'todo' : passing ? 'passing' : 'failing',
    score: sum(counted.map((test) => test.points)),
    maxScore: sum(counted.map((test) => test.maxPoints)),
    rejected,
    tests,
  };
}

/** What is missing on this machine for some of its tests to run. */
export function missingOf({ tests }: Pick<ExerciseReport, 'tests'>): readonly string[] {
  return [...new Set(tests.flatMap(({ missing }) => missing ?? []))];
}

/** True for an exercise whose sealed tests did not run, and which does all that can be seen without them. */
export function isUnseen({ state, rejected, tests }: Pick<ExerciseReport, 'state' | 'rejected' | 'tests'>): boolean {
  const seen = tests.filter(({ sealed }) => !sealed);
  return (
    state === 'failing' &&
    rejected === null &&
    seen.length > 0 &&
    seen.length < tests.length &&
    seen.every(({ status }) => status === 'passed')
  );
}

/** The whole report; its totals are the sums over the exercises that were graded. */
export function makeReport(
  exercises: readonly ExerciseReport[],
  { notGraded = [], ...provenance }: Provenance & { readonly notGraded?: readonly NotGraded[] },
): Report {
  return {
    version: 1,
    ...provenance,
    score: sum(exercises.map((exercise) => exercise.score)),
    maxScore: sum(exercises.map((exercise) => exercise.maxScore)),
    pointsNotRun: sum(exercises.flatMap((exercise) => exercise.tests.filter(leavesTotal).map((test) => test.maxPoints))),
    exercises,
    notGraded,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, x) => total + x, 0);
}
