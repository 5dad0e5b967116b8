/**
 * A report as the formats of other programs see it: one flat list, with names that are unique, text that is harmless, and points that add up.
 * What did not run or was inconclusive counts 0 of 0, so its points leave the total as they do in the report. An exercise without a verdict is one line of 0 of 0.
 */
import { lang, say } from '../format/words.ts';
import { plainLine, plainText } from './plain-text.ts';
import { type ExerciseReport, leavesTotal, type NotGraded, type Report, type Status, type TestReport } from './report.ts';

export interface WriterOptions {
  /** Path of an exercise's file from the repository's root, for annotations. */
  readonly fileOf?: (exerciseId: string) => string | undefined;
  /** Where a failure is shown whose message names no line: the first thing that the exercise exports. */
  readonly lineOf?: (exerciseId: string) => number | undefined;
}

export interface Line {
  readonly exercise: string;
  /** English, unique in its exercise and the same in every run: a key. */
  readonly name: string;
  /** The name in the reader's language. */
  readonly title: string;
  /** `error`: the program cannot be loaded. `not-gradable`: the grader failed at the exercise. `not-graded`: it was not reached. */
  readonly status: Status | 'error' | 'not-gradable' | 'not-graded';
  readonly kind: TestReport['kind'];
  readonly points: number;
  readonly maxPoints: number;
  /** Points that left the total. */
  readonly leftOut: number;
  /** Empty when there is nothing to say. */
  readonly message: string;
  readonly durationMs: number;
  /** Why a program could not be loaded. */
  readonly code?: string;
  /** Line of the learner's file that the message names. */
  readonly at?: number;
}

export interface Group {
  readonly id: string;
  readonly lines: readonly Line[];
}

/** The lines of every exercise, in order; those without a verdict come last. */
export function groupsOf(report: Report): readonly Group[] {
  return [...report.exercises.map(gradedGroup), ...report.notGraded.map(notGradedGroup)];
}

/** All lines, in order. */
export function linesOf(report: Report): readonly Line[] {
  return groupsOf(report).flatMap(({ lines }) => lines);
}

function gradedGroup({ id, rejected, tests }: ExerciseReport): Group {
  const unique = uniqueNames();
  const exercise = plainLine(id);
  const lines: Line[] = [];
  if (rejected) {
    const message = plainText(rejected.reason).trim() || plainLine(rejected.code);
    const title = say({ en: 'the program loads', zh: '程序可以加载' });
    lines.push({
      ...empty(exercise),
      name: unique('the program loads'),
      title,
      status: 'error',
      message,
      code: plainLine(rejected.code),
      ...placeIn(message),
    });
  }
  for (const test of tests) {
    const message = plainText(test.message ?? '').trim() || (test.status === 'waiting' ? waitingText() : '');
    const out = leavesTotal(test);
    lines.push({
      exercise,
      name: unique(plainLine(test.name)),
      title: plainLine(lang() === 'zh' && test.zh ? test.zh : test.name),
      status: test.status,
      kind: test.kind,
      points: out ? 0 : test.points,
      maxPoints: out ? 0 : test.maxPoints,
      leftOut: out ? test.maxPoints : 0,
      message,
      durationMs: test.durationMs,
      ...placeIn(message),
    });
  }
  return { id: exercise, lines };
}

function notGradedGroup({ id, reason }: NotGraded): Group {
  const exercise = plainLine(id);
  const message = reason === null ? say({ en: 'not graded yet', zh: '尚未评分' }) : plainText(reason).trim();
  const title = say({ en: 'the exercise is graded', zh: '本题完成评分' });
  const status = reason === null ? 'not-graded' : 'not-gradable';
  return { id: exercise, lines: [{ ...empty(exercise), name: 'the exercise is graded', title, status, message }] };
}

function empty(exercise: string): Omit<Line, 'name' | 'title' | 'status' | 'message'> {
  return { exercise, kind: 'test', points: 0, maxPoints: 0, leftOut: 0, durationMs: 0 };
}

function waitingText(): string {
  return say({ en: 'not judged: something before it fails', zh: '未评判：前面的项目没有通过' });
}

/** The line of a place such as `attention.ts:12` in a message. */
function placeIn(message: string): { at?: number } {
  const line = Number(/\.ts:(\d{1,6})/.exec(message)?.[1]);
  return line > 0 ? { at: line } : {};
}

/** Cleaning may make two names one: the second becomes `name (2)`. */
function uniqueNames(): (name: string) => string {
  const taken = new Set<string>();
  return (name) => {
    let unique = name;
    for (let turn = 2; taken.has(unique); turn++) unique = `${name} (${turn})`;
    taken.add(unique);
    return unique;
  };
}
