/** `ladder gradescope`: the archive that an instructor uploads, and what runs in it for every submission. */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GraderError, UsageError } from '@llm-ladder/backend/errors';
import { loadCatalog } from '../catalog/catalog.ts';
import { readPoints } from '../catalog/derived.ts';
import type { Exercise } from '../catalog/types.ts';
import { inWords, lang, say, setLang } from '../format/words.ts';
import { buildArchive, PLAN, type Plan, planSchema } from '../gradescope/archive.ts';
import { arranged } from '../gradescope/arrange.ts';
import { grade } from '../grading/grade.ts';
import { gradingSetup } from '../grading/setup.ts';
import { requireStrong } from '../grading/strong-box.ts';
import { faultsOf } from '../report/report.ts';
import { renderExercise, renderNotGraded, renderSummary } from '../report/terminal.ts';
import { asWriteError } from '../system/files.ts';
import type { ExitCode } from './exit-code.ts';
import { exerciseLine } from './ladder-view.ts';
import { LiveReport } from './live-report.ts';

export interface GradescopeOptions {
  readonly out: string;
  readonly minutes: string;
  readonly thresholds: boolean;
  /** The folder that Gradescope calls /autograder: grade what was submitted there. */
  readonly run?: string;
}

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

export async function gradescopeCommand(words: readonly string[], options: GradescopeOptions): Promise<ExitCode> {
  return options.run === undefined ? build(words, options) : run(options.run);
}

async function build(words: readonly string[], { out, minutes: given, thresholds }: GradescopeOptions): Promise<ExitCode> {
  const minutes = Number(given);
  if (!(minutes > 0 && minutes <= 40)) {
    throw inWords(new UsageError('gradescope --minutes', 'more than 0, at most 40', JSON.stringify(given)), {
      message: `gradescope --minutes：应大于 0，不超过 40，实为 ${JSON.stringify(given)}`,
    });
  }
  const exercises = (await loadCatalog(process.cwd())).select(words);
  process.stderr.write(`${say({ en: 'Packing ...', zh: '正在打包……' })}\n`);
  const archive = await buildArchive(exercises, { minutes, thresholds, lang: lang() });
  await writeFile(out, archive).catch((error) => {
    throw asWriteError(out, error);
  });
  const points = await Promise.all(exercises.map(readPoints));
  const sum = (kind: 'tests' | 'performance'): number => points.reduce((total, one) => total + one[kind], 0);
  const size = (archive.length / 1e6).toFixed(1);
  print(
    say({
      en: `${out}: ${exercises.length} exercises, ${sum('tests')} points, ${size} MB\nUpload it under "Configure Autograder", and set the assignment's points to ${sum('tests')}.`,
      zh: `${out}：${exercises.length} 道练习，${sum('tests')} 分，${size} MB\n在 Gradescope 的 “Configure Autograder” 页上传，并把作业总分设为 ${sum('tests')}。`,
    }),
  );
  if (thresholds)
    print(
      say({
        en: `Thresholds add up to ${sum('performance')} points on top: one that stays inconclusive must cost nobody anything.`,
        zh: `性能阈值最多另加 ${sum('performance')} 分：无结论时不能让任何人丢分。`,
      }),
    );
  return 0;
}

/** Grades `<root>/submission` and keeps `<root>/results/results.json` whole after every exercise. */
async function run(root: string): Promise<ExitCode> {
  const source = path.join(root, 'source');
  const plan = await readPlan(path.join(source, PLAN));
  setLang(plan.lang);
  const catalog = await loadCatalog(source);
  const exercises = catalog.select(plan.exercises);
  const setup = await gradingSetup({ thresholds: plan.thresholds });
  requireStrong(setup.driver, exercises);
  const submission = path.join(root, 'submission');
  if (!existsSync(submission)) throw new GraderError('gradescope', `${submission}: expected the submission, got nothing`);
  const { tree, found, copied } = await arranged(submission, exercises);
  print(foundText(exercises, found));

  const live = new LiveReport(catalog.root, [{ format: 'gradescope', file: path.join(root, 'results', 'results.json') }], {});
  const report = await grade(catalog, exercises, {
    ...setup,
    from: tree,
    onExercise: (exercise, one, _hash, durationMs) => void print(renderExercise(one, exerciseLine(catalog, exercise, tree), durationMs)),
    onNotGraded: (exercise, entry) => void print(renderNotGraded(entry, exerciseLine(catalog, exercise, tree))),
    onProgress: (soFar) => live.update(soFar),
    onReport: (soFar) => live.write(soFar),
  });
  print(`\n${renderSummary(report)}`);
  if (copied) await rm(tree, { recursive: true, force: true });
  return faultsOf(report).length > 0 ? 3 : 0;
}

async function readPlan(file: string): Promise<Plan> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new UsageError('gradescope --run', `the folder of an autograder, with ${PLAN} in source/`, `none at ${file}`, { cause });
  });
  return planSchema.parse(JSON.parse(text));
}

function foundText(exercises: readonly Exercise[], found: readonly Exercise[]): string {
  const missing = exercises.filter((one) => !found.includes(one)).map(({ id, manifest }) => `${id} (${manifest.file})`);
  if (missing.length === 0) return say({ en: 'Every exercise was submitted.', zh: '所有练习都已提交。' });
  return say({ en: `Not submitted: ${missing.join(', ')}`, zh: `未提交：${missing.join('、')}` });
}
