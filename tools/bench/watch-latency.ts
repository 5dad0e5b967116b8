/**
 * From save to verdict: writes an exercise's file as an editor would and waits until every test that is no threshold has its verdict.
 *
 *   node tools/bench/watch-latency.ts [--saves 50] [--module transformer]
 *
 * Works in a copy of exercises/, so that no learner's file is touched. Every save changes the text; every fifth one breaks it.
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadCatalog } from '../../grader/src/catalog/catalog.ts';
import { folderOf, sourceFileOf } from '../../grader/src/catalog/folders.ts';
import { watchExercises } from '../../grader/src/cli/watcher.ts';
import { gradingSetup } from '../../grader/src/grading/setup.ts';

const { values } = parseArgs({
  options: { saves: { type: 'string', default: '50' }, pause: { type: 'string', default: '700' }, module: { type: 'string' } },
});
const workspace = await loadCatalog(path.resolve(import.meta.dirname, '..', '..'));
const root = await fs.mkdtemp(path.join(os.tmpdir(), 'ladder-watch-'));
await fs.cp(path.join(workspace.root, 'exercises'), path.join(root, 'exercises'), { recursive: true });
const catalog = { ...workspace, root };

const exercises = workspace.modules
  .filter(({ id }) => id === (values.module ?? id))
  .flatMap((module) => module.exercises)
  .filter(({ slug }) => slug !== 'copy-reverse'); // it trains: its verdict is no matter of milliseconds
const solutions = new Map(
  await Promise.all(
    exercises.map(
      async (exercise) =>
        [exercise, await fs.readFile(path.join(folderOf(workspace, exercise, 'solutions'), exercise.manifest.file), 'utf8')] as const,
    ),
  ),
);

let settle: ((state: string) => void) | undefined;
const setup = await gradingSetup({ thresholds: true });
const watcher = watchExercises(catalog, setup, {
  onStart: () => {},
  onTests: (_, tests) => settle?.(tests.every(({ status }) => status === 'passed') ? 'passing' : 'failing'),
  onTraining: () => {},
  onDone: (_, report) => settle?.(report.state),
  onError: (error) => {
    throw error;
  },
});
await watcher.ready;

const times: number[] = [];
const byExercise = new Map<string, number[]>();
const saves = Math.ceil(Number(values.saves) / exercises.length);
for (const exercise of exercises) {
  await verdictOf(() => watcher.grade(exercise)); // the learner has come to this exercise: `n`
  for (let save = 0; save < saves; save++) {
    const broken = save % 5 === 4;
    const solution = solutions.get(exercise)!;
    const text = `${broken ? solution.replace(/return /, 'return undefined as never; return ') : solution}\n// save ${save}\n`;
    const { state, ms } = await verdictOf(() => fs.writeFile(sourceFileOf(catalog, exercise), text));
    if ((state === 'passing') === broken) throw new Error(`${exercise.id}: expected ${broken ? 'failing' : 'passing'}, got ${state}`);
    times.push(ms);
    byExercise.set(exercise.id, [...(byExercise.get(exercise.id) ?? []), ms]);
  }
}

async function verdictOf(act: () => unknown): Promise<{ state: string; ms: number }> {
  const verdict = new Promise<string>((resolve) => {
    settle = resolve;
  });
  const started = performance.now();
  await act();
  const state = await verdict;
  const ms = performance.now() - started;
  settle = undefined;
  await new Promise((resolve) => setTimeout(resolve, Number(values.pause))); // a person reads; the next box warms up
  return { state, ms };
}
await watcher.close();
await fs.rm(root, { recursive: true });

const at = (sorted: number[], share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!.toFixed(0);
const row = (name: string, all: number[]) => {
  const sorted = all.toSorted((a, b) => a - b);
  console.log(
    `${name.padEnd(28)} ${String(all.length).padStart(3)} saves   median ${at(sorted, 0.5).padStart(4)} ms   p95 ${at(sorted, 0.95).padStart(4)} ms   max ${at(sorted, 1).padStart(4)} ms`,
  );
};
for (const [name, all] of byExercise) row(name, all);
row('all', times);
