/** What the kinds of thresholds are given, and what they answer. */
import type { Program } from '../../box/types.ts';
import type { Exercise } from '../../catalog/types.ts';
import type { Words } from '../../format/words.ts';
import type { JudgeOptions } from '../options.ts';
import type { Hosts } from '../run-test.ts';
import type { Bound, Decision } from './verdict.ts';

/** What every kind of threshold works with. */
export interface ThresholdRun {
  readonly exercise: Exercise;
  readonly program: Program;
  readonly hosts: Hosts;
  readonly seed: string;
  readonly options: JudgeOptions;
  /** 1 on a CPU; on a GPU inputs grow with the memory of the device. */
  readonly scale: number;
  /** Three pairs, beside other work: the author gate's first look. */
  readonly quick: boolean;
  referenceProgram(): Promise<Program>;
  referenceText(): Promise<string>;
}

export interface Measured {
  readonly decision: Exclude<Decision, 'more'>;
  readonly details: Record<string, number | string>;
  readonly bound: Bound;
  /** The number to show; the median of the details when absent. */
  readonly figure?: number;
  /** What the number is, read after it. */
  readonly what: Words;
}
