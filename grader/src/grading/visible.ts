/** The visible tests of one exercise, run inside a box: the learner may have changed them, so they give no points. */
import { type LadderError, LearnerError } from '@llm-ladder/backend/errors';
import { type Box, type BoxBackend, openBox, type VisibleTestResult } from '../box/index.ts';
import { type Exercise, programFor } from '../catalog/catalog.ts';
import { tookTooLong } from '../judge/messages.ts';
import { TEST_TIMEOUT_MS } from '../judge/program-host.ts';
import { canBeJudged } from '../seal/course-files.ts';
import { readVisibleTests } from '../stage/stage.ts';
import { collectSuite } from '../suite/collect.ts';
import type { Setup } from './setup.ts';

/** Runs every `*.test.ts` of the folder. A program that cannot be loaded has no results: the hidden suite says why. */
export async function runVisible(
  exercise: Exercise,
  folder: string,
  setup: Pick<Setup, 'driver' | 'backend'>,
): Promise<VisibleTestResult[]> {
  const results = await visibleResults(exercise, folder, setup);
  return Array.isArray(results) ? results : [];
}

/** The same, with the reason where the program cannot be loaded. */
export async function visibleResults(
  exercise: Exercise,
  folder: string,
  { driver, backend }: Pick<Setup, 'driver' | 'backend'>,
): Promise<VisibleTestResult[] | LadderError> {
  const tests = await readVisibleTests(folder).catch(() => ({})); // the hidden suite says what is wrong with the folder
  if (Object.keys(tests).length === 0) return [];
  const { timeMs, memoryMb } = exercise.manifest.limits;
  const box = await openBox({ driver, backend: backend as BoxBackend, limits: { timeMs, memoryMb, outputBytes: 1 << 20 } });
  try {
    return (await loadFault(box, exercise, folder)) ?? (await run(box, exercise, tests));
  } finally {
    await box.close();
  }
}

async function loadFault(box: Box, exercise: Exercise, folder: string): Promise<LadderError | undefined> {
  try {
    await box.load(await programFor(exercise, { folder }));
    return undefined;
  } catch (error) {
    // Also a folder that cannot be read: the report says so.
    if (LearnerError.isInstance(error)) return error;
    throw error;
  }
}

/** All of them have the time of the longest hidden test; a program that breaks a limit has that as its one result. */
async function run(box: Box, exercise: Exercise, tests: Readonly<Record<string, string>>): Promise<VisibleTestResult[]> {
  const entries = (await canBeJudged(exercise)) ? (await collectSuite(exercise.suiteFile)).entries : [];
  const timeoutMs = Math.max(
    TEST_TIMEOUT_MS,
    ...entries.map((entry) => (entry.kind === 'test' && entry.options.timeoutMs) || TEST_TIMEOUT_MS),
  );
  try {
    return await box.runVisibleTests(tests, { timeoutMs });
  } catch (error) {
    if (!LearnerError.isInstance(error)) throw error;
    const name = Object.keys(tests).join(', ');
    const message = error.code === 'time-limit' ? tookTooLong(timeoutMs) : error.message;
    return [{ file: exercise.manifest.file, name, status: 'failed', message, notWritten: false, at: null, durationMs: 0 }];
  }
}
