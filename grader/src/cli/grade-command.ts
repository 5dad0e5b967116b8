/** `ladder grade` and `ladder check`. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LadderError, UsageError } from '@llm-ladder/backend/errors';
import { type Catalog, loadCatalog } from '../catalog/catalog.ts';
import { folderOf } from '../catalog/folders.ts';
import { writtenExports } from '../format/exports.ts';
import { inWords } from '../format/words.ts';
import { isFolder } from '../grading/class-folder.ts';
import { type GradeOptions, grade, gradeOne, provenanceOf } from '../grading/grade.ts';
import { gradingSetup } from '../grading/setup.ts';
import { rememberVerdict } from '../grading/verdicts.ts';
import { runVisible } from '../grading/visible.ts';
import type { JudgeOptions } from '../judge/judge.ts';
import { hintBeside } from '../learner/hint.ts';
import { json } from '../report/json.ts';
import type { WriterOptions } from '../report/lines.ts';
import { faultsOf, makeReport, missingOf, nothingJudged, type Report, type TestReport } from '../report/report.ts';
import type { Reveal } from '../report/reveal.ts';
import { type ExerciseLine, renderExercise, renderNotGraded, renderSummary, renderVisible } from '../report/terminal.ts';
import { canBeJudged } from '../seal/course-files.ts';
import type { ExitCode } from './exit-code.ts';
import { exerciseLine } from './ladder-view.ts';
import { LiveReport, parseTarget, type Target } from './live-report.ts';
import { reportSoFar, trainingOnStderr } from './training-line.ts';

export interface GradeCommandOptions {
  readonly json: boolean;
  readonly backend?: string;
  readonly from?: string;
  readonly solutions: boolean;
  readonly strict: boolean;
  readonly thresholds: boolean;
  readonly reveal: Reveal;
  readonly junit?: string;
  readonly report?: readonly string[];
  readonly seed?: string;
}

export async function gradeCommand(words: readonly string[], options: GradeCommandOptions): Promise<ExitCode> {
  const targets: readonly Target[] = [
    ...(options.report ?? []).map(parseTarget),
    ...(options.junit === undefined ? [] : [{ format: 'junit', file: options.junit } as const]),
  ];
  const catalog = await loadCatalog(process.cwd());
  const exercises = catalog.select(words);
  const from = options.solutions ? path.join(catalog.root, 'solutions') : options.from;
  if (options.solutions && options.from !== undefined)
    throw inWords(new UsageError('grade', '--from or --solutions', 'both'), { message: 'grade：--from 与 --solutions 只能用一个' });
  await requireTree('grade', from);
  const setup = await gradingSetup(options);
  const live = new LiveReport(catalog.root, targets, writerOptions(catalog, from));
  const training = trainingOnStderr();
  const shown: Partial<GradeOptions> = options.json
    ? {}
    : {
        // The line has a test's name, which is not everybody's to read.
        ...(options.reveal === 'full' ? { onTraining: (test) => training.begin(test), onTest: (test) => training.end(test) } : {}),
        onExercise: async (exercise, report, hash, durationMs) => {
          training.stop();
          const hint = from === undefined && options.reveal === 'full' ? await hintBeside(catalog, exercise) : undefined;
          process.stdout.write(`${renderExercise(report, exerciseLine(catalog, exercise, from), durationMs, { hint })}\n`);
          if (from === undefined) await rememberVerdict(catalog.root, report, hash);
        },
        onNotGraded: (exercise, entry, error) => {
          training.stop();
          process.stdout.write(`${renderNotGraded(entry, exerciseLine(catalog, exercise, from))}\n`);
          if (LadderError.isInstance(error) && error.hint !== undefined && options.reveal === 'full')
            process.stdout.write(`    ${error.hint}\n`);
          if (process.env.LADDER_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
        },
      };
  const report = await grade(catalog, exercises, {
    ...setup,
    from,
    reveal: options.reveal,
    ...shown,
    onProgress: (soFar) => live.update(soFar),
    onReport: tolerant((soFar) => live.write(soFar)),
  });
  if (options.json) process.stdout.write(`${json(report)}\n`);
  else process.stdout.write(`\n${renderSummary(report)}\n`);
  await live.write(report);
  return exitCodeOf(report, options.strict);
}

/** UsageError when `--from` names no folder. */
export async function requireTree(command: string, from: string | undefined): Promise<void> {
  if (from === undefined || (await isFolder(from))) return;
  const hint = `ladder ${command} --from <folder>   (<folder>/<module>/<nn-slug>/<file>.ts)`;
  throw inWords(new UsageError(command, 'a folder with the layout of exercises/', JSON.stringify(from), { hint }), {
    message: `${command}：应为与 exercises/ 同结构的目录，实为 ${JSON.stringify(from)}`,
    hint: `ladder ${command} --from <目录>   （<目录>/<模块>/<编号-名称>/<文件>.ts）`,
  });
}

