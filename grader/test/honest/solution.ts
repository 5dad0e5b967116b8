/** An honest solution that looks odd: what it is, and its files. The solution handed out lies beside it as honest.ts. */
export interface Honest {
  readonly name: string;
  readonly exercise: string;
  readonly files: Readonly<Record<string, string>>;
}

const HEAD = `import { tf } from '@llm-ladder/backend';\nimport { ShapeError, UsageError } from '@llm-ladder/backend/errors';\nvoid [ShapeError, UsageError];\n`;

/** A list of one-file solutions of one exercise, from a name and a text each. */
export function solutionsOf(exercise: string, file: string, texts: Readonly<Record<string, string>>): Honest[] {
  return Object.entries(texts).map(([name, text]) => ({ name, exercise, files: { [file]: HEAD + text } }));
}
