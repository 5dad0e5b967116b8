/** What a hidden suite is made of, as data: the judge runs it, vitest runs it, verify counts its points. */

import type { Asset } from '../assets/asset.ts';
import type { TensorValue, Value } from '../box/values.ts';
import type { Random } from './random.ts';

/** What the box says of its last call: feedback, never trusted. */
export interface Stats {
  readonly tensorsKept: number;
  readonly bytesKept: number;
  readonly kernels: Readonly<Record<string, number>>;
  readonly inputsChanged: boolean;
}

/**
 * The exports of a program in its box. Every export is an async method of its own name (a class constructs and gives an object whose methods are async),
 * and besides: `grad(name, args, { wrt, output?, upstream? }): Promise<TensorValue[]>`, `stats(): Stats`, and `keep(value)`: a handle of a large value that
 * stays in the box until the end of the test (or its `release()`), and that later calls take as an argument.
 * It is `any` because no type is known: what the code on the other side returns is what the test is there to find out.
 */
// biome-ignore lint/suspicious/noExplicitAny: an index signature would make every call `possibly undefined`, and the results are unknown by nature
export type Subject = any;

/** Under this key a subject tells when its program can do no more before something that it waits for happens. A registered symbol: a packed module may bring a second copy of this file. */
export const settledKey = Symbol.for('llm-ladder.suite.settled');

export interface GradOptions {
  /** Arguments to differentiate by: an index, or a path into one such as '2.Wq'. */
  readonly wrt: readonly (number | string)[];
  /** Which field of the result, where the function returns an object of tensors. */
  readonly output?: string;
  /** The gradient that flows in, of the output's shape; ones when absent. */
  readonly upstream?: TensorValue;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON as it lies on disk, or named tensors; the test knows which
export type Golden = any;

export interface TestContext {
  readonly learner: Subject;
  readonly reference: Subject;
  /** `fixtures/<name>.safetensors` as named tensors, or `fixtures/<name>.json`. */
  readonly golden: (name: string) => Promise<Golden>;
  /** A model that `requires` names, from the cache of `ladder model`: its files are read here, outside the box. */
  readonly asset: (name: string) => Asset;
  readonly random: Random;
}

export interface TestOptions {
  readonly points: number;
  /** The name in Chinese. */
  readonly zh: string;
  /** The one test without which no other earns points. */
  readonly gate?: boolean;
  /** Learner's time in all calls of this test; 5000 unless told. */
  readonly timeoutMs?: number;
  /** The test trains: it runs after all others, shows how long it has been at it, and is never run for a hint. */
  readonly trains?: boolean;
  /** The check rests on the box's own word: at most one point, and none under --strict. */
  readonly untrusted?: boolean;
  /** What this test needs of the machine beyond its exercise: `['model:minilm']`. It is not run where that is absent. */
  readonly requires?: readonly string[];
}

export type TestFunction = (context: TestContext) => void | Promise<void>;

interface ThresholdBase {
  readonly points: number;
  readonly zh: string;
  readonly on?: 'gpu';
  /** As in TestOptions. */
  readonly requires?: readonly string[];
}

/** How a threshold uses the program: an export by name, or a function of its own. */
export interface Work {
  readonly call?: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are whatever `inputs` returned
  readonly run?: (subject: Subject, inputs: any, random: Random) => Promise<Value>;
}

export interface Checked {
  readonly close?: { readonly rtol?: number; readonly atol?: number; readonly output?: string };
  // biome-ignore lint/suspicious/noExplicitAny: what came back is unknown by nature
  readonly check?: (got: any, expected: any, inputs: any) => void;
}

export interface RatioOptions extends ThresholdBase, Work, Checked {
  readonly kind: 'ratio';
  /** Learner's throughput as a part of the reference's. */
  readonly atLeast: number;
  readonly of: 'reference';
  readonly inputs: (random: Random, scale: number) => readonly Value[];
}

export interface GrowthOptions extends ThresholdBase, Work, Checked {
  readonly kind: 'growth';
  /** time(2n) / time(n). */
  readonly atMost: number;
  readonly inputs: (random: Random, n: number) => readonly Value[];
  readonly n: number;
}

export interface MemoryOptions extends ThresholdBase, Work, Checked {
  readonly kind: 'memory';
  /** Peak bytes of the process over its baseline, as a part of the naive control's. */
  readonly atMost: number;
  readonly of: 'naive';
  readonly inputs: (random: Random) => readonly Value[];
}

export interface CallsOptions extends ThresholdBase {
  readonly kind: 'calls';
  readonly atMost: number;
  /** Counts what the grader itself sees: calls of a callback, tokens on the pipe. */
  readonly count: (context: TestContext) => Promise<number>;
}

export interface KernelsOptions extends ThresholdBase {
  readonly kind: 'kernels';
  readonly points: 0 | 1;
  readonly atMost: Readonly<Record<string, number>>;
  readonly call: string;
  readonly inputs: (random: Random) => readonly Value[];
}

export interface RooflineOptions extends ThresholdBase, Work, Checked {
  readonly kind: 'roofline';
  readonly on: 'gpu';
  /** Part of the FLOP/s of a large matmul, or of the bytes/s of a large copy, on this very device. */
  readonly atLeast: number;
  readonly of: 'matmul' | 'copy';
  readonly inputs: (random: Random, scale: number) => readonly Value[];
  /** FLOPs (matmul) or bytes moved (copy) of one call. */
  // biome-ignore lint/suspicious/noExplicitAny: inputs are whatever `inputs` returned
  readonly work: (inputs: any) => number;
}

export type PerformanceOptions = RatioOptions | GrowthOptions | MemoryOptions | CallsOptions | KernelsOptions | RooflineOptions;

/** What a common check looks at. */
export type CommonCheck = 'tensors' | 'inputs' | 'rows' | 'step' | 'gradients' | 'twice' | 'state';

/** A test that `common` made: from it follows a wrong solution that it must catch. */
export interface CommonTest {
  readonly check: CommonCheck;
  readonly export: string;
  readonly output?: string | undefined;
  /** The batch axis. */
  readonly axis?: number | undefined;
  /** False where the inputs have nothing that could be changed. */
  readonly canFail: () => boolean;
}

export interface SuiteTest {
  readonly common?: CommonTest | undefined;
  readonly kind: 'test';
  readonly name: string;
  readonly options: TestOptions;
  readonly fn: TestFunction;
}

export interface SuiteThreshold {
  readonly kind: 'performance';
  readonly name: string;
  readonly options: PerformanceOptions;
}

export type SuiteEntry = SuiteTest | SuiteThreshold;

export interface Suite {
  readonly file: string;
  readonly entries: readonly SuiteEntry[];
}
