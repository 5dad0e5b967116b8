/** `ladder report`: the last grade, or the grades of a class, in another format. */
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { loadCatalog } from '../catalog/catalog.ts';
import { readClass } from '../grading/class-folder.ts';
import { FORMATS, type Format } from '../report/formats.ts';
import { nbgraderClass } from '../report/nbgrader.ts';
import { notGradedText } from '../report/not-graded-text.ts';
import { logText } from '../report/plain-text.ts';
import { type Reveal, revealReport } from '../report/reveal.ts';
import { readReport } from '../report/stored.ts';
import { writeAtomic } from '../system/files.ts';
import type { ExitCode } from './exit-code.ts';
import { writerOptions } from './grade-command.ts';
import { LAST_REPORT } from './live-report.ts';

export interface ReportCommandOptions {
  readonly format: Format;
  readonly reveal: Reveal;
  readonly out?: string;
  readonly class?: string;
}

export async function reportCommand({ format, reveal, out, class: folder }: ReportCommandOptions): Promise<ExitCode> {
  const rendered = folder === undefined ? await lastGrade(format, reveal) : await classGrades(format, folder);
  if (out === undefined) process.stdout.write(rendered);
  else await writeAtomic(out, rendered);
  return 0;
}

async function lastGrade(format: Format, reveal: Reveal): Promise<string> {
  const catalog = await loadCatalog(process.cwd());
  const stored = await readReport(path.join(catalog.root, LAST_REPORT));
  if (stored === undefined) throw new UsageError('report', 'an earlier grade', 'none', { hint: 'ladder grade' });
  const report = revealReport(stored, reveal);
  const open = notGradedText(report);
  if (open !== '') process.stderr.write(`${logText(open)}\n`);
  return FORMATS[format](report, writerOptions(catalog));
}

async function classGrades(format: Format, folder: string): Promise<string> {
  if (format !== 'nbgrader') throw new UsageError('report --class', '--format nbgrader', format);
  return nbgraderClass(await readClass(folder));
}
