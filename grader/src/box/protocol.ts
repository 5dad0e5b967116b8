/** What the two ends say to each other. Everything from the box is checked here before anyone uses it. */
import { FrameError } from './codec.ts';
import type { BoxErrorCode, BoxStats, Callable, ExportKind, RemoteError, Target } from './types.ts';
import { isPlainObject, type TensorValue } from './values.ts';

/** Sources as JavaScript (types already stripped), by the URL path below file:///box/. */
export interface LoadMessage {
  readonly exercise: string;
  readonly entry: string;
  readonly files: Readonly<Record<string, string>>;
  readonly modules: Readonly<Record<string, string>>;
  readonly boxed: string | null;
}

export interface GradMessage {
  readonly wrt: readonly (number | string)[];
  readonly output: string | null;
  readonly upstream: TensorValue | null;
}

/** What a callback threw. */
export interface ErrorReply {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
}

export type ToBox =
  | readonly ['practise', id: number]
  | readonly ['load', id: number, program: LoadMessage]
  | readonly ['call', id: number, target: Target, args: readonly unknown[]]
  | readonly ['grad', id: number, target: Callable, args: readonly unknown[], options: GradMessage]
  | readonly ['tests', id: number, files: Readonly<Record<string, string>>]
  | readonly ['release', handle: number]
  | readonly ['reply', sequence: number, ok: boolean, value: unknown] // an ErrorReply where it is not ok
  | readonly ['settle', id: number];

export type FromBox =
  | readonly ['ready', backend: string]
  | readonly ['done', id: number, value: unknown, wasPromise: boolean, stats: BoxStats]
  | readonly ['error', id: number, code: BoxErrorCode, error: RemoteError]
  | readonly ['callback', callback: number, sequence: number, args: readonly unknown[]]
  | readonly ['fault', error: RemoteError];

/** The codes that a box may use; limits are for the grader to find. */
const codesOfBox: readonly BoxErrorCode[] = ['threw', 'value', 'import', 'syntax'];

/** Checks the form of a message from a box; numbers, texts and lists are cut to size. Throws FrameError. */
export function parseFromBox(message: unknown): FromBox {
  if (!Array.isArray(message)) throw new FrameError('a message that is not a list');
  const [kind, a, b, c, d] = message as unknown[];
  if (kind === 'ready' && typeof a === 'string') return ['ready', text(a, 100) ?? ''];
  if (kind === 'done' && isId(a)) return ['done', a, b, c === true, statsOf(d)];
  if (kind === 'error' && isId(a)) {
    const code = codesOfBox.find((known) => known === b);
    if (code === undefined) throw new FrameError('an error without a known code');
    return ['error', a, code, remoteOf(c)];
  }
  if (kind === 'callback' && isId(a) && isId(b) && Array.isArray(c)) return ['callback', a, b, c];
  if (kind === 'fault') return ['fault', remoteOf(a)];
  throw new FrameError('an unknown message');
}

function statsOf(value: unknown): BoxStats {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const counts = firstEntries(given.kernels, 500);
  return {
    tensorsKept: finite(given.tensorsKept),
    bytesKept: finite(given.bytesKept),
    kernels: Object.fromEntries(counts.map(([name, count]) => [name.slice(0, 100), finite(count)])),
    inputsChanged: given.inputsChanged === true,
  };
}

/** Of a plain object alone: the entries of a long text or typed array would be as many objects. */
export function firstEntries(value: unknown, count: number): [string, unknown][] {
  return isPlainObject(value) ? Object.entries(value).slice(0, count) : [];
}

function remoteOf(value: unknown): RemoteError {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return {
    name: text(given.name, 100) ?? 'Error',
    code: text(given.code, 100),
    message: text(given.message, 8000) ?? '',
    hint: text(given.hint, 1000),
    at: text(given.at, 300),
    stack: text(given.stack, 8000),
  };
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function finite(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

// Control characters would let a message repaint the grader's terminal.
function text(value: unknown, length: number): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return typeof value === 'string' ? value.slice(0, length).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '') : null;
}

/** What a loaded program exports, of what the box says that it does. */
export function exportKinds(value: unknown): Record<string, ExportKind> {
  const kinds: readonly unknown[] = ['function', 'class', 'value'];
  // `export { f as 'any text' }` is a name too, and one that would be shown.
  const isName = (name: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]{0,99}$/u.test(name);
  const entries = firstEntries(value, 10_000).filter(([name, kind]) => isName(name) && kinds.includes(kind));
  return Object.fromEntries(entries) as Record<string, ExportKind>;
}
