/** Grades stored submissions again with the grader of today. A student whose submission is broken is reported; the others go on. Prints nothing. */
import path from 'node:path';
import type { Catalog, Exercise } from '../catalog/catalog.ts';
import { say } from '../format/words.ts';
import { type ExerciseReport, makeReport, type NotGraded, type Report } from '../report/report.ts';
import { type Reveal, revealReport } from '../report/reveal.ts';
import { withLock } from '../system/files.ts';
import { ownVersions } from '../system/versions.ts';
import { exercisesOf, isFolder, Regrading, readGrade, studentsIn } from './class-folder.ts';
import { grade } from './grade.ts';
import type { Setup } from './setup.ts';

export interface Marks {
  readonly score: number;
  readonly maxScore: number;
}

export interface RegradedExercise {
  readonly id: string;
  /** Null where there was no verdict. */
  readonly before: Marks | null;
  /** Null where there still is none. The same as before when it was not graded again. */
  readonly after: Marks | null;
  /** The files are other ones than those that were graded before. */
  readonly filesChanged: boolean;
  /** Why it could not be graded again: the result from before stays. */
  readonly problem: string | null;
}

export interface RegradedStudent {
  readonly student: string;
  readonly before: Marks | null;
  readonly after: Marks | null;
  readonly exercises: readonly RegradedExercise[];
  /** Why nothing could be graded: the report is as it was. */
  readonly problem: string | null;
  /** The file that keeps the report from before; null when nothing was written. */
  readonly kept: string | null;
}

export interface RegradeReport {
  readonly version: 1;
  /** Version of the grader. */
  readonly grader: string;
  /** False if anything could not be graded again. */
  readonly ok: boolean;
  readonly students: readonly RegradedStudent[];
}

export interface RegradeOptions extends Setup {
  /** How much the new reports tell; as much as the old ones without it. */
  readonly reveal?: Reveal | undefined;
  readonly onStudent?: (student: RegradedStudent, done: number, of: number) => void;
}

/**
 * Grades the given exercises of every student again, each with the seed of its old report, and puts the new report in place of the old one, which is kept.
 * UsageError when the folder holds no students.
 */
export async function regrade(
  catalog: Catalog,
  exercises: readonly Exercise[],
  folder: string,
  options: RegradeOptions,
): Promise<RegradeReport> {
  const { onStudent, ...setup } = options;
  const names = await studentsIn(folder);
  const { grader } = await ownVersions();
  return withLock(folder, async () => {
    const regrading = new Regrading(folder, grader);
    const students: RegradedStudent[] = [];
    for (const student of names) {
      const result = await regradeStudent(catalog, exercises, folder, student, setup, regrading).catch(
        (error: Error): RegradedStudent => ({ student, before: null, after: null, exercises: [], problem: error.message, kept: null }),
      );
      students.push(result);
      onStudent?.(result, students.length, names.length);
    }
    const ok = students.every(({ problem, exercises: all }) => problem === null && all.every((one) => one.problem === null));
    return { version: 1, grader, ok, students };
  });
}

async function regradeStudent(
  catalog: Catalog,
  exercises: readonly Exercise[],
  folder: string,
  student: string,
  setup: Omit<RegradeOptions, 'onStudent'>,
  regrading: Regrading,
): Promise<RegradedStudent> {
  const old = await readGrade(folder, student);
  const { reveal = old.reveal ?? 'full' } = setup;
  const from = exercisesOf(folder, student);
  const problems = new Map<string, string>();
  const wanted: Exercise[] = [];
  for (const id of [...old.exercises, ...old.notGraded].map((one) => one.id)) {
    const exercise = exercises.find((one) => one.id === id);
    if (exercise === undefined) {
      // Left out by the words of the command, or gone from the course.
      if (!catalog.modules.some((module) => module.exercises.some((one) => one.id === id))) problems.set(id, unknownExercise());
    } else if (!(await isFolder(path.join(from, exercise.module.id, exercise.folder)))) problems.set(id, noFiles(exercise));
    else wanted.push(exercise);
  }
  const fresh = wanted.length === 0 ? undefined : await grade(catalog, wanted, { ...setup, seed: old.seed, from, reveal });
  for (const { id, reason } of fresh?.notGraded ?? []) problems.set(id, reason ?? '');

  const merged = revealReport(mergeReports(old, fresh, student), reveal);
  const rows = [...merged.exercises, ...merged.notGraded].map(({ id }) => row(id, old, merged, problems.get(id) ?? null));
  const kept = fresh && fresh.exercises.length > 0 ? await regrading.replace(student, merged) : null;
  return { student, before: marksOf(old), after: marksOf(merged), exercises: rows, problem: null, kept };
}

/** The old report with what was graded again in its place. */
function mergeReports(old: Report, fresh: Report | undefined, student: string): Report {
  if (fresh === undefined) return old;
  const again = new Map(fresh.exercises.map((exercise) => [exercise.id, exercise]));
  const exercises: ExerciseReport[] = old.exercises.map((exercise) => again.get(exercise.id) ?? exercise);
  const notGraded: NotGraded[] = [];
  for (const entry of old.notGraded) {
    const exercise = again.get(entry.id);
    if (exercise === undefined) notGraded.push(entry);
    else exercises.push(exercise);
  }
  return makeReport(exercises, { ...fresh, modules: { ...old.modules, ...fresh.modules }, submission: student, notGraded });
}

function row(id: string, old: Report, merged: Report, problem: string | null): RegradedExercise {
  const [before, after] = [old, merged].map(({ exercises }) => exercises.find((one) => one.id === id));
  const filesChanged = before?.hash !== undefined && after?.hash !== undefined && before.hash !== after.hash;
  return { id, before: before ? marksOf(before) : null, after: after ? marksOf(after) : null, filesChanged, problem };
}

const marksOf = ({ score, maxScore }: Marks): Marks => ({ score, maxScore });

const unknownExercise = (): string => say({ en: 'no module that is installed here has this exercise', zh: '这里安装的模块中没有这道题' });
const noFiles = ({ module, folder }: Exercise): string =>
  say({ en: `expected the folder exercises/${module.id}/${folder}, got none`, zh: `应有目录 exercises/${module.id}/${folder}，实际没有` });
