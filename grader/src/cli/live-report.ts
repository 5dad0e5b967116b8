/**
 * The report on disk while it grows: after every test in `.ladder/last-report.json`, after every exercise also in the files that were asked for.
 * Each write is whole or not at all, so a run that is killed leaves its last results, marked as partial.
 */
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { FORMAT_NAMES, FORMATS, type Format } from '../report/formats.ts';
import { json } from '../report/json.ts';
import type { WriterOptions } from '../report/lines.ts';
import type { Report } from '../report/report.ts';
import { writeAtomic } from '../system/files.ts';

export const LAST_REPORT = path.join('.ladder', 'last-report.json');

export interface Target {
  readonly format: Format;
  readonly file: string;
}

/** `junit=report.xml` -> its parts. UsageError for another form or an unknown format. */
export function parseTarget(word: string): Target {
  const at = word.indexOf('=');
  const [format, file] = [word.slice(0, at), word.slice(at + 1)];
  if (at < 1 || file === '' || !isFormat(format)) {
    throw new UsageError('--report', '<format>=<file>', JSON.stringify(word), { hint: `formats: ${FORMAT_NAMES.join(', ')}` });
  }
  return { format, file };
}

const isFormat = (name: string): name is Format => Object.hasOwn(FORMATS, name);

export class LiveReport {
  readonly #file: string;
  readonly #targets: readonly Target[];
  readonly #options: WriterOptions;
  #next: Report | undefined;
  #writing: Promise<void> | undefined;

  constructor(root: string, targets: readonly Target[], options: WriterOptions) {
    this.#file = path.join(root, LAST_REPORT);
    this.#targets = targets;
    this.#options = options;
  }

  /** Starts to write the report so far; while one write is under way only the newest report waits for it. */
  update(report: Report): void {
    this.#next = report;
    this.#writing ??= this.#drain();
  }

  /** Writes the report everywhere. GraderError for a file that was asked for and cannot be written; `.ladder` is a convenience, and its disk may refuse. */
  async write(report: Report): Promise<void> {
    this.update(report);
    await this.#writing;
    for (const { format, file } of this.#targets) await writeAtomic(file, FORMATS[format](report, this.#options));
  }

  async #drain(): Promise<void> {
    while (this.#next) {
      const text = json(this.#next);
      this.#next = undefined;
      await writeAtomic(this.#file, text).catch(() => {});
    }
    this.#writing = undefined;
  }
}
