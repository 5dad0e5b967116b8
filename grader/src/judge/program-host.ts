/** The learner's program in its box: opened when needed, replaced when it died, with the time that is left to it. */
import { LearnerError } from '@llm-ladder/backend/errors';
import type { Box, ExportKind, Limits, Program } from '../box/types.ts';
import type { Exercise } from '../catalog/types.ts';
import { say } from '../format/words.ts';
import { type JudgeOptions, OUTPUT_BYTES, openWith } from './options.ts';
import type { SubjectHost } from './subject.ts';

export const TEST_TIMEOUT_MS = 5000;

export class ProgramHost implements SubjectHost {
  readonly who = 'learner';
  readonly entry: string;
  readonly asyncExports: readonly string[];
  readonly #program: Program;
  readonly #options: JudgeOptions;
  readonly #limits: Limits;
  #spare: Box | undefined;
  #loaded: Promise<{ box: Box; exports: Record<string, ExportKind> }> | undefined;
  #box: Box | undefined;
  #exerciseMs: number;
  #testMs = TEST_TIMEOUT_MS;

  constructor(exercise: Exercise, program: Program, options: JudgeOptions) {
    const { limits, file, async: asyncExports = [] } = exercise.manifest;
    this.entry = file;
    this.asyncExports = asyncExports;
    this.#program = program;
    this.#options = options;
    this.#limits = { ...limits, outputBytes: OUTPUT_BYTES };
    this.#exerciseMs = limits.timeMs;
    this.#spare = options.box;
  }

  /** The living box with the program loaded. LearnerError when the program cannot be loaded. */
  open(): Promise<{ box: Box; exports: Record<string, ExportKind> }> {
    if (this.#exerciseMs <= 0) return Promise.reject(outOfTime(this.#limits.timeMs));
    if (this.#box && !this.#box.alive) this.#loaded = undefined;
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  /** The time that a test has, in milliseconds. */
  testLimitMs(test: string, timeoutMs = TEST_TIMEOUT_MS): number {
    const { testTimeoutMs = Number.POSITIVE_INFINITY } = this.#options;
    return Math.min(timeoutMs, typeof testTimeoutMs === 'function' ? testTimeoutMs(test) : testTimeoutMs);
  }

  startTest(test: string, timeoutMs?: number): void {
    this.#testMs = this.testLimitMs(test, timeoutMs);
  }

  /** Time for what comes after the tests: thresholds do not live on what the tests left over. */
  grant(ms: number): void {
    this.#exerciseMs = Math.max(this.#exerciseMs, ms);
    if (this.#box?.alive) this.#box.setLimits({ ...this.#limits, timeMs: this.#exerciseMs });
  }

  /** True when the last call used up the exercise's time rather than the test's. */
  get exhausted(): boolean {
    return this.#exerciseMs <= 0;
  }

  /** False when the last call ended the process. */
  get alive(): boolean {
    return this.#box?.alive ?? false;
  }

  get limitMs(): number {
    return this.#limits.timeMs;
  }

  timeLeft(): number {
    return Math.max(1, Math.min(this.#testMs, this.#exerciseMs));
  }

  spent(wallMs: number): void {
    this.#testMs -= wallMs;
    this.#exerciseMs -= wallMs;
  }

  async close(): Promise<void> {
    await this.#loaded?.catch(() => undefined);
    await Promise.all([this.#spare?.close(), this.#box?.close()]);
    this.#spare = this.#box = this.#loaded = undefined;
  }

  async #load(): Promise<{ box: Box; exports: Record<string, ExportKind> }> {
    this.#options.signal?.throwIfAborted();
    const limits = { ...this.#limits, timeMs: Math.max(1, Math.ceil(this.#exerciseMs)) };
    const dead = this.#box;
    const box = this.#spare?.alive ? this.#spare : await openWith(this.#options, limits);
    this.#spare = undefined;
    this.#box = box;
    await dead?.close();
    box.setLimits(limits);
    const started = performance.now();
    try {
      return { box, exports: await box.load(this.#program) };
    } finally {
      this.#exerciseMs -= performance.now() - started;
    }
  }
}

function outOfTime(limitMs: number): LearnerError {
  const seconds = limitMs / 1000;
  return new LearnerError(
    'time-limit',
    say({ en: `no time left: the tests of this exercise have ${seconds} s together`, zh: `时间用完了：本题所有测试共 ${seconds} 秒` }),
  );
}
