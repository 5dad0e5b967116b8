/** From a save to a verdict: watches the learner's files and grades what changed in a box that is already warm. Draws nothing. */
import path from 'node:path';
import chokidar from 'chokidar';
import { type Box, BoxPool } from '../box/index.ts';
import type { Catalog, Exercise } from '../catalog/catalog.ts';
import { folderOf } from '../catalog/folders.ts';
import { gradeOne } from '../grading/grade.ts';
import type { Setup } from '../grading/setup.ts';
import { contentHash, rememberVerdict } from '../grading/verdicts.ts';
import { openReference } from '../judge/judge.ts';
import { OUTPUT_BYTES } from '../judge/options.ts';
import type { ExerciseReport, TestReport } from '../report/report.ts';
import { canBeJudged } from '../seal/course-files.ts';
import { collectSuite } from '../suite/collect.ts';
import type { SuiteTest } from '../suite/types.ts';

/** Saves that an editor makes in one go (write, rename, touch) count as one. */
const SETTLE_MS = 12;

/** Rounds of practice of a waiting box, about 10 ms each; more than this makes a run hardly quicker. */
const PRACTICE = 30;

export interface WatchEvents {
  /** A save was seen and is being graded. */
  onStart(exercise: Exercise): void;
  /** The tests that are quick have their verdict, then once more for each that trains; after the last one the thresholds begin, where there are some. `ms` since the save was seen. */
  onTests(exercise: Exercise, tests: readonly TestReport[], ms: number, thresholds: boolean): void;
  /** A test that trains begins. */
  onTraining(exercise: Exercise, test: SuiteTest): void;
  /** The whole report, thresholds included. */
  onDone(exercise: Exercise, report: ExerciseReport, ms: number): void;
  onError(error: unknown): void;
}

export interface Watcher {
  /** Grades one exercise now, saved or not. */
  grade(exercise: Exercise): void;
  /** Resolves once files are watched and a box is warm. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Starts watching `exercises/`; a file that was touched without a change is not graded again. */
export function watchExercises(catalog: Catalog, setup: Setup, events: WatchEvents): Watcher {
  const root = path.join(catalog.root, 'exercises');
  const byFolder = new Map(
    catalog.modules.flatMap((module) => module.exercises).map((exercise) => [folderOf(catalog, exercise), exercise]),
  );
  const pool = new BoxPool({ driver: setup.driver, backend: setup.backend, size: 4, refill: 'when asked', practice: PRACTICE });
  const seen = new Map<string, string>();
  let running: AbortController | undefined;
  let timer: NodeJS.Timeout | undefined;

  // The reference of the exercise at hand stays loaded: it is ours, so it need not be fresh for every save.
  let reference: { readonly exercise: Exercise; readonly opened: ReturnType<typeof openReference> } | undefined;
  const referenceFor = async (exercise: Exercise): Promise<Box> => {
    if (reference?.exercise !== exercise || !(await reference.opened).box.alive) {
      void reference?.opened.then(({ box }) => box.close());
      reference = { exercise, opened: openReference(exercise, { ...setup, open: ({ limits }) => pool.take(limits) }) };
    }
    return (await reference.opened).box;
  };

  const start = async (exercise: Exercise, savedAt: number, force: boolean): Promise<void> => {
    const hash = await contentHash(exercise, folderOf(catalog, exercise));
    if (!force && seen.get(exercise.id) === hash) return;
    seen.set(exercise.id, hash);
    running?.abort();
    const controller = new AbortController();
    running = controller;
    events.onStart(exercise);
    const tests: TestReport[] = [];
    const entries = (await canBeJudged(exercise)) ? (await collectSuite(exercise.suiteFile)).entries : [];
    const inSuite = entries.filter((entry) => entry.kind === 'test');
    const names = inSuite.map(({ name }) => name);
    const quick = new Set(inSuite.filter(({ options }) => !options.trains).map(({ name }) => name));
    const limits = { ...exercise.manifest.limits, outputBytes: OUTPUT_BYTES };
    const refill = (): void => {
      if (running === controller) pool.refill();
    };
    const grade = async (): Promise<ExerciseReport> => {
      const { report } = await gradeOne(catalog, exercise, {
        ...setup,
        referenceBox: await referenceFor(exercise),
        signal: controller.signal,
        box: await pool.take(limits),
        secondBox: await pool.take(limits),
        onTest: (test) => {
          if (test.kind !== 'test' || controller.signal.aborted) return;
          tests.push(test);
          quick.delete(test.name);
          if (quick.size > 0) return;
          tests.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name)); // two boxes do not end in the suite's order
          events.onTests(exercise, [...tests], performance.now() - savedAt, names.length < entries.length);
        },
        onTraining: (test) => {
          if (!controller.signal.aborted) events.onTraining(exercise, test);
        },
        quiet: async () => {
          refill();
          await pool.ready();
        },
      });
      return report;
    };
    const report = await grade().finally(refill);
    if (controller.signal.aborted) return;
    await rememberVerdict(catalog.root, report, hash);
    events.onDone(exercise, report, performance.now() - savedAt);
  };

  // A newer save ends the run of an older one: that is no error.
  const report = (error: unknown): void => {
    if ((error as Error)?.name !== 'AbortError') events.onError(error);
  };

  const request = (exercise: Exercise, force: boolean): void => {
    const savedAt = performance.now();
    clearTimeout(timer);
    timer = setTimeout(() => start(exercise, savedAt, force).catch(report), force ? 0 : SETTLE_MS);
  };

  const files = chokidar.watch(root, {
    ignoreInitial: true,
    ignored: (file) => /node_modules|\.ladder|\.new$/.test(path.relative(root, file)),
  });
  files.on('all', (_, file) => {
    const exercise = byFolder.get(path.dirname(file));
    if (exercise !== undefined && file.endsWith('.ts')) request(exercise, false);
  });
  files.on('error', events.onError);
  const watching = new Promise<void>((resolve) => files.once('ready', resolve));

  return {
    grade: (exercise) => request(exercise, true),
    ready: Promise.all([watching, pool.ready()]).then(() => undefined),
    close: async () => {
      clearTimeout(timer);
      running?.abort();
      const opened = await reference?.opened.catch(() => undefined);
      await Promise.all([files.close(), pool.close(), opened?.box.close()]);
    },
  };
}
