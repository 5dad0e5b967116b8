/** What earlier runs said, by the content of the learner's folder: `list` and `climb` need not grade again what has not changed. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { absentOf } from '../assets/required.ts';
import type { Exercise } from '../catalog/catalog.ts';
import { type ExerciseReport, isUnseen, missingOf } from '../report/report.ts';
import { canBeJudged, sealedFile } from '../seal/course-files.ts';
import { readSubmission } from '../stage/stage.ts';
import { writeAtomic } from '../system/files.ts';

export interface Verdict {
  readonly hash: string;
  readonly state: ExerciseReport['state'];
  /** All that can be seen without the key of its sealed tests is right. */
  readonly unseen?: true;
  /** What some of its tests did not run for: once one of these is here, the verdict is old. */
  readonly missing?: readonly string[];
  readonly score: number;
  readonly maxScore: number;
}

const FILE = path.join('.ladder', 'verdicts.json');

/** A hash of all that a verdict depends on: the learner's files and the hidden suite. */
export async function contentHash(exercise: Exercise, folder: string): Promise<string> {
  const hash = createHash('sha256');
  // Read by the stage, as what is graded is: opening whatever lies in the folder would wait at a pipe for ever.
  const files = await readSubmission(folder).catch(() => ({}));
  for (const [name, text] of Object.entries(files)) hash.update(`${name}\n`).update(text);
  const sealed = exercise.sealed ? [sealedFile(exercise.courseDir)] : [];
  if (exercise.sealed) hash.update((await canBeJudged(exercise)) ? 'key' : 'no key');
  for (const file of [exercise.suiteFile, ...sealed, exercise.referenceFile]) {
    hash.update(`${path.basename(file)}\n`).update(await fs.readFile(file).catch(() => 'absent'));
  }
  return hash.digest('hex').slice(0, 32);
}

/** Every stored verdict; a missing or damaged file is an empty one, since everything in it can be found out again. */
export async function readVerdicts(root: string): Promise<Record<string, Verdict>> {
  try {
    return JSON.parse(await fs.readFile(path.join(root, FILE), 'utf8'));
  } catch {
    return {};
  }
}

/** True for a verdict on this very content that would come out the same again. */
export function stillHolds(verdict: Verdict | undefined, hash: string): verdict is Verdict {
  if (verdict?.hash !== hash) return false;
  const { missing = [] } = verdict;
  try {
    return absentOf(missing).length === missing.length;
  } catch {
    return false; // it names a model that nobody knows any more
  }
}

/** Adds verdicts to the store. Progress is a convenience: a read-only or full disk must not fail a grade. */
async function storeVerdicts(root: string, verdicts: Record<string, Verdict>): Promise<void> {
  const text = JSON.stringify({ ...(await readVerdicts(root)), ...verdicts }, null, 2);
  await writeAtomic(path.join(root, FILE), text).catch(() => {});
}

/** Keeps one verdict under the content that was graded. A run that was cut short says nothing about the content. */
export async function rememberVerdict(root: string, report: ExerciseReport, hash: string): Promise<void> {
  const missing = missingOf(report);
  await storeVerdicts(root, {
    [report.id]: {
      hash,
      state: report.state,
      score: report.score,
      maxScore: report.maxScore,
      ...(isUnseen(report) ? { unseen: true } : {}),
      ...(missing.length > 0 ? { missing } : {}),
    },
  });
}
