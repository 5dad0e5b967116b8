/** The likely cause of a failure: the mutants that fail the same tests and, where several do, with the same figures. */
import { readFile } from 'node:fs/promises';
import { programFor } from '../catalog/program.ts';
import type { Exercise } from '../catalog/types.ts';
import type { Patterns } from '../format/derived.ts';
import { applyChange, type Mutant } from '../format/mutants.ts';
import type { Words } from '../format/words.ts';
import type { TestReport } from '../report/report.ts';
import { smallestCase } from '../suite/drawn.ts';
import { lastCall } from '../suite/literal.ts';
import type { SuiteTest } from '../suite/types.ts';
import type { JudgeOptions } from './options.ts';
import { allMutants, readPatterns } from './patterns.ts';
import { ProgramHost } from './program-host.ts';
import { type Hosts, runTest } from './run-test.ts';

/** One test that ran against the program, and how it ended. */
export interface Known {
  readonly entry: SuiteTest;
  readonly report: TestReport;
}

export interface DiagnosisRun {
  readonly exercise: Exercise;
  readonly hosts: Hosts;
  readonly seed: string;
  readonly options: JudgeOptions;
}

/** More causes than this explain nothing. */
const MOST_CAUSES = 2;
/** More than this share too little with the program: only a test or two could be run. */
const MOST_CANDIDATES = 8;
const TESTS_TO_COMPARE = 3;
const COMPARE_MS = 4000;
const MUTANT_TEST_MS = 1500;

/** What the failures look like: no words, or those of one or two mutants. */
export async function likelyCauses(known: readonly Known[], run: DiagnosisRun): Promise<readonly Words[]> {
  const patterns = await readPatterns(run.exercise);
  if (!patterns) return [];
  const names = matching(patterns, known);
  if (names.length === 0) return [];
  const { mutants } = await allMutants(run.exercise);
  const candidates = mutants.filter(({ name }) => names.includes(name));
  const alike = candidates.length > 1 ? await withSameFigures(candidates, known, run) : candidates;
  const found = alike.length > 0 ? alike : candidates;
  return found.length > MOST_CAUSES ? [] : found.map(({ looksLike }) => looksLike);
}

/** Names of the mutants that fail the failing tests and no other of those that ran. Of tests that train a pattern knows only the ones that its mutant names. */
function matching(patterns: Patterns, known: readonly Known[]): string[] {
  const failing = known.filter(({ report }) => report.status === 'failed').map(({ report }) => report.name);
  const agrees = (pattern: readonly string[]): boolean =>
    known.every(({ entry, report }) => {
      const fails = report.status === 'failed';
      return fails === pattern.includes(entry.name) || (entry.options.trains && fails);
    }) && pattern.some((name) => failing.includes(name));
  return Object.keys(patterns).filter((name) => agrees(patterns[name]!));
}

/**
 * Runs the first failing tests against each mutant, on the same inputs: the same mistake gives the same wrong numbers.
 * A mutant whose own numbers change from run to run (it draws them) is taken where no other agrees.
 */
async function withSameFigures(candidates: readonly Mutant[], known: readonly Known[], run: DiagnosisRun): Promise<Mutant[]> {
  const { exercise, options } = run;
  const failing = known.filter(({ entry, report }) => report.status === 'failed' && !entry.options.trains).slice(0, TESTS_TO_COMPARE);
  if (failing.length === 0 || candidates.length > MOST_CANDIDATES) return [];
  const { box: _box, secondBox: _second, ...others } = options;
  const reference = await readFile(exercise.referenceFile, 'utf8');
  const until = performance.now() + COMPARE_MS;
  const alike: Mutant[] = [];
  const unsteady: Mutant[] = [];
  for (const mutant of candidates) {
    if (performance.now() > until) return [];
    options.signal?.throwIfAborted();
    const program = await programFor(exercise, { referenceText: applyChange(reference, mutant, `mutants.ts: '${mutant.name}'`) });
    const learner = new ProgramHost(exercise, program, { ...others, testTimeoutMs: MUTANT_TEST_MS });
    const stop = (): void => void learner.close();
    options.signal?.addEventListener('abort', stop, { once: true }); // a newer save must not wait for this
    try {
      const messageOf = async ({ entry }: Known): Promise<string | null> =>
        (await runTest(exercise, entry, { ...run.hosts, learner }, run.seed)).report.message;
      let kind = alike;
      for (const one of failing) {
        const message = await messageOf(one);
        if (sameFigures(message, one.report.message)) continue;
        kind = sameFigures(message, await messageOf(one)) ? [] : unsteady;
        break;
      }
      kind.push(mutant);
    } finally {
      options.signal?.removeEventListener('abort', stop);
      await learner.close();
    }
  }
  return alike.length > 0 ? alike : unsteady;
}

/** True for two messages with the same words and, up to rounding, the same numbers; where the code threw does not count. */
export function sameFigures(a: string | null, b: string | null): boolean {
  const [first, second] = [a, b].map((message) =>
    withoutSearch(message ?? '')
      .replace(/ \(\S+:\d+\)/g, '')
      .split(NUMBERS),
  );
  if (first!.length !== second!.length) return false;
  return first!.every((part, i) => {
    const other = second![i]!;
    if (part === other) return true;
    const [x, y] = [Number(part), Number(other)];
    return i % 2 === 1 && Math.abs(x - y) <= 1e-4 + 1e-2 * Math.abs(y);
  });
}

/** Inputs are no figures of the mistake; how small the smallest failing case is depends on how slow the moment was. */
function withoutSearch(message: string): string {
  return [smallestCase, lastCall].flatMap(({ en, zh }) => [en, zh]).reduce((text, begin) => text.split(`\n${begin}`)[0]!, message);
}

// With a group, split keeps the numbers, at odd places.
const NUMBERS = /(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/i;
