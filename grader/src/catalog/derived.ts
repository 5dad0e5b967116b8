/** Reads what a machine has derived about an exercise. */
import { join, relative } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { type Derived, derivedSchema } from '../format/derived.ts';
import { inWords } from '../format/words.ts';
import { readCourseFile, sealedPoints } from '../seal/course-files.ts';
import type { Exercise } from './types.ts';

const NAME = 'derived.json';

export function derivedFile(exercise: Exercise): string {
  return join(exercise.courseDir, NAME);
}

/** `derived.json` of an exercise, from the disk or from what is sealed; undefined where there is none. UsageError for one that does not hold. */
export async function readDerived(exercise: Exercise): Promise<Derived | undefined> {
  const bytes = await readCourseFile(exercise.courseDir, NAME);
  if (bytes === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw unusable(exercise, (error as Error).message, error);
  }
  const result = derivedSchema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw unusable(exercise, `${path.join('.') || 'the file'}: ${message}`);
}

/** The sums of the points of the suite, without running it and, where it is sealed, without the key. UsageError where `derived.json` is missing or does not hold. */
export async function readPoints(exercise: Exercise): Promise<Derived['points']> {
  if (exercise.sealed) {
    const { tests, performance } = await sealedPoints(exercise);
    const sum = (points: readonly number[]): number => points.reduce((total, one) => total + one, 0);
    return { tests: sum(tests), performance: sum(performance) };
  }
  const derived = await readDerived(exercise);
  if (derived === undefined) throw unusable(exercise, 'none');
  return derived.points;
}

function unusable(exercise: Exercise, got: string, cause?: unknown): UsageError {
  const where = relative(process.cwd(), derivedFile(exercise)).replaceAll('\\', '/');
  const command = `ladder verify --write ${exercise.id}`;
  return inWords(new UsageError(where, `what ${command} writes`, got, { hint: command, cause }), {
    message: `${where}：应为 ${command} 写出的文件，实为：${got}`,
    hint: command,
  });
}
