/** The controls of an exercise: wrong solutions that a named test must catch, and slow ones that a named threshold must catch. */
import { UsageError } from '@llm-ladder/backend/errors';
import type { Words } from './words.ts';

/** Text to find (exactly once in the reference file, formatting counts) and what to put there. */
export type Edit = readonly [find: string, put: string];

/** A changed reference: edits of its text, or a whole file. */
export type Change =
  | { readonly replace: readonly Edit[]; readonly source?: undefined }
  | { readonly source: string; readonly replace?: undefined };

export type Mutant = Change & {
  readonly name: string;
  /** The exact name of the test that must fail, or several that must all fail. */
  readonly killedBy: string | readonly string[];
  /** What a learner reads when their code fails like this mutant. */
  readonly looksLike: Words;
};

export type NaiveControl = Change & {
  readonly name: string;
  /** The exact name of the threshold that it must fail. It passes every other test. */
  readonly fails: string;
};

/** Generated mutants that no test can tell from the reference, and why. */
export interface Survivors {
  readonly why: string;
  /** Keys, as `ladder verify --generate` prints them. */
  readonly mutants: readonly string[];
}

export interface Mutants {
  readonly mutants: readonly Mutant[];
  readonly naive?: readonly NaiveControl[] | undefined;
  readonly survivors?: readonly Survivors[] | undefined;
}

/** The reference with a mutant's edits applied. UsageError when a find is absent or not unique. */
export function applyChange(reference: string, change: Change, where: string): string {
  if (change.source !== undefined) return change.source;
  let text = reference;
  for (const [find, put] of change.replace) {
    const parts = text.split(find);
    if (parts.length !== 2) {
      throw new UsageError(where, `${JSON.stringify(find)} exactly once in the reference`, `${parts.length - 1} times`, {
        hint: 'formatting counts: copy the text from the reference file',
      });
    }
    text = parts.join(put);
  }
  return text;
}