/** The first write must succeed, before hours of work go into a file that cannot be written; a later one may fail, since the last one tells. */
export function tolerant(write: (report: Report) => Promise<void>): (report: Report) => Promise<void> {
  let first = true;
  return async (report) => {
    const written = write(report);
    await (first ? written : written.catch(() => {}));
    first = false;
  };
}

export async function checkCommand(word: string, options: Pick<GradeCommandOptions, 'json' | 'backend' | 'seed'>): Promise<ExitCode> {
  const catalog = await loadCatalog(process.cwd());
  const exercise = catalog.find(word);
  const setup = await gradingSetup(options);
  const started = performance.now();
  const provenance = await provenanceOf(catalog, [exercise], setup);
  // Where the hidden suite is sealed and the key is not here, the report itself has the visible tests.
  const visible = (await canBeJudged(exercise)) ? await runVisible(exercise, folderOf(catalog, exercise), setup) : [];
  if (!options.json) process.stdout.write(renderVisible(visible));
  const line = exerciseLine(catalog, exercise);
  const { report: graded, hash } = await gradeOne(catalog, exercise, { ...setup, ...(options.json ? {} : quickFirst(exercise.id, line)) });
  const hint = await hintBeside(catalog, exercise);
  const report = makeReport([graded], { ...provenance, finishedAt: new Date().toISOString() });
  // The verdict is out before anything is written: a file that cannot be written must not take it away.
  process.stdout.write(
    options.json
      ? `${json(report)}\n`
      : `${renderExercise(graded, line, performance.now() - started, { hint })}\n\n${renderSummary(report)}\n`,
  );
  await rememberVerdict(catalog.root, graded, hash);
  await new LiveReport(catalog.root, [], {}).write(report);
  return exitCodeOf(report, false);
}

/** Shows the verdicts of the quick tests as soon as something trains, then how long it has been at it. */
function quickFirst(id: string, line: ExerciseLine): Pick<JudgeOptions, 'onTest' | 'onTraining'> {
  const training = trainingOnStderr();
  const quick: TestReport[] = [];
  return {
    onTest: (test) => {
      training.end(test);
      quick.push(test);
    },
    onTraining: (test) => {
      if (quick.length > 0) process.stdout.write(`${renderExercise(reportSoFar(id, quick.splice(0)), line)}\n\n`);
      training.begin(test);
    },
  };
}

/** Places for annotations; paths start at `root`, by default the root of the course. */
export function writerOptions(catalog: Catalog, from = path.join(catalog.root, 'exercises'), root = catalog.root): WriterOptions {
  const files = new Map(
    catalog.modules.flatMap((module) =>
      module.exercises.map((exercise) => [
        exercise.id,
        { file: path.resolve(from, module.id, exercise.folder, exercise.manifest.file), referenceFile: exercise.referenceFile },
      ]),
    ),
  );
  return {
    fileOf: (id) => {
      const file = files.get(id)?.file;
      return file === undefined ? undefined : path.relative(root, file).split(path.sep).join('/');
    },
    lineOf: (id) => {
      const { file, referenceFile } = files.get(id) ?? {};
      if (file === undefined || referenceFile === undefined || ![file, referenceFile].every((one) => existsSync(one))) return undefined;
      return lineOfExport(readFileSync(file, 'utf8'), writtenExports(readFileSync(referenceFile, 'utf8'), referenceFile));
    },
  };
}

function lineOfExport(text: string, names: ReadonlySet<string>): number | undefined {
  const declared = /^export (?:async )?(?:function\*?|class|const|let) ([\w$]+)/;
  const at = text.split('\n').findIndex((line) => names.has(declared.exec(line)?.[1] ?? ''));
  return at < 0 ? undefined : at + 1;
}

/**
 * 3 if the grader failed at anything, or could judge nothing; 1 if anything is todo or failing or a threshold failed; under --strict what was inconclusive or lacked
 * a model counts too.
 */
function exitCodeOf(report: Report, strict: boolean): ExitCode {
  if (faultsOf(report).length > 0 || nothingJudged(report)) return 3;
  const bad = report.exercises.some(
    (exercise) =>
      (exercise.state !== 'passing' && exercise.state !== 'not-run') ||
      (strict && missingOf(exercise).length > 0) ||
      exercise.rejected !== null ||
      exercise.tests.some(({ status }) => status === 'failed' || (strict && status === 'inconclusive')),
  );
  return bad ? 1 : 0;
}
