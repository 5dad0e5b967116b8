/** `ladder ci`: grades what a push or a pull request changed, and tells the service in its own ways. */
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { strongDrivers } from '../box/index.ts';
import { type Catalog, type Exercise, loadCatalog } from '../catalog/catalog.ts';
import { baseOf, namedBase } from '../ci/base.ts';
import { changedExercises } from '../ci/changed.ts';
import { handOver } from '../ci/github.ts';
import { inWords, say } from '../format/words.ts';
import { grade } from '../grading/grade.ts';
import { gradingSetup } from '../grading/setup.ts';
import { strongerBox } from '../grading/strong-box.ts';
import { annotations } from '../report/annotations.ts';
import { faultsOf, missingOf, nothingJudged, type Report } from '../report/report.ts';
import { renderExercise, renderNotGraded, renderSummary } from '../report/terminal.ts';
import type { ExitCode } from './exit-code.ts';
import { requireTree, tolerant, writerOptions } from './grade-command.ts';
import { exerciseLine } from './ladder-view.ts';
import { LiveReport } from './live-report.ts';

export interface CiCommandOptions {
  readonly all: boolean;
  readonly base?: string;
  readonly from?: string;
  readonly junit: string;
  readonly backend?: string;
  readonly strict: boolean;
  readonly thresholds: boolean;
}

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

export async function ciCommand(words: readonly string[], options: CiCommandOptions): Promise<ExitCode> {
  const { env } = process;
  const catalog = await loadCatalog(process.cwd());
  await requireTree('ci', options.from);
  await refuseLink(options.from);
  const tree = options.from ?? path.join(catalog.root, 'exercises');
  const asked = catalog.select(words);
  const exercises = options.all ? asked : await whatChanged(catalog, asked, tree, options.base);

  const setup = await gradingSetup(options);
  const onGitHub = env.GITHUB_ACTIONS === 'true';
  const stronger = strongerBox(setup.driver);
  if (!strongDrivers.includes(setup.driver) && stronger !== undefined) print(onGitHub ? `::warning::${stronger}` : stronger);

  const workspace = await realpath(env.GITHUB_WORKSPACE ?? env.CI_PROJECT_DIR ?? catalog.root);
  const places = writerOptions(catalog, await realpath(tree), workspace);
  const live = new LiveReport(catalog.root, [{ format: 'junit', file: options.junit }], places);
  const report = await grade(catalog, exercises, {
    ...setup,
    from: options.from,
    onExercise: (exercise, one, _hash, durationMs) =>
      void print(renderExercise(one, exerciseLine(catalog, exercise, options.from), durationMs)),
    onNotGraded: (exercise, entry) => void print(renderNotGraded(entry, exerciseLine(catalog, exercise, options.from))),
    onProgress: (soFar) => live.update(soFar),
    onReport: tolerant((soFar) => live.write(soFar)),
  });
  print(`\n${renderSummary(report)}`);
  await live.write(report);
  if (onGitHub) {
    process.stdout.write(annotations(report, places));
    await handOver(report, env);
  }
  return exitCodeOf(report, options.strict);
}

/** A learner's repository could have a link in place of `exercises/`, to solutions that lie beside it. */
async function refuseLink(from: string | undefined): Promise<void> {
  if (from === undefined || !(await lstat(path.resolve(from))).isSymbolicLink()) return;
  const error = new UsageError('ci --from', 'a folder', `a link to ${await realpath(from)}`);
  throw inWords(error, { message: `ci --from：应为目录，实为指向 ${await realpath(from)} 的链接` });
}

/** The exercises to grade; says which and why. */
async function whatChanged(
  catalog: Catalog,
  asked: readonly Exercise[],
  tree: string,
  named: string | undefined,
): Promise<readonly Exercise[]> {
  const base = named === undefined ? await baseOf(tree, process.env) : await namedBase(tree, named);
  if ('unknown' in base) {
    const why = say(base.unknown);
    print(say({ en: `All ${asked.length} exercises are graded: ${why}.`, zh: `全部 ${asked.length} 道练习都评分：${why}。` }));
    return asked;
  }
  const { commit } = base;
  const changed = await changedExercises(catalog, asked, { tree, commit });
  const ids = changed.map(({ id }) => id).join(', ');
  print(
    changed.length === 0
      ? say({ en: `No exercise changed since ${commit.slice(0, 10)}.`, zh: `自 ${commit.slice(0, 10)} 以来没有练习改动。` })
      : say({
          en: `Changed since ${commit.slice(0, 10)}: ${ids} (${changed.length} of ${asked.length} exercises)`,
          zh: `自 ${commit.slice(0, 10)} 以来改动：${ids}（${asked.length} 题中的 ${changed.length} 题）`,
        }),
  );
  return changed;
}

/** As `ladder grade`, but an exercise that nobody has written yet fails nothing: a red run means that something which was written is wrong. */
function exitCodeOf(report: Report, strict: boolean): ExitCode {
  if (faultsOf(report).length > 0 || nothingJudged(report)) return 3;
  const written = report.exercises.filter(({ state, rejected }) => state !== 'todo' || rejected !== null);
  const bad = written.some(
    ({ state, tests }) =>
      (state !== 'passing' && state !== 'not-run') ||
      (strict && missingOf({ tests }).length > 0) ||
      tests.some(({ status }) => status === 'failed' || (strict && status === 'inconclusive')),
  );
  return bad ? 1 : 0;
}
