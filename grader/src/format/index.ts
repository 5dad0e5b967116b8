/** The course format, as a module author imports it: `@llm-ladder/grader/course`. */
import type { ExerciseManifest, ModuleManifest } from './manifest.ts';
import type { Mutants } from './mutants.ts';

export type { CommandContext, CommandOption, ModuleCommand, Part } from './commands.ts';
export { defineCommands } from './commands.ts';
export type { ExerciseManifest, ModuleManifest } from './manifest.ts';
export type { Change, Edit, Mutant, Mutants, NaiveControl, Survivors } from './mutants.ts';
export type { Words } from './words.ts';

/** The default export of `course/module.ts`. */
export function defineModule<const M extends ModuleManifest>(module: M): M {
  return module;
}

/** The default export of `course/<nn>-<slug>/exercise.ts`. */
export function defineExercise<const E extends ExerciseManifest>(exercise: E): E {
  return exercise;
}

/** The default export of `course/<nn-slug>/mutants.ts`. */
export function defineMutants(mutants: Mutants): Mutants {
  return mutants;
}
