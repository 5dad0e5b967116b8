/** The verdict on one program: gate first, then the other tests, then the thresholds. Knows nothing of processes. */
import { GraderError, LearnerError } from '@llm-ladder/backend/errors';
import { absentByTest, notHere } from '../assets/required.ts';
import type { Program } from '../box/types.ts';
import type { Exercise } from '../catalog/types.ts';
import { say, type Words } from '../format/words.ts';
import { type ExerciseReport, makeExerciseReport, type Rejection, type TestReport } from '../report/report.ts';
import { collectSuite } from '../suite/collect.ts';
import { freshSeed } from '../suite/random.ts';
import type { Suite, SuiteEntry, SuiteTest, SuiteThreshold } from '../suite/types.ts';
import { type Known, likelyCauses } from './diagnosis.ts';
import { Lanes } from './lanes.ts';
import { withHint } from './messages.ts';
import type { JudgeOptions } from './options.ts';
import { readPatterns } from './patterns.ts';
import { ProgramHost } from './program-host.ts';
import { ReferenceHost } from './reference-host.ts';
import { type Hosts, runTest, type TestOutcome, testReport } from './run-test.ts';
import { judgeThreshold } from './thresholds/threshold.ts';

export type { JudgeOptions } from './options.ts';
export { openReference } from './reference-host.ts';

const DIAGNOSIS_MS = 3000;

/**
 * Grades a program against its exercise's hidden suite.
 * A program that cannot be loaded is `rejected`; GraderError when the fault is ours; rejects with the signal's reason when aborted.
 */
export async function judge(exercise: Exercise, program: Program, options: JudgeOptions): Promise<ExerciseReport> {
  const suite = await collectSuite(exercise.suiteFile);
  const run = new Run(exercise, program, suite, options);
  const abort = (): void => void run.close();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    options.signal?.throwIfAborted();
    const report = await run.judge();
    options.signal?.throwIfAborted();
    return report;
  } catch (error) {
    options.signal?.throwIfAborted(); // what a closed box says is not the reason
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
    await run.close();
  }
}

/** The report of a program that never got as far as a box: its files cannot be read. */
export async function rejectedReport(exercise: Exercise, rejected: Rejection, options: LeaveOut): Promise<ExerciseReport> {
  const suite = await collectSuite(exercise.suiteFile);
  const absent = absentByTest(exercise, suite);
  const tests = suite.entries.map((entry) => leftOut(entry, options, absent) ?? waiting(entry));
  return makeExerciseReport(exercise.id, tests, { rejected });
}

class Run {
  readonly #exercise: Exercise;
  readonly #program: Program;
  readonly #options: JudgeOptions;
  readonly #suite: Suite;
  readonly #hosts: Hosts;
  /** Where tests run: one host, or two at a time. */
  readonly #lanes: readonly Hosts[];
  readonly #seed: string;
  readonly #reports = new Map<string, TestReport>();

