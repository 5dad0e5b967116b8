/** Every format that a report can be written in, by the name that `--format` and `--report` take. */
import { annotations } from './annotations.ts';
import { check50 } from './check50.ts';
import { classroom } from './classroom.ts';
import { ctrf } from './ctrf.ts';
import { exercism } from './exercism.ts';
import { gradescope } from './gradescope.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import type { WriterOptions } from './lines.ts';
import { markdown } from './markdown.ts';
import { nbgrader } from './nbgrader.ts';
import { prairielearn } from './prairielearn.ts';
import type { Report } from './report.ts';
import { renderReport } from './terminal.ts';

export type Format = keyof typeof FORMATS;

/** Each writer gives a whole file. UsageError when a format has no room for the report. */
export const FORMATS = {
  json: (report: Report) => `${json(report)}\n`,
  text: renderReport,
  junit,
  markdown,
  ctrf,
  gradescope,
  classroom,
  exercism,
  check50,
  nbgrader,
  prairielearn,
  annotations,
} as const satisfies Record<string, (report: Report, options?: WriterOptions) => string>;

export const FORMAT_NAMES = Object.keys(FORMATS) as Format[];
