/** What the judge sees of a box: the program that goes in, the calls, and what comes back. */
import { LearnerError } from '@llm-ladder/backend/errors';
import type { TensorValue, Value } from './values.ts';

/** Sources of one exercise as text: nothing else of the file system exists for the code in a box. */
export interface Program {
  readonly exercise: string; // 'transformer/sdpa'
  readonly entry: string; // 'attention.ts'
  readonly files: Readonly<Record<string, string>>; // the learner's folder, relative path -> source text
  readonly modules: Readonly<Record<string, string>>; // what `needs` allows: '@llm-ladder/transformer/attention' -> TypeScript
  readonly boxed?: string; // source of boxed.ts
}

export type Driver = 'plain' | 'permission' | 'uid' | 'bubblewrap';

/** Device that runs the maths in a box. */
export type BoxBackend = 'wasm' | 'cpu' | 'tensorflow' | 'webgpu';

export interface Limits {
  /** Wall time of all calls together, in milliseconds. */
  readonly timeMs: number;
  /** Resident memory of the process, in MiB. */
  readonly memoryMb: number;
  /** Bytes that the learner's code may print. */
  readonly outputBytes: number;
}

export type Callable = { readonly export: string } | { readonly handle: number; readonly method: string };
/** What a call runs; with `keep` nothing: its one argument stays in the box, and the result is the handle of that. */
export type Target = Callable | { readonly keep: true };

/** What the box says about itself: feedback, never evidence. */
export interface BoxStats {
  readonly tensorsKept: number;
  readonly bytesKept: number;
  readonly kernels: Readonly<Record<string, number>>;
  readonly inputsChanged: boolean;
}

export interface CallResult {
  readonly value: Value;
  /** Measured by the grader around the round trip. */
  readonly wallMs: number;
  /** The function returned a Promise (which was awaited). */
  readonly wasPromise: boolean;
  readonly stats: BoxStats;
}

export interface GradOptions {
  /** Arguments by position, or paths into them: 2, '2.Wq'. */
  readonly wrt: readonly (number | string)[];
  /** Path of the tensor in the returned object. */
  readonly output?: string;
  /** Gradient of the output; ones without it. */
  readonly upstream?: TensorValue;
  readonly timeoutMs?: number;
}

export type ExportKind = 'function' | 'class' | 'value';

export interface VisibleTestResult {
  readonly file: string;
  /** Names of the describes and of the test, joined by ' > '. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped' | 'todo';
  readonly message: string | null;
  /** The test ended in NotImplemented. */
  readonly notWritten: boolean;
  readonly at: string | null;
  readonly durationMs: number;
}

/** The learner's process. Every method that waits throws BoxError when the code throws or breaks a limit; a box that broke one is dead. */
export interface Box {
  readonly driver: Driver;
  /** Of the process that runs the learner's code, as this machine counts. */
  readonly pid: number;
  readonly backend: string;
  readonly alive: boolean;
  /** One round of the commonest ops, so that what comes after finds them compiled; only before `load`. Its time is nobody's. */
  practise(): Promise<void>;
  load(program: Program): Promise<Record<string, ExportKind>>;
  call(target: Target, args: readonly Value[], options?: { readonly timeoutMs?: number }): Promise<CallResult>;
  grad(target: Callable, args: readonly Value[], options: GradOptions): Promise<CallResult>;
  runVisibleTests(files: Readonly<Record<string, string>>, options?: { readonly timeoutMs?: number }): Promise<VisibleTestResult[]>;
  /** Resolves when the learner's code has done all that it can do before something that it waits for happens. */
  settled(): Promise<void>;
  /** Lets go of a handle and disposes the tensors that only it kept. */
  release(handle: number): void;
  /** What the learner's code printed so far, cut at the limit. */
  output(): string;
  /** Highest resident memory so far, read from outside. */
  peakMemoryBytes(): Promise<number>;
  /** Stops the process (SIGSTOP) while it is not its turn; nothing happens on Windows. */
  pause(): void;
  resume(): void;
  /** Other limits from now on, for a box that was opened before its exercise was known. The heap's cap stays. */
  setLimits(limits: Limits): void;
  close(): Promise<void>;
}

export type BoxErrorCode =
  | 'threw' // the learner's function threw: `remote` says what
  | 'time-limit'
  | 'memory-limit'
  | 'output-limit'
  | 'process-limit'
  | 'disk-limit'
  | 'exited' // process.exit, a crash, an unhandled rejection
  | 'import' // an import that the exercise does not allow
  | 'syntax'
  | 'protocol' // garbage or oversized frames
  | 'value'; // something that cannot cross

/** An error as the box described it. */
export interface RemoteError {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
  /** 'attention.ts:12', where the learner's code threw. */
  readonly at: string | null;
  readonly stack: string | null;
}

/** The learner's code threw, broke a limit or cannot be loaded. */
export class BoxError extends LearnerError {
  declare readonly code: BoxErrorCode;
  readonly remote: RemoteError | undefined;

  constructor(code: BoxErrorCode, message: string, options: { readonly hint?: string | undefined; readonly remote?: RemoteError } = {}) {
    super(code, message, { hint: options.hint });
    this.remote = options.remote;
  }
}
