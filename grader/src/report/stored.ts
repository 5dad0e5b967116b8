/** Reports that lie on disk: of the last grade, or of a class. Anybody may have edited them, so they are checked before anything reads them. */
import { UsageError } from '@llm-ladder/backend/errors';
import { z } from 'zod';
import { readIfThere } from '../system/files.ts';
import type { Report } from './report.ts';

const points = z.number().min(0);
const time = z.iso.datetime().default('1970-01-01T00:00:00.000Z');

const testSchema = z.object({
  name: z.string(),
  zh: z.string().exactOptional(),
  kind: z.enum(['test', 'performance']),
  status: z.enum(['passed', 'failed', 'waiting', 'inconclusive', 'not-run']),
  points,
  maxPoints: points,
  message: z.string().nullable(),
  durationMs: z.number().min(0),
  sealed: z.literal(true).exactOptional(),
  missing: z.array(z.string()).exactOptional(),
  details: z.record(z.string(), z.union([z.number(), z.string()])).exactOptional(),
});

// What came after the first version has a default, so that an older report can be read.
const reportSchema = z.object({
  version: z.literal(1),
  backend: z.string(),
  box: z.string(),
  seed: z.string(),
  grader: z.string().default(''),
  modules: z.record(z.string(), z.string()).default({}),
  submission: z.string().default(''),
  startedAt: time,
  finishedAt: time,
  score: points,
  maxScore: points,
  pointsNotRun: points,
  reveal: z.enum(['none', 'names']).exactOptional(),
  exercises: z.array(
    z.object({
      id: z.string(),
      hash: z.string().exactOptional(),
      state: z.enum(['todo', 'failing', 'passing', 'not-run']),
      score: points,
      maxScore: points,
      rejected: z.object({ code: z.string(), reason: z.string() }).nullable(),
      tests: z.array(testSchema),
    }),
  ),
  notGraded: z.array(z.object({ id: z.string(), reason: z.string().nullable(), tests: z.array(testSchema) })).default([]),
}) satisfies z.ZodType<Report>;

/** A stored report. UsageError with the first fault; undefined when there is no such file. */
export async function readReport(file: string): Promise<Report | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(file, 'a report as JSON', 'text that is none');
  }
  const result = reportSchema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(file, 'a report of ladder grade', `${path.join('.') || 'the document'}: ${message}`);
}
