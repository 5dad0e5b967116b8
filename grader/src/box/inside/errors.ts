/** Describes what was thrown in the box as plain text; whatever was thrown, this does not throw. */
import type { BoxErrorCode, RemoteError } from '../types.ts';

/** Where the program's files seem to lie; Windows takes no file URL without a drive. */
export const root = process.platform === 'win32' ? 'file:///C:/box/' : 'file:///box/';

/** An error that the box itself raises about the learner's code, with the code that the grader shows. */
export class Refusal extends Error {
  readonly kind: BoxErrorCode;
  readonly help: string | undefined;

  constructor(kind: BoxErrorCode, message: string, help?: string) {
    super(message);
    this.kind = kind;
    this.help = help;
  }
}

/** What is thrown may be a Proxy, whose traps throw when it is asked what it is. */
export function asRefusal(thrown: unknown): Refusal | undefined {
  try {
    return thrown instanceof Refusal ? thrown : undefined;
  } catch {
    return undefined;
  }
}

export function describeError(thrown: unknown): RemoteError {
  const isObject = typeof thrown === 'object' && thrown !== null;
  const read = (key: string): unknown => {
    try {
      return isObject ? (thrown as Record<string, unknown>)[key] : undefined;
    } catch {
      return undefined;
    }
  };
  const text = (key: string): string | null => {
    const value = read(key);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const stack = text('stack') ?? '';
  const refusal = asRefusal(thrown);
  const hint = refusal ? (refusal.help ?? null) : text('hint');
  const own = stack.split('\n').filter((line) => line.includes(root));
  return {
    name: text('name') ?? (isObject ? 'Error' : `thrown ${typeof thrown}`),
    code: text('code'),
    message: text('message') ?? (isObject ? '' : safeString(thrown)),
    hint,
    at: placeIn(stack),
    stack: own.length > 0 ? own.map((line) => line.replace(/file:\/\/\/(?:C:\/)?box\/(exercise\/|modules\/)?/, '')).join('\n') : null,
  };
}

/** 'attention.ts:12' from a stack: the first line of the learner's own code in it, else of any code in the box. */
export function placeIn(stack: string): string | null {
  const found =
    /file:\/\/\/(?:C:\/)?box\/exercise\/([^\s?#)]+?):(\d+)/.exec(stack) ??
    /file:\/\/\/(?:C:\/)?box\/(?:modules\/|boxed\/)([^\s?#)]+?):(\d+)/.exec(stack);
  return found ? `${decodeURIComponent(found[1]!)}:${found[2]}` : null;
}

function safeString(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'a value without a text';
  }
}
