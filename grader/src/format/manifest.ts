/**
 * What a module author writes: the manifest of a module and of its exercises, checked when it is loaded.
 * The interfaces are for authors and editors; the schema is what a file that nobody type-checked must pass.
 */
import { z } from 'zod';
import type { Words } from './words.ts';

/** One exercise: one file that the learner writes, with its hidden suite beside it. */
export interface ExerciseManifest {
  /** Second half of the id: `sdpa` in `transformer/sdpa`. The folder is `<nn>-<slug>`, nn counting up from 01 unless `order` says otherwise. */
  readonly slug: string;
  /** File name of the reference in `src/` and of the learner's file: `attention.ts`. */
  readonly file: string;
  readonly title: Words;
  /** What the file must export, with shape strings where tensors go in and out: `'[..,Tq,K],[..,Tk,K],[..,Tk,K2] -> {out:[..,Tq,K2], w:[..,Tq,Tk]}'`. */
  readonly exports: Readonly<Record<string, string>>;
  /** Ids of earlier exercises whose files this one may import: `['transformer/sdpa']`. */
  readonly needs: readonly string[];
  /** The sums of the hidden suite's points; `ladder verify` checks them. */
  readonly points: { readonly tests: number; readonly performance: number };
  /** How long it takes a learner who knows the prerequisites. */
  readonly minutes: number;
  readonly limits: { readonly timeMs: number; readonly memoryMb: number };
  /** Three levels: where to look, what to do, how to do it. None contains the solution's text. */
  readonly hints: readonly [Words, Words, Words];
  /** Number of its folder where that is not one more than the number before: numbers rise, and a gap is kept for exercises to come. */
  readonly order?: number | undefined;
  /** Outside the module's total. */
  readonly optional?: boolean | undefined;
  /** Exports that may return a Promise. */
  readonly async?: readonly string[] | undefined;
}

export interface ModuleManifest {
  readonly format: 1;
  readonly id: string;
  readonly title: Words;
  /** Chapter of the course (1 to 7); a module from outside takes the chapter it extends, or 0. */
  readonly chapter: number;
  readonly exercises: readonly ExerciseManifest[];
}

const slug = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens');
const text = z.string().trim().min(1, 'expected text, got an empty string');
const words = z.strictObject({ en: text, zh: text });
const count = z.int().min(0);

const exerciseSchema = z.strictObject({
  slug,
  file: z.string().regex(/^[a-z][a-z0-9-]*\.ts$/, 'expected a kebab-case file name that ends in .ts'),
  title: words,
  exports: z
    .record(z.string().regex(/^[A-Za-z_$][\w$]*$/, 'expected a JavaScript name'), z.string())
    .refine((all) => Object.keys(all).length > 0, {
      message: 'expected at least one export, got none',
    }),
  needs: z.array(z.string().regex(/^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/, "expected an id like 'transformer/sdpa'")),
  points: z.strictObject({ tests: count, performance: count }),
  minutes: z.number().positive(),
  limits: z.strictObject({ timeMs: z.int().positive(), memoryMb: z.int().positive() }),
  hints: z.tuple([words, words, words]),
  order: z.int().min(1).max(99).optional(),
  optional: z.boolean().optional(),
  async: z.array(z.string()).optional(),
});

export const moduleSchema = z
  .strictObject({
    format: z.literal(1),
    id: slug,
    title: words,
    chapter: z.int().min(0),
    exercises: z.array(exerciseSchema).min(1, 'expected at least one exercise, got none'),
  })
  .superRefine((module, context) => {
    const seen = { slug: new Map<string, number>(), file: new Map<string, number>() };
    const orders = ordersOf(module.exercises);
    for (const [index, exercise] of module.exercises.entries()) {
      const before = orders[index - 1] ?? 0;
      if (exercise.order !== undefined && exercise.order <= before) {
        context.addIssue({
          code: 'custom',
          path: ['exercises', index, 'order'],
          message: `expected more than ${before}, the number of the exercise before it, got ${exercise.order}`,
        });
      }
      for (const key of ['slug', 'file'] as const) {
        const first = seen[key].get(exercise[key]);
        if (first !== undefined) {
          context.addIssue({
            code: 'custom',
            path: ['exercises', index, key],
            message: `expected a ${key} of its own, got ${JSON.stringify(exercise[key])} of exercises[${first}]`,
          });
        }
        seen[key].set(exercise[key], first ?? index);
      }
      for (const [at, name] of (exercise.async ?? []).entries()) {
        if (name in exercise.exports) continue;
        context.addIssue({
          code: 'custom',
          path: ['exercises', index, 'async', at],
          message: `expected one of the exports (${Object.keys(exercise.exports).join(', ')}), got ${JSON.stringify(name)}`,
        });
      }
      for (const [at, id] of exercise.needs.entries()) {
        const [owner, name] = id.split('/');
        if (owner !== module.id) continue;
        const before = module.exercises.slice(0, index).some((other) => other.slug === name);
        if (before) continue;
        context.addIssue({
          code: 'custom',
          path: ['exercises', index, 'needs', at],
          message: `expected an earlier exercise of ${module.id}, got ${JSON.stringify(id)}`,
        });
      }
    }
  }) satisfies z.ZodType<ModuleManifest>;

/** The number of each exercise's folder. */
export function ordersOf(exercises: readonly { readonly order?: number | undefined }[]): number[] {
  let last = 0;
  return exercises.map(({ order }) => {
    last = order ?? last + 1;
    return last;
  });
}
