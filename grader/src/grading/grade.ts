/** Grades exercises one after the other and adds the verdicts up to one Report. Prints nothing. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { noEntry } from '../box/messages.ts';
import { type Catalog, type Exercise, programFor } from '../catalog/catalog.ts';
import { folderOf } from '../catalog/folders.ts';
import { type JudgeOptions, judge, rejectedReport } from '../judge/judge.ts';
import { withHint } from '../judge/messages.ts';
import { type ExerciseReport, makeReport, type NotGraded, type Provenance, type Report, type TestReport } from '../report/report.ts';
import { type Reveal, revealExercise, revealNotGraded, revealReport } from '../report/reveal.ts';
import { canBeJudged } from '../seal/course-files.ts';
import { readSubmission } from '../stage/stage.ts';
import { ownVersions, versionOf } from '../system/versions.ts';
import { rejectedUnseen, sealedReport } from './sealed-report.ts';
import type { Setup } from './setup.ts';
import { requireStrong } from './strong-box.ts';
import { contentHash } from './verdicts.ts';

type Passed =
  | 'onTest'
  | 'onTraining'
  | 'signal'
  | 'box'
  | 'secondBox'
  | 'referenceBox'
  | 'open'
  | 'onlyThreshold'
  | 'testTimeoutMs'
  | 'quiet';

export interface GradeOneOptions extends Setup, Pick<JudgeOptions, Passed> {
  /** A folder with the files to grade; default: where the learner works. */
  readonly folder?: string;
}

/** Grades one exercise. A submission that cannot be read is a rejected report; anything else that goes wrong is ours, and thrown. */
export async function gradeOne(
  catalog: Catalog,
  exercise: Exercise,
  options: GradeOneOptions,
): Promise<{ report: ExerciseReport; hash: string }> {
  const { folder = folderOf(catalog, exercise), ...rest } = options;
  const hash = await contentHash(exercise, folder);
  try {
    const files = await readOrReject(exercise, folder);
    const judged = await canBeJudged(exercise);
    if (!judged || files instanceof UsageError) await closeGiven(rest);
    if (files instanceof UsageError) {
      const rejected = { code: 'unreadable', reason: withHint(files) };
      return { report: await (judged ? rejectedReport(exercise, rejected, rest) : rejectedUnseen(exercise, rejected)), hash };
    }
    if (!judged) return { report: { ...(await sealedReport(exercise, folder, rest)), hash: hashOfFiles(files) }, hash };
    const program = await programFor(exercise, { files });
    return { report: { ...(await judge(exercise, program, rest)), hash: hashOfFiles(files) }, hash };
  } catch (error) {
    await closeGiven(rest); // the judge may never have seen them
    throw error;
  }
}