  constructor(exercise: Exercise, program: Program, suite: Suite, options: JudgeOptions) {
    this.#exercise = exercise;
    this.#program = program;
    this.#suite = suite;
    this.#options = options;
    this.#seed = options.seed ?? freshSeed();
    this.#hosts = { learner: new ProgramHost(exercise, program, options), reference: new ReferenceHost(exercise, options) };
    const { secondBox } = options;
    const second = secondBox && { ...this.#hosts, learner: new ProgramHost(exercise, program, { ...options, box: secondBox }) };
    this.#lanes = second ? [this.#hosts, second] : [this.#hosts];
  }

  async judge(): Promise<ExerciseReport> {
    const absent = absentByTest(this.#exercise, this.#suite);
    for (const entry of this.#suite.entries) {
      const report = leftOut(entry, this.#options, absent);
      if (report) this.#settle(report);
    }
    if (absent.size === this.#suite.entries.length) return this.#report({});
    try {
      await Promise.all(this.#lanes.map(({ learner }) => learner.open()));
    } catch (error) {
      if (!(error instanceof LearnerError) || this.#options.signal?.aborted) throw error;
      return this.#report({ rejected: { code: error.code, reason: withHint(error) } });
    }
    const todo = this.#options.onlyThreshold === undefined && (await this.#runTests());
    if (!todo) await this.#runThresholds();
    return this.#report({ todo });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#lanes.map(({ learner }) => learner.close()), this.#hosts.reference.close()]);
  }

  /** True when the gate says that nothing is written yet. */
  async #runTests(): Promise<boolean> {
    const tests = this.#suite.entries.filter((entry): entry is SuiteTest => entry.kind === 'test' && !this.#reports.has(entry.name));
    const { gated = true } = this.#options;
    if (!gated) return this.#runUngated(tests);
    const gates = tests.filter((entry) => entry.options.gate);
    if (gates.length !== 1) throw new GraderError('gate', `${this.#suite.file}: expected one test with gate: true, got ${gates.length}`);
    const gate = gates[0]!;
    const others = tests.filter((entry) => entry !== gate);
    const lanes = new Lanes(others, (entry, hosts) => this.#runBehindGate(entry, hosts));
    const [first, ...more] = this.#lanes.map((hosts) => () => lanes.run(hosts));
    const early = Promise.all(more.map((run) => run()));
    early.catch(() => undefined); // awaited below, unless nobody needs it

    const { report, notWritten } = await runTest(this.#exercise, gate, this.#hosts, this.#seed);
    this.#settle(report);
    if (report.status === 'failed') {
      if (notWritten) lanes.diagnose(0);
      else await this.#diagnose(lanes, others, { entry: gate, report }, () => Promise.all([early, first!()]));
      return notWritten;
    }
    lanes.settle((other) => this.#settle(other));
    await Promise.all([early, first!()]);
    await this.#explain(tests.map((entry) => ({ entry, report: this.#reports.get(entry.name)! })));
    return notWritten;
  }

  /** Every test on its own; nothing is todo here, and nothing is explained. */
  async #runUngated(tests: readonly SuiteTest[]): Promise<false> {
    const lanes = new Lanes(tests, (entry, hosts) => this.#runBehindGate(entry, hosts));
    lanes.settle((report) => this.#settle(report));
    await Promise.all(this.#lanes.map((hosts) => lanes.run(hosts)));
    return false;
  }

  #runBehindGate(entry: SuiteTest, hosts: Hosts): Promise<TestOutcome> {
    if (entry.options.trains) this.#options.onTraining?.(entry);
    return runTest(this.#exercise, entry, hosts, this.#seed);
  }

  /** The gate failed: nobody earns points behind it, but how the quick tests there end can name a known mistake. */
  async #diagnose(lanes: Lanes, others: readonly SuiteTest[], gate: Known, run: () => Promise<unknown>): Promise<void> {
    for (const entry of others) this.#settle(waiting(entry)); // the verdict is there; what it looks like may take longer
    const patterns = await readPatterns(this.#exercise).catch(() => undefined); // without it there is a verdict all the same
    const hopeless = this.#options.explain === false || !this.#hosts.learner.alive || patterns === undefined;
    lanes.diagnose(hopeless ? 0 : DIAGNOSIS_MS);
    if (!hopeless) await run();
    await this.#explain([gate, ...lanes.known()]);
  }

  #failing(): string[] {
    return [...this.#reports.values()].filter(({ kind, status }) => kind === 'test' && status === 'failed').map(({ name }) => name);
  }

  /** Adds what the failure looks like to the first failing test's message. */
  async #explain(known: readonly Known[]): Promise<void> {
    const first = known.find(({ report }) => report.status === 'failed')?.report;
    if (!first || this.#options.explain === false) return;
    const run = { exercise: this.#exercise, hosts: this.#hosts, seed: this.#seed, options: this.#options };
    const causes = await likelyCauses(known, run).catch(() => []); // a guess that goes wrong must not cost the verdict
    if (causes.length === 0) return;
    const line = say({
      en: `Looks like: ${causes.map(({ en }) => en).join('; or: ')}`,
      zh: `看起来：${causes.map(({ zh }) => zh).join('；或者：')}`,
    });
    this.#reports.set(first.name, { ...first, message: [first.message, line].filter(Boolean).join('\n') });
  }

  async #runThresholds(): Promise<void> {
    if (this.#failing().length > 0) return;
    // What the program left running after its tests must not share the machine with what is timed.
    if (this.#options.thresholds !== 'quick') await Promise.all(this.#lanes.map(({ learner }) => learner.close()));
    const thresholds = this.#suite.entries.filter(
      (entry): entry is SuiteThreshold => entry.kind === 'performance' && !this.#reports.has(entry.name),
    );
    if (thresholds.length > 0) await this.#options.quiet?.();
    for (const entry of thresholds) {
      this.#options.signal?.throwIfAborted();
      const program = { exercise: this.#exercise, program: this.#program, hosts: this.#hosts, seed: this.#seed, options: this.#options };
      this.#settle(await judgeThreshold(entry, program));
    }
  }

  #settle(report: TestReport): void {
    this.#reports.set(report.name, report);
    this.#options.onTest?.(report);
  }

  #report(state: { todo?: boolean; rejected?: Rejection }): ExerciseReport {
    const tests = this.#suite.entries.map((entry) => this.#reports.get(entry.name) ?? waiting(entry));
    return makeExerciseReport(this.#exercise.id, tests, state);
  }
}

type LeaveOut = Pick<JudgeOptions, 'backend' | 'strict' | 'thresholds' | 'onlyThreshold' | 'skipTests'>;

/** The report of an entry that this run does not judge at all; its points leave the total. */
function leftOut(
  entry: SuiteEntry,
  { backend, strict, thresholds = true, onlyThreshold, skipTests }: LeaveOut,
  absent: ReadonlyMap<string, readonly string[]>,
): TestReport | undefined {
  const missing = absent.get(entry.name);
  if (missing) return testReport(entry, 'not-run', { message: notHere(missing), missing });
  const notRun = (words: Words): TestReport => testReport(entry, 'not-run', { message: say(words) });
  const ownWord = entry.kind === 'test' ? entry.options.untrusted : entry.options.kind === 'kernels';
  if (strict && ownWord) return notRun({ en: "not run: --strict takes no box's own word", zh: '未运行：--strict 不采信沙箱自己的说法' });
  if (entry.kind === 'test')
    return onlyThreshold !== undefined || skipTests?.includes(entry.name)
      ? notRun({ en: 'not run: left out', zh: '未运行：已略过' })
      : undefined;
  if (!thresholds || (onlyThreshold !== undefined && onlyThreshold !== entry.name))
    return notRun({ en: 'not run: thresholds are off', zh: '未运行：性能项已关闭' });
  if (entry.options.on === 'gpu' && backend !== 'tensorflow' && backend !== 'webgpu')
    return notRun({ en: 'not run: no GPU', zh: '未运行：没有 GPU' });
  if (entry.options.kind === 'memory' && process.platform === 'win32')
    return notRun({ en: 'not run: Windows does not tell how much memory a process took', zh: '未运行：Windows 不提供进程的内存峰值' });
  return undefined;
}

function waiting(entry: SuiteEntry): TestReport {
  return testReport(entry, 'waiting');
}
