/**
 * What a module author writes: the manifest of a module and of its exercises, checked when it is loaded. It says only what is known nowhere else: slug and order
 * are the folder's name, points the suite's, needs and exports the reference's.
 * The interfaces are for authors and editors; the schemas are what a file that nobody type-checked must pass.
 */
import { z } from 'zod';
import type { Words } from './words.ts';

/** One exercise, the default export of `course/<nn>-<slug>/exercise.ts`: one file that the learner writes, with its hidden suite beside it. */
export interface ExerciseManifest {
  /** File name of the reference in `src/` and of the learner's file: `attention.ts`. */
  readonly file: string;
  readonly title: Words;
  /** How long it takes a learner who knows the prerequisites. */
  readonly minutes: number;
  /** Three levels: where to look, what to do, how to do it. None contains the solution's text. */
  readonly hints: readonly [Words, Words, Words];
  /** What the learner's process may take, where that is not 20 seconds in all calls of a grading and 1024 MB. */
  readonly limits?: { readonly timeMs?: number | undefined; readonly memoryMb?: number | undefined } | undefined;
  /** Outside the module's total. */
  readonly optional?: boolean | undefined;
  /** Exports that may return a Promise. */
  readonly async?: readonly string[] | undefined;
  /** What every test needs of the machine: `['model:minilm']`, a model of `ladder model`. Where it is absent, the exercise is not run. */
  readonly requires?: readonly string[] | undefined;
}

/** The default export of `course/module.ts`; the exercises are the folders beside it. */
export interface ModuleManifest {
  readonly format: 1;
  readonly id: string;
  readonly title: Words;
  /** Chapter of the course (1 to 7); a module from outside takes the chapter it extends, or 0. */
  readonly chapter: number;
}

const text = z.string().trim().min(1, 'expected text, got an empty string');
const words = z.strictObject({ en: text, zh: text });

export const exerciseSchema = z.strictObject({
  file: z.string().regex(/^[a-z][a-z0-9-]*\.ts$/, 'expected a kebab-case file name that ends in .ts'),
  title: words,
  minutes: z.number().positive(),
  hints: z.tuple([words, words, words]),
  limits: z.strictObject({ timeMs: z.int().positive().default(20_000), memoryMb: z.int().positive().default(1024) }).prefault({}),
  optional: z.boolean().optional(),
  async: z.array(z.string()).optional(),
  requires: z.array(z.string().regex(/^model:\S+$/, "expected 'model:<name>', such as 'model:minilm'")).optional(),
});

/** An exercise's manifest as the grader has it: checked, with its defaults. */
export type CheckedManifest = z.output<typeof exerciseSchema>;

export const moduleSchema = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens'),
  title: words,
  chapter: z.int().min(0),
}) satisfies z.ZodType<ModuleManifest>;
