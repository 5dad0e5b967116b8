/** Runs one hidden test against a learner's program. */
import { GraderError, LadderError } from '@llm-ladder/backend/errors';
import { openAsset } from '../assets/asset.ts';
import { requirementsOf } from '../assets/required.ts';
import { BoxError } from '../box/types.ts';
import type { Exercise } from '../catalog/types.ts';
import { say } from '../format/words.ts';
import type { TestReport } from '../report/report.ts';
import { loadGolden } from '../suite/golden.ts';
import { Random } from '../suite/random.ts';
import type { SuiteEntry, SuiteTest, TestContext } from '../suite/types.ts';
import { callLine, failureMessage, hasInputs, isNotWritten, seedLine, tookTooLong } from './messages.ts';
import type { ProgramHost } from './program-host.ts';
import type { ReferenceHost } from './reference-host.ts';
import { makeSubject, type SubjectHost } from './subject.ts';

export interface Hosts {
  readonly learner: ProgramHost;
  readonly reference: ReferenceHost;
}

/** A test's context, and what to do with it when the test is over. */
export interface OpenContext {
  readonly context: TestContext;
  /** Runs a test's function. An assertion that failed inside a callback is what it throws, even where the learner's code or the test swallowed the refusal. */
  readonly run: <T>(work: (context: TestContext) => T | Promise<T>) => Promise<T>;
  readonly usedRandom: () => boolean;
  /** The last call of the learner's program as text; undefined before the first. */
  readonly lastCall: () => string | undefined;
  readonly close: () => Promise<void>;
}

/** Fixtures for one test or threshold; the random numbers depend on the seed and on the names only. */
export function openContext(
  exercise: Exercise,
  hosts: { readonly learner: SubjectHost; readonly reference: SubjectHost },
  seed: string,
  entry: Pick<SuiteEntry, 'name'> & { readonly options: Pick<SuiteEntry['options'], 'requires'> },
): OpenContext {
  const required = requirementsOf(exercise, entry);
  const learner = makeSubject(hosts.learner);
  const reference = makeSubject(hosts.reference);
  let random: Random | undefined;
  const context: TestContext = {
    learner: learner.subject,
    reference: reference.subject,
    golden: (fixture) => loadGolden(exercise.courseDir, fixture),
    asset: (name) => openAsset(name, required),
    get random() {
      random ??= Random.for(seed, exercise.id, entry.name);
      return random;
    },
  };
  const kept = (): { readonly error: unknown } | undefined => reference.kept() ?? learner.kept();
  return {
    context,
    run: async (work) => {
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work(context);
      } catch (error) {
        throw (kept() ?? { error }).error;
      }
      const found = kept();
      if (found) throw found.error;
      return result;
    },
    usedRandom: () => random !== undefined,
    lastCall: learner.lastCall,
    close: async () => void (await Promise.all([learner.release(), reference.release()])),
  };
}

export interface TestOutcome {
  readonly report: TestReport;
  readonly notWritten: boolean;
}

/** One test, once. GraderError when the grader, the reference or a fixture is at fault. */
export async function runTest(exercise: Exercise, entry: SuiteTest, hosts: Hosts, seed: string): Promise<TestOutcome> {
  const started = performance.now();
  hosts.learner.startTest(entry.name, entry.options.timeoutMs);
  const { run, usedRandom, lastCall, close } = openContext(exercise, hosts, seed, entry);
  try {
    await run(entry.fn);
    return { report: testReport(entry, 'passed', { durationMs: performance.now() - started }), notWritten: false };
  } catch (error) {
    if (isOurs(error)) throw error;
    const notWritten = isNotWritten(error);
    const message = limitMessage(error, entry, hosts.learner) ?? failureMessage(error);
    const call = hasInputs(message) ? undefined : lastCall();
    const more = notWritten
      ? []
      : [...(call === undefined ? [] : [callLine(call)]), ...(usedRandom() ? [seedLine(exercise.id, seed)] : [])];
    const text = [message, ...more].join('\n');
    return { report: testReport(entry, 'failed', { message: text, durationMs: performance.now() - started }), notWritten };
  } finally {
    await close();
  }
}

/** Errors that must not cost a learner points. */
export function isOurs(error: unknown): boolean {
  return (
    error instanceof GraderError ||
    (LadderError.isInstance(error) && error.name === 'GraderError') ||
    (error as Error | null)?.name === 'AbortError'
  );
}

function limitMessage(error: unknown, { name, options }: SuiteTest, host: ProgramHost): string | undefined {
  if (!BoxError.isInstance(error) || error.code !== 'time-limit') return undefined;
  if (host.exhausted) {
    const seconds = host.limitMs / 1000;
    return say({ en: `took too long: the tests of this exercise have ${seconds} s together`, zh: `太慢：本题所有测试共 ${seconds} 秒` });
  }
  return tookTooLong(host.testLimitMs(name, options.timeoutMs));
}

/** A report line of an entry; points only for a pass. */
export function testReport(
  entry: SuiteEntry,
  status: TestReport['status'],
  {
    message = null,
    durationMs = 0,
    details,
    missing,
  }: {
    message?: string | null;
    durationMs?: number;
    details?: Record<string, number | string>;
    missing?: readonly string[];
  } = {},
): TestReport {
  const { name, kind, options } = entry;
  return {
    name,
    zh: options.zh,
    kind,
    status,
    points: status === 'passed' ? options.points : 0,
    maxPoints: options.points,
    message,
    durationMs: Math.round(durationMs * 10) / 10,
    ...(details ? { details } : {}),
    ...(missing ? { missing } : {}),
  };
}
