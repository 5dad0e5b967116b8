/** The ladder as a learner sees it: every module with its progress, the current module with its exercises. */
import path from 'node:path';
import pc from 'picocolors';
import { readHashes } from '../author/sync.ts';
import type { Catalog, Exercise, ModuleInfo } from '../catalog/catalog.ts';
import { folderOf, sourceFileOf } from '../catalog/folders.ts';
import { say } from '../format/words.ts';
import { contentHash, readVerdicts, stillHolds } from '../grading/verdicts.ts';
import { type ExerciseReport, isUnseen } from '../report/report.ts';
import { renderBar, stateMark } from '../report/terminal.ts';
import { hashOf, readIfThere } from '../system/files.ts';

/** As in reports, and `unseen`: the visible tests pass and the hidden ones are sealed, so no more can be done here. */
export type State = ExerciseReport['state'] | 'unseen';
export type States = ReadonlyMap<string, State | 'unknown'>;

/** What is known of every exercise without grading: a file as it was given is todo, an unchanged one has its stored verdict; else `unknown`. */
export async function knownStates(catalog: Catalog): Promise<Map<string, State | 'unknown'>> {
  const [verdicts, given] = await Promise.all([readVerdicts(catalog.root), readHashes(catalog.root, 'exercises')]);
  const states = new Map<string, State | 'unknown'>();
  for (const exercise of catalog.modules.flatMap((module) => module.exercises)) {
    if (await isAsGiven(catalog, exercise, given)) {
      states.set(exercise.id, 'todo');
      continue;
    }
    const verdict = verdicts[exercise.id];
    const same = stillHolds(verdict, await contentHash(exercise, folderOf(catalog, exercise)));
    states.set(exercise.id, same ? (verdict.unseen ? 'unseen' : verdict.state) : 'unknown');
  }
  return states;
}

async function isAsGiven(catalog: Catalog, exercise: Exercise, given: Readonly<Record<string, string>>): Promise<boolean> {
  const text = await readIfThere(sourceFileOf(catalog, exercise));
  return text !== undefined && hashOf(text) === given[`${exercise.module.id}/${exercise.folder}/${exercise.manifest.file}`];
}

/** The state of an exercise that was just graded. */
export function stateOf(report: ExerciseReport): State {
  return isUnseen(report) ? 'unseen' : report.state;
}

/** The title line and one line for each exercise of the module that `current` belongs to. */
export function renderLadder(catalog: Catalog, states: States, current: Exercise | undefined, backend: string): string {
  const lines = [];
  for (const module of catalog.modules) {
    lines.push(renderModule(module, states, backend));
    if (catalog.modules.length > 1 && module !== current?.module) continue;
    for (const exercise of module.exercises) {
      const state = states.get(exercise.id);
      const mark = state === undefined || state === 'unknown' ? pc.dim('○') : stateMark(state);
      const label = `${exercise.folder.slice(0, 2)} ${exercise.slug.padEnd(18)} ${say(exercise.manifest.title)}`;
      lines.push(`  ${mark} ${exercise === current ? pc.bold(label) : label}${exercise.manifest.optional ? pc.dim(' *') : ''}`);
    }
  }
  return lines.join('\n');
}

/** `LLM Ladder  transformer 3/10  ████░░  wasm · offline` */
export function renderModule(module: ModuleInfo, states: States, backend: string): string {
  const core = module.exercises.filter((exercise) => !exercise.manifest.optional);
  const passing = core.filter((exercise) => states.get(exercise.id) === 'passing').length;
  const name = say({ en: 'LLM Ladder', zh: '大模型阶梯' });
  return `${pc.bold(name)}  ${module.id} ${passing}/${core.length}  ${renderBar(passing, core.length)}  ${pc.dim(`${backend} · ${say({ en: 'offline', zh: '离线' })}`)}`;
}

/** Title and file of one exercise for its headline. */
export function exerciseLine(catalog: Catalog, exercise: Exercise, from = path.join(catalog.root, 'exercises')) {
  const file = path.join(from, exercise.module.id, exercise.folder, exercise.manifest.file);
  return { title: `${exercise.folder.slice(0, 2)} ${exercise.slug}`, file: path.relative(process.cwd(), file) };
}
