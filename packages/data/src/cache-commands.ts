/** What `ladder data` and `ladder model` have in common. */
import { refused, type Words } from '@llm-ladder/backend/errors';

export interface Say {
  readonly say: (words: Words) => string;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The bytes of a limit in megabytes; undefined where there is none. UsageError, of `command`, for what is no number of them. */
export function bytesOf(megabytes: string | undefined, command: string): number | undefined {
  if (megabytes === undefined) return undefined;
  const bytes = Math.round(Number(megabytes) * 1e6);
  if (megabytes.trim() !== '' && bytes > 0 && bytes < 1e12) return bytes;
  throw refused(
    `${command} --max-mb`,
    { en: 'a number above 0, below a million', zh: '大于 0、小于一百万的数' },
    JSON.stringify(megabytes),
  );
}

/** Says of each name whether it went just now. */
export function printRemoved(names: readonly string[], gone: readonly string[], { say }: Say): void {
  for (const name of new Set(names)) {
    print(
      gone.includes(name)
        ? say({ en: `${name}: removed`, zh: `${name}：已删除` })
        : say({ en: `${name}: was not here`, zh: `${name}：本来就没有` }),
    );
  }
}
