/**
 * The errors of LLM Ladder: one base and one class per reaction, not per function. Imports nothing, so that a stub can throw without loading TF.js.
 * A message reads `where: expected rule, got values`; the hint is the command or the page that helps.
 */

const marker = Symbol.for('llm-ladder.error');

export interface LadderErrorOptions {
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** The same in Chinese, for a command line that speaks it. */
  readonly zh?: { readonly message: string; readonly hint?: string | undefined } | undefined;
}

/** The base of every error that LLM Ladder throws on purpose. */
export class LadderError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  declare readonly zh: LadderErrorOptions['zh'];

  constructor(code: string, message: string, { hint, cause, zh }: LadderErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
    Object.defineProperty(this, marker, { value: true });
    Object.defineProperty(this, 'zh', { value: zh });
  }

  /** Tells a LadderError from any other value, also when two copies of this package are installed. */
  static isInstance(error: unknown): error is LadderError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

/** Someone called the command line or an API with words or values that it does not take. Exit code 2. */
export class UsageError extends LadderError {
  constructor(where: string, expected: string, got: string, options?: LadderErrorOptions) {
    super('usage', `${where}: expected ${expected}, got ${got}`, options);
  }
}

/** A tensor has a shape or a dtype that the function does not take. */
export class ShapeError extends LadderError {
  constructor(where: string, expected: string, got: string, options?: LadderErrorOptions) {
    super('shape', `${where}: expected ${expected}, got ${got}`, options);
  }
}

/** The learner's code broke a rule: it does not parse, imports what is not there, exits, or passes a limit. Costs points, never the run. */
export class LearnerError extends LadderError {}

/** The grader itself could not do its work. Exit code 3: the submission is not gradable, which is never a zero. */
export class GraderError extends LadderError {}

/** A backend is absent or cannot run on this machine; the hint says how to get it. */
export class BackendError extends LadderError {
  constructor(message: string, options?: LadderErrorOptions) {
    super('backend', message, options);
  }
}

/** A stub that nobody has filled in yet: a state of its own, not a failure. */
export class NotImplemented extends LadderError {
  readonly exercise: string;

  constructor(exercise: string) {
    super('not-implemented', `Not written yet: ${exercise}`, { hint: `ladder hint ${exercise}` });
    this.exercise = exercise;
  }
}

/** A text in both languages of the course. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** A UsageError in both languages, `where: expected rule, got values`; a string is the same in both. */
export function refused(
  where: string,
  expected: Words | string,
  got: Words | string,
  { hint, cause }: { readonly hint?: Words | string; readonly cause?: unknown } = {},
): UsageError {
  const [rule, values, help] = [both(expected), both(got), hint === undefined ? undefined : both(hint)];
  const zh = { message: `${where}：应为${rule.zh}，实为${values.zh}`, hint: help?.zh };
  return new UsageError(where, rule.en, values.en, { hint: help?.en, cause, zh });
}

function both(words: Words | string): Words {
  return typeof words === 'string' ? { en: words, zh: words } : words;
}
