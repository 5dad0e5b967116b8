/** What the parts of verify share, and what they find out. */
import type { BoxBackend, Driver } from '../../box/types.ts';
import type { Exercise } from '../../catalog/types.ts';
import type { OpenBox } from '../../judge/options.ts';

export interface VerifyExercise {
  readonly id: string;
  /** Everything ran: it was asked for, or what the exercise is made of is not what the last full verification saw. */
  readonly full: boolean;
  /** `not-run`: this machine lacks what the gate test requires, so nothing was proved. */
  readonly solution: 'passed' | 'failed' | 'not-run';
  readonly stub: 'failed' | 'passed' | 'not-run';
  /** What this machine lacks for some of the tests or all: `['model:minilm']`. A problem, unless it was allowed. */
  readonly missing: readonly string[];
  readonly controls: readonly { readonly name: string; readonly score: number }[];
  /** Each mutant with the tests that fail on it; where the run was not full, of those that it names. */
  readonly mutants: readonly { readonly name: string; readonly killedBy: readonly string[] }[];
  /** Tests that fail on no mutant. */
  readonly idleTests: readonly string[];
  /** Mutants and naive controls that nothing catches. */
  readonly survivors: readonly string[];
  /** Thresholds that noise left open, of the solution or of a naive control: listed, and no fault. */
  readonly inconclusive: readonly string[];
  readonly problems: readonly string[];
  /** How long it took, beside the other exercise that was checked at the same time; thresholds are timed alone. */
  readonly ms: { readonly tests: number; readonly thresholds: number };
  /** Only where it was asked for. */
  readonly generated?: GeneratedReport;
}

/** What became of the mutants that nobody wrote. */
export interface GeneratedReport {
  /** How many there are, and how many of them ran (fewer for a sample). */
  readonly made: number;
  readonly ran: number;
  readonly killed: number;
  /** Survivors with a written reason. */
  readonly excused: number;
  /** Killed of those that ran and are not excused, from 0 to 1. */
  readonly rate: number;
  /** Test -> how many it was the first to kill. */
  readonly killers: Readonly<Record<string, number>>;
  readonly survivors: readonly {
    readonly key: string;
    readonly line: number;
    /** Why it may live, from mutants.ts. */
    readonly reason: string | null;
  }[];
}

export interface VerifyReport {
  readonly version: 1;
  readonly ok: boolean;
  readonly exercises: readonly VerifyExercise[];
}

export interface VerifyProgress {
  readonly exercise: string;
  /** What begins now: 'solution', 'stub', 'mutant no 1/sqrt(K)', 'threshold ...'. */
  readonly step: string;
  /** Exercises whose part is done, of how many; thresholds follow when all tests are done. */
  readonly done: number;
  readonly total: number;
}

export interface VerifyOptions {
  /** Only these exercises. */
  readonly filter?: (exercise: Exercise) => boolean;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Leaves nothing out: every mutant meets every test with a learner's time, every threshold is measured alone and by the whole rule. */
  readonly full?: boolean;
  /** Runs in full and writes derived.json: points, patterns, calibration, and the hash of what was verified. */
  readonly write?: boolean;
  /** With `write`: a README.zh.md that did not change holds for the README.md that did. */
  readonly translated?: boolean;
  /** Also runs generated mutants: all of them, or as many of each exercise as `sample` says, drawn by `seed`. */
  readonly generate?: { readonly sample?: number | undefined; readonly seed?: string | undefined } | undefined;
  /** Exercises and tests that lack a model are listed as not run instead of being a problem. */
  readonly allowMissing?: boolean;
  /** False leaves the thresholds out (for a quick look while writing tests). */
  readonly thresholds?: boolean;
  readonly driver?: Driver;
  readonly backend?: BoxBackend;
  readonly signal?: AbortSignal;
  /** Opens boxes another way, for tests. */
  readonly open?: OpenBox;
}

/** What the parts of verify share. */
export interface VerifySetup {
  readonly driver: Driver;
  readonly backend: BoxBackend;
  /** Boxes for tests: warm ones. */
  readonly open: OpenBox;
  /** Boxes for what is timed: fresh ones, each with the heap of its exercise. */
  readonly openAlone: OpenBox;
  /** Every exercise runs in full. */
  readonly full: boolean;
  readonly write: boolean;
  readonly allowMissing: boolean;
  readonly translated: boolean;
  /** Thresholds are looked at too. */
  readonly thresholds: boolean;
  readonly generate: VerifyOptions['generate'];
  readonly signal: AbortSignal | undefined;
  readonly step: (step: string) => void;
  /** Runs something that takes a processor, when one is free. */
  readonly slot: <T>(run: () => Promise<T>) => Promise<T>;
}

/** What one part found out. */
export interface Findings {
  full: boolean;
  solution: VerifyExercise['solution'];
  stub: VerifyExercise['stub'];
  missing: readonly string[];
  readonly controls: { name: string; score: number }[];
  readonly mutants: { name: string; killedBy: string[] }[];
  readonly idleTests: string[];
  readonly survivors: string[];
  readonly inconclusive: string[];
  readonly problems: string[];
  readonly ms: { tests: number; thresholds: number };
  generated?: GeneratedReport;
}
