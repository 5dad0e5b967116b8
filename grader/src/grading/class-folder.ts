/**
 * A class on disk, and the history of its grades:
 *   <folder>/<student>/exercises/<module>/<nn-slug>/...   what was submitted
 *   <folder>/<student>/report.json                        the grade that counts
 *   <folder>/<student>/report.1.json, report.2.json ...   earlier ones; the highest number is the latest of them
 *   <folder>/.ladder/regrades.json                        which regrade replaced whose report: what an undo goes by
 */
import { readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { z } from 'zod';
import { json } from '../report/json.ts';
import type { Report } from '../report/report.ts';
import { readReport } from '../report/stored.ts';
import { asWriteError, readIfThere, writeAtomic } from '../system/files.ts';

const REPORT = 'report.json';
const LAYOUT = '<folder>/<student>/exercises/... and <folder>/<student>/report.json (docs/grader.md, "Regrade")';

const journalSchema = z.array(z.object({ at: z.string(), grader: z.string(), kept: z.record(z.string(), z.string()) }));
type Journal = z.infer<typeof journalSchema>;

/** The students' folders, in order of their names. UsageError when there are none. */
export async function studentsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new UsageError(folder, 'a folder of submissions', 'none', { hint: LAYOUT });
  });
  const students = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  if (students.length === 0) throw new UsageError(folder, 'a folder for each student', 'none', { hint: LAYOUT });
  return students.sort();
}

/** Where a student's exercises lie. */
export function exercisesOf(folder: string, student: string): string {
  return path.join(folder, student, 'exercises');
}

export async function isFolder(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
}

/** The grade that counts; its submission is the student's folder. UsageError when there is none or it cannot be read. */
export async function readGrade(folder: string, student: string): Promise<Report> {
  const file = path.join(folder, student, REPORT);
  const report = await readReport(file);
  if (report === undefined) {
    throw new UsageError(file, 'the report of an earlier grade', 'none', {
      hint: `ladder grade --from ${exercisesOf(folder, student)} --report json=${file}`,
    });
  }
  return { ...report, submission: student };
}

/** The grades of all students. UsageError for the first that cannot be read: a row that is silently missing would be a lost grade. */
export async function readClass(folder: string): Promise<Report[]> {
  const reports: Report[] = [];
  for (const student of await studentsIn(folder)) reports.push(await readGrade(folder, student));
  return reports;
}

/** A regrade under way: puts new reports in place, keeps the old ones, and notes both so that all of it can be undone. */
export class Regrading {
  readonly #folder: string;
  readonly #entry: { readonly at: string; readonly grader: string; readonly kept: Record<string, string> };

  constructor(folder: string, grader: string) {
    this.#folder = folder;
    this.#entry = { at: new Date().toISOString(), grader, kept: {} };
  }

  /** Replaces a student's report; returns the name under which the old one is kept. */
  async replace(student: string, report: Report): Promise<string> {
    const folder = path.join(this.#folder, student);
    const old = (await readIfThere(path.join(folder, REPORT))) ?? '';
    const numbers = (await readdir(folder)).map((name) => Number(/^report\.(\d+)\.json$/.exec(name)?.[1] ?? 0));
    const kept = `report.${Math.max(0, ...numbers) + 1}.json`;
    // In this order a run that is killed in between can still be undone: the old report is there twice, never not at all.
    await writeAtomic(path.join(folder, kept), old);
    const earlier = await readJournal(this.#folder);
    this.#entry.kept[student] = kept;
    const others = earlier.at(-1)?.at === this.#entry.at ? earlier.slice(0, -1) : earlier;
    await writeJournal(this.#folder, [...others, this.#entry]);
    await writeAtomic(path.join(folder, REPORT), `${json(report)}\n`);
    return kept;
  }
}

/** Takes the last regrade back; returns the students whose earlier report counts again. UsageError when there was no regrade. */
export async function undoRegrade(folder: string): Promise<string[]> {
  const journal = await readJournal(folder);
  const last = journal.pop();
  if (last === undefined) throw new UsageError(folder, 'an earlier regrade to undo', 'none');
  const restored: string[] = [];
  for (const [student, kept] of Object.entries(last.kept)) {
    const [from, to] = [path.join(folder, student, kept), path.join(folder, student, REPORT)];
    if ((await readIfThere(from)) === undefined) continue; // restored by an undo that was cut short, or moved by hand
    await rename(from, to).catch((error) => {
      throw asWriteError(to, error);
    });
    restored.push(student);
  }
  await writeJournal(folder, journal);
  return restored;
}

const journalFile = (folder: string): string => path.join(folder, '.ladder', 'regrades.json');

async function readJournal(folder: string): Promise<Journal> {
  const file = journalFile(folder);
  const text = await readIfThere(file);
  if (text === undefined) return [];
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(file, 'the list that ladder regrade wrote', 'something else', {
      hint: 'without it nothing can be undone; move it away',
    });
  }
}

function writeJournal(folder: string, journal: Journal): Promise<void> {
  return writeAtomic(journalFile(folder), `${JSON.stringify(journal, null, 2)}\n`);
}