async function readOrReject({ id, manifest }: Exercise, folder: string): Promise<Readonly<Record<string, string>> | UsageError> {
  if (!existsSync(folder)) return noEntry({ exercise: id, entry: manifest.file });
  try {
    // Below <tree>/<module>/<exercise>, links followed: a submission cannot point at another's files.
    const files = await readSubmission(folder, { within: path.dirname(path.dirname(folder)) });
    return manifest.file in files ? files : noEntry({ exercise: id, entry: manifest.file });
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

async function closeGiven({ box, secondBox }: Pick<JudgeOptions, 'box' | 'secondBox'>): Promise<void> {
  await Promise.all([box?.close(), secondBox?.close()]);
}

/** SHA-256 of what was graded: each file's path and text. */
function hashOfFiles(files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(files).sort()) hash.update(JSON.stringify([name, files[name]]));
  return hash.digest('hex');
}

export interface GradeOptions extends Setup {
  /** No report that leaves here tells more than this. */
  readonly reveal?: Reveal;
  /** Another tree with the layout of exercises/. */
  readonly from?: string | undefined;
  /** The report so far, after every test: a run that is killed keeps what it had. */
  readonly onProgress?: (report: Report) => void;
  /** A test that trains begins; its verdict comes with `onTest`. */
  readonly onTraining?: JudgeOptions['onTraining'];
  readonly onTest?: JudgeOptions['onTest'];
  readonly onExercise?: (exercise: Exercise, report: ExerciseReport, hash: string, durationMs: number) => void | Promise<void>;
  /** The grader failed at an exercise; the others go on. */
  readonly onNotGraded?: (exercise: Exercise, entry: NotGraded, error: unknown) => void;
  /** The report so far, after every exercise; grading waits for it. */
  readonly onReport?: (report: Report) => Promise<void>;
}

/**
 * Grades every given exercise, in order; thresholds are fair only when nothing else runs beside them. An exercise that the grader fails at (a box that does not
 * start, a full disk, a fault of ours) is listed in `notGraded` with the reason: it is no zero, and the verdicts on the others stand.
 */
export async function grade(catalog: Catalog, exercises: readonly Exercise[], options: GradeOptions): Promise<Report> {
  const { from, reveal = 'full', onProgress, onTest, onTraining, onExercise, onNotGraded, onReport, ...setup } = options;
  if (setup.strict) requireStrong(setup.driver, exercises);
  const provenance = await provenanceOf(catalog, exercises, setup, from);
  await Promise.all(exercises.map(canBeJudged)); // a wrong key is said before anything runs
  const reports: ExerciseReport[] = [];
  const failed: NotGraded[] = [];
  const reportWith = (open: readonly NotGraded[]): Report =>
    revealReport(makeReport(reports, { ...provenance, finishedAt: new Date().toISOString(), notGraded: [...failed, ...open] }), reveal);
  const untouched = (after: number): NotGraded[] => exercises.slice(after).map(({ id }) => ({ id, reason: null, tests: [] }));

  await onReport?.(reportWith(untouched(0)));
  for (const [index, exercise] of exercises.entries()) {
    const started = performance.now();
    const tests: TestReport[] = [];
    let graded: Awaited<ReturnType<typeof gradeOne>> | undefined;
    try {
      graded = await gradeOne(catalog, exercise, {
        ...setup,
        ...(from === undefined ? {} : { folder: path.join(from, exercise.module.id, exercise.folder) }),
        ...(onTraining ? { onTraining } : {}),
        onTest: (test) => {
          tests.push(test);
          onTest?.(test);
          onProgress?.(reportWith([{ id: exercise.id, reason: null, tests: [...tests] }, ...untouched(index + 1)]));
        },
      });
    } catch (error) {
      const entry = { id: exercise.id, reason: (error as Error).message, tests };
      failed.push(entry);
      onNotGraded?.(exercise, revealNotGraded(entry, reveal), error);
    }
    if (graded) {
      reports.push(graded.report);
      await onExercise?.(exercise, revealExercise(graded.report, reveal), graded.hash, performance.now() - started);
    }
    await onReport?.(reportWith(untouched(index + 1)));
  }
  return reportWith([]);
}

/** Who grades what; the times are those of the start. */
export async function provenanceOf(
  catalog: Catalog,
  exercises: readonly Exercise[],
  { backend, driver, seed }: Pick<Setup, 'backend' | 'driver' | 'seed'>,
  from = path.join(catalog.root, 'exercises'),
): Promise<Provenance> {
  const modules = [...new Set(exercises.map(({ module }) => module))];
  const versions = await Promise.all(modules.map(async ({ id, root }) => [id, await versionOf(root)] as const));
  const now = new Date().toISOString();
  const folder = path.resolve(from);
  return {
    backend,
    box: driver,
    seed,
    grader: (await ownVersions()).grader,
    modules: Object.fromEntries(versions),
    submission: path.basename(path.basename(folder) === 'exercises' ? path.dirname(folder) : folder),
    startedAt: now,
    finishedAt: now,
  };
}
