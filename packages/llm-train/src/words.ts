/** Text in both languages of the course, and the errors that are written in it. */
import { UsageError } from '@llm-ladder/backend/errors';

export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** `where: expected rule, got values`, in both languages; a string is the same in both. */
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
