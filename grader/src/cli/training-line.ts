/** What trains at this moment, as a line that says how long it has been at it. */
import pc from 'picocolors';
import { say } from '../format/words.ts';
import { logText } from '../report/plain-text.ts';
import { type ExerciseReport, makeExerciseReport, type TestReport } from '../report/report.ts';
import { wrapLines } from '../report/width.ts';
import type { SuiteTest } from '../suite/types.ts';

const TICK_MS = 1000;

export class TrainingLine {
  readonly #began = new Map<string, { readonly test: SuiteTest; readonly at: number }>();
  readonly #draw: (line: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `draw` gets the line at once, then every second, and an empty one when nothing trains any more. */
  constructor(draw: (line: string) => void) {
    this.#draw = draw;
  }

  begin(test: SuiteTest): void {
    this.#began.set(test.name, { test, at: performance.now() });
    this.#timer ??= setInterval(() => this.#draw(this.text()), TICK_MS);
    this.#draw(this.text());
  }

  /** The verdict on a test is there. */
  end({ name }: Pick<TestReport, 'name'>): void {
    if (!this.#began.delete(name)) return;
    if (this.#began.size === 0) this.stop();
    else this.#draw(this.text());
  }

  /** Whatever trained is over. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#began.clear();
    this.#draw('');
  }

  /** 'training: 12 s, two words for one thing get one direction'; empty when nothing trains. */
  text(): string {
    const parts = [...this.#began.values()].map(({ test, at }) => {
      const seconds = Math.floor((performance.now() - at) / 1000);
      return say({ en: `${seconds} s, ${test.name}`, zh: `${seconds} 秒，${test.options.zh}` });
    });
    if (parts.length === 0) return '';
    return logText(say({ en: `training: ${parts.join('; ')}`, zh: `训练中：${parts.join('；')}` }));
  }
}

/** The training line on stderr, where that is a terminal: each one takes the place of the one before. */
export function trainingOnStderr(): TrainingLine {
  return new TrainingLine((line) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${pc.dim(oneRow(line))}`);
  });
}

/** A longer line would break, and could not be taken back. */
function oneRow(line: string): string {
  const columns = process.stderr.columns || 80;
  return wrapLines(line, columns).split('\n')[0]!;
}

/** The report so far: what has a verdict, and no points. */
export function reportSoFar(id: string, tests: readonly TestReport[]): ExerciseReport {
  return makeExerciseReport(id, tests);
}
