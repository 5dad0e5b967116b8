/** Whose file each part of a run is: the learner's wherever all hidden tests of the exercise pass (thresholds aside), else the reference's. */
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Catalog, Exercise, ModuleInfo } from '../catalog/catalog.ts';
import { needsOf } from '../catalog/needs.ts';
import type { Part } from '../format/commands.ts';
import { exportedNames } from '../format/exports.ts';
import type { Words } from '../format/words.ts';
import { gradeOne } from '../grading/grade.ts';
import { gradingSetup } from '../grading/setup.ts';
import { contentHash, readVerdicts, rememberVerdict, stillHolds } from '../grading/verdicts.ts';
import type { State } from '../report/report.ts';

export interface MinePart extends Part {
  readonly from: Exercise;
}

export interface PartsOptions {
  /** A tree with the layout of exercises/. */
  readonly tree: string;
  /** Told before an exercise is graded: `done` of `total` are known. */
  readonly onGrade?: (exercise: Exercise, done: number, total: number) => void;
}

/** Every exercise that a module has or builds on, in the order of the course, with whose file it is. What no stored verdict speaks of is graded first. */
export async function partsOf(catalog: Catalog, module: ModuleInfo, { tree, onGrade }: PartsOptions): Promise<MinePart[]> {
  const everything = module.siblings.flatMap((one) => one.exercises);
  const needs = await Promise.all(module.exercises.map(needsOf));
  const wanted = new Set([...module.exercises, ...needs.flatMap(({ exercises }) => exercises)]);
  const exercises = everything.filter((exercise) => wanted.has(exercise));
  const verdicts = await readVerdicts(catalog.root);
  const setup = await gradingSetup({ thresholds: false });
  const parts: MinePart[] = [];
  for (const [index, exercise] of exercises.entries()) {
    const folder = join(tree, exercise.module.id, exercise.folder);
    const key = verdictKey(catalog, exercise, tree);
    const stored = verdicts[key];
    let reason: Words | undefined;
    if (stillHolds(stored, await contentHash(exercise, folder))) reason = reasonOf(stored.state);
    else {
      onGrade?.(exercise, index, exercises.length);
      try {
        const { report, hash } = await gradeOne(catalog, exercise, { ...setup, folder });
        await rememberVerdict(catalog.root, { ...report, id: key }, hash);
        reason = report.rejected === null ? reasonOf(report.state) : { en: report.rejected.reason, zh: report.rejected.reason };
      } catch (error) {
        const { message } = error as Error;
        reason = { en: `it could not be graded: ${message}`, zh: `无法评分：${message}` };
      }
    }
    const file = join(folder, exercise.manifest.file);
    reason ??= await missingExports(exercise, file);
    parts.push(
      reason === undefined
        ? { exercise: exercise.id, whose: 'learner', file, from: exercise }
        : { exercise: exercise.id, whose: 'reference', reason, file: exercise.referenceFile, from: exercise },
    );
  }
  return parts;
}

/** Verdicts on another tree are kept beside those on exercises/, never in their place. */
function verdictKey(catalog: Catalog, exercise: Exercise, tree: string): string {
  const path = relative(catalog.root, resolve(tree)).replaceAll('\\', '/');
  return path === 'exercises' ? exercise.id : `${exercise.id} in ${path}`;
}

const REASONS: Readonly<Record<Exclude<State, 'passing'>, Words>> = {
  todo: { en: 'not written yet', zh: '还没有写' },
  failing: { en: 'it fails its tests', zh: '没有通过测试' },
  'not-run': { en: 'its tests did not run: ladder check says what they need', zh: '它的测试没有运行：ladder check 会说明还缺什么' },
};

function reasonOf(state: State): Words | undefined {
  return state === 'passing' ? undefined : REASONS[state];
}

/** The tests ask only for the exercise's exports; the parts that build on it may import every other export of the reference too. */
async function missingExports(exercise: Exercise, file: string): Promise<Words | undefined> {
  const [wanted, got] = await Promise.all([exercise.referenceFile, file].map(async (path) => exportedNames(await readFile(path, 'utf8'))));
  const missing = [...wanted!].filter((name) => !got!.has(name) && !got!.has('*'));
  if (missing.length === 0) return undefined;
  return { en: `it does not export ${missing.join(', ')}`, zh: `没有导出 ${missing.join('、')}` };
}
