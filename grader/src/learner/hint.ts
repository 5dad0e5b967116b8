/** Hints come one level at a time; `.ladder/progress.json` remembers how far a learner has asked. */
import { join } from 'node:path';
import { LadderError, UsageError } from '@llm-ladder/backend/errors';
import { z } from 'zod';
import type { Catalog, Exercise } from '../catalog/types.ts';
import { inWords, type Words } from '../format/words.ts';
import { backUp, readIfThere, withLock, writeAtomic } from '../system/files.ts';

export interface Hint {
  /** 1 to `of`. */
  readonly level: number;
  readonly of: number;
  readonly words: Words;
  /** Why it could not be noted that this hint was shown: the next one then needs its level. */
  readonly notKept?: Error;
}

/** The hint that `ladder hint` would show next: what stands beside a failing test. */
export interface NextHint {
  readonly level: number;
  readonly of: number;
}

const progressSchema = z.looseObject({ version: z.literal(1), hints: z.record(z.string(), z.number()) });
type Progress = z.infer<typeof progressSchema>;

/** The next hint of an exercise (the last one again once all were shown), or the one of `level`. UsageError for a level that there is not; a disk that refuses is `notKept`. */
export async function nextHint(catalog: Catalog, exercise: Exercise, level?: number): Promise<Hint> {
  const { hints } = exercise.manifest;
  if (level !== undefined && !(Number.isInteger(level) && level >= 1 && level <= hints.length)) {
    throw inWords(new UsageError('ladder hint --level', `1 to ${hints.length}`, String(level)), {
      message: `ladder hint --level：应为 1 到 ${hints.length}，实为 ${level}`,
    });
  }
  const after = ({ hints: shown }: Progress): number => level ?? Math.min((shown[exercise.id] ?? 0) + 1, hints.length);
  const hint = (shown: number): Hint => ({ level: shown, of: hints.length, words: hints[shown - 1]! });
  try {
    return await withLock(catalog.root, async () => {
      const progress = await readProgress(catalog.root);
      const next = after(progress);
      if (next > (progress.hints[exercise.id] ?? 0))
        await writeProgress(catalog.root, { ...progress, hints: { ...progress.hints, [exercise.id]: next } });
      return hint(next);
    });
  } catch (error) {
    if (!LadderError.isInstance(error) || error.code !== 'write') throw error;
    // A disk that cannot be written is no reason to keep a hint back.
    const progress = await readProgress(catalog.root).catch((): Progress => ({ version: 1, hints: {} }));
    return { ...hint(after(progress)), notKept: error };
  }
}

/** Which hint comes next, without showing it. */
export async function hintBeside(catalog: Catalog, { id, manifest: { hints } }: Exercise): Promise<NextHint> {
  const progress = await readProgress(catalog.root).catch((): Progress => ({ version: 1, hints: {} }));
  return { level: Math.min((progress.hints[id] ?? 0) + 1, hints.length), of: hints.length };
}

async function readProgress(root: string): Promise<Progress> {
  const file = join(root, '.ladder', 'progress.json');
  const text = await readIfThere(file);
  if (text === undefined) return { version: 1, hints: {} };
  try {
    return progressSchema.parse(JSON.parse(text));
  } catch {
    // Only a convenience is lost, so a broken file never stops a learner; its text stays in a backup.
    await backUp(root, file);
    return { version: 1, hints: {} };
  }
}

async function writeProgress(root: string, progress: Progress): Promise<void> {
  await writeAtomic(join(root, '.ladder', 'progress.json'), `${JSON.stringify(progress, null, 2)}\n`);
}
