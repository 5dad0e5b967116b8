/** The tests behind the gate, in one box or in two at a time: those that train last. Nothing they say is settled before the gate has spoken. */
import type { TestReport } from '../report/report.ts';
import type { SuiteTest } from '../suite/types.ts';
import type { Known } from './diagnosis.ts';
import type { Hosts, TestOutcome } from './run-test.ts';

export class Lanes {
  readonly #queue: IterableIterator<SuiteTest>;
  readonly #runTest: (entry: SuiteTest, hosts: Hosts) => Promise<TestOutcome>;
  readonly #done: Known[] = [];
  #settle: ((report: TestReport) => void) | undefined;
  #until: number | undefined;
  readonly #gate = Promise.withResolvers<void>();

  constructor(tests: readonly SuiteTest[], runTest: (entry: SuiteTest, hosts: Hosts) => Promise<TestOutcome>) {
    this.#queue = lastWhatTrains(tests).values();
    this.#runTest = runTest;
  }

  /** Takes test after test until none is left: one call for each box. */
  async run(hosts: Hosts): Promise<void> {
    for (const entry of this.#queue) {
      if (this.#isOver(hosts)) return;
      if (entry.options.trains) {
        await this.#gate.promise; // too long to be run for nothing, or for a hint
        if (this.#until !== undefined) return;
      }
      const { report } = await this.#runTest(entry, hosts);
      if (this.#settle) this.#settle(report);
      else this.#done.push({ entry, report });
    }
  }

  /** The gate passed: reports count, those that came before included. */
  settle(settle: (report: TestReport) => void): void {
    this.#settle = settle;
    this.#gate.resolve();
    for (const { report } of this.#done.splice(0)) settle(report);
  }

  /** The gate failed: the quick tests go on for this long at most, to tell which mistake it looks like; 0 takes no more of them. */
  diagnose(ms: number): void {
    this.#until = performance.now() + ms;
    this.#gate.resolve();
  }

  /** The tests that ran and are not settled; what is known by now may be enough. */
  known(): readonly Known[] {
    return this.#done;
  }

  #isOver({ learner }: Hosts): boolean {
    // A box that died stays dead here: what the rest would say is no pattern of a mistake.
    return this.#until !== undefined && (performance.now() >= this.#until || !learner.alive);
  }
}

/** The same tests in the suite's order, but for those that train: they are the last. */
export function lastWhatTrains(tests: readonly SuiteTest[]): SuiteTest[] {
  return tests.toSorted((a, b) => Number(a.options.trains ?? false) - Number(b.options.trains ?? false));
}
