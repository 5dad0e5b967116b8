/** What is known of an exercise's mutants: their texts, and which tests fail on each. */
import { readFile } from 'node:fs/promises';
import { GraderError } from '@llm-ladder/backend/errors';
import { readDerived } from '../catalog/derived.ts';
import type { Exercise } from '../catalog/types.ts';
import type { Patterns } from '../format/derived.ts';
import type { Mutants } from '../format/mutants.ts';
import { courseUrl } from '../seal/course-files.ts';
import { collectSuite } from '../suite/collect.ts';
import { madeMutants } from './made-mutants.ts';

/** Which tests fail on which mutant; undefined where `ladder verify --write` has not told yet. UsageError for a broken `derived.json`. */
export async function readPatterns(exercise: Exercise): Promise<Patterns | undefined> {
  return (await readDerived(exercise))?.patterns;
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
