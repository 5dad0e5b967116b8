/** `ladder list`: every module and exercise with its state. */
import path from 'node:path';
import { type Catalog, loadCatalog } from '../catalog/catalog.ts';
import { readPoints } from '../catalog/derived.ts';
import { sourceFileOf } from '../catalog/folders.ts';
import { gradeOne } from '../grading/grade.ts';
import { gradingSetup } from '../grading/setup.ts';
import { rememberVerdict } from '../grading/verdicts.ts';
import type { ExitCode } from './exit-code.ts';
import { knownStates, renderLadder, type State, stateOf } from './ladder-view.ts';

export async function listCommand(options: { readonly json: boolean; readonly backend?: string }): Promise<ExitCode> {
  const catalog = await loadCatalog(process.cwd());
  const setup = await gradingSetup({ backend: options.backend });
  const states = await knownStates(catalog);
  for (const exercise of catalog.modules.flatMap((module) => module.exercises)) {
    if (states.get(exercise.id) !== 'unknown') continue;
    const { report, hash } = await gradeOne(catalog, exercise, { ...setup, thresholds: false });
    await rememberVerdict(catalog.root, report, hash);
    states.set(exercise.id, stateOf(report));
  }
  process.stdout.write(
    options.json
      ? `${JSON.stringify(await listDocument(catalog, states))}\n`
      : `${catalog.modules.map((module) => renderLadder({ ...catalog, modules: [module] }, states, undefined, setup.backend)).join('\n\n')}\n`,
  );
  return 0;
}

async function listDocument(catalog: Catalog, states: ReadonlyMap<string, State | 'unknown'>) {
  const everything = catalog.modules.flatMap(({ exercises }) => exercises);
  const points = new Map(await Promise.all(everything.map(async (exercise) => [exercise.id, await readPoints(exercise)] as const)));
  return {
    version: 1,
    modules: catalog.modules.map(({ id, title, exercises }) => ({
      id,
      title,
      exercises: exercises.map((exercise) => ({
        id: exercise.id,
        title: exercise.manifest.title,
        state: states.get(exercise.id) === 'unseen' ? 'failing' : states.get(exercise.id),
        points: points.get(exercise.id),
        optional: exercise.manifest.optional ?? false,
        file: path.relative(process.cwd(), sourceFileOf(catalog, exercise)).split(path.sep).join('/'),
      })),
    })),
  };
}
