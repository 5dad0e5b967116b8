/** What is known of an exercise's mutants: their texts, and which tests fail on each. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GraderError } from '@llm-ladder/backend/errors';
import type { Exercise } from '../catalog/types.ts';
import type { Mutants } from '../format/mutants.ts';
import { courseUrl, readCourseFile } from '../seal/course-files.ts';
import { collectSuite } from '../suite/collect.ts';
import { madeMutants } from './made-mutants.ts';

const PATTERNS = 'patterns.json';

/** Mutant name -> sorted names of the tests that fail on it; `ladder verify --write` makes the file. */
export type Patterns = Readonly<Record<string, readonly string[]>>;

/** `patterns.json` of an exercise; undefined when there is none. */
export async function readPatterns(exercise: Exercise): Promise<Patterns | undefined> {
  const bytes = await readCourseFile(exercise.courseDir, PATTERNS);
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Patterns);
}

export function patternsFile(exercise: Exercise): string {
  return path.join(exercise.courseDir, PATTERNS);
}

/** The mutants and naive controls of an exercise. */
export async function loadMutants(exercise: Exercise): Promise<Mutants> {
  const url = await courseUrl(exercise.mutantsFile);
  if (url === undefined) throw new GraderError('mutants', `${exercise.mutantsFile}: expected mutants, got no file`);
  return ((await import(/* @vite-ignore */ url)) as { default: Mutants }).default;
}

/** The mutants of `loadMutants`, and after them those that the common checks of the suite bring. */
export async function allMutants(exercise: Exercise, written?: Mutants): Promise<Mutants> {
  const known = written ?? (await loadMutants(exercise));
  const [suite, reference] = await Promise.all([collectSuite(exercise.suiteFile), readFile(exercise.referenceFile, 'utf8')]);
  return { ...known, mutants: [...known.mutants, ...madeMutants(suite, reference, exercise.manifest.file)] };
}
