/** What is known of an exercise's mutants: their texts, and which tests fail on each. */
import { GraderError } from '@llm-ladder/backend/errors';
import { readDerived } from '../catalog/derived.ts';
import type { Exercise } from '../catalog/types.ts';
import type { Patterns } from '../format/derived.ts';
import type { Mutants } from '../format/mutants.ts';
import { courseUrl } from '../seal/course-files.ts';

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
