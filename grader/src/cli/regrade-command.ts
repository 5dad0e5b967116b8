/** `ladder regrade`: stored submissions again, with a table of before and after. */
import pc from 'picocolors';
import { loadCatalog } from '../catalog/catalog.ts';
import { say } from '../format/words.ts';
import { studentsIn, undoRegrade } from '../grading/class-folder.ts';
import { type Marks, type RegradedExercise, type RegradedStudent, type RegradeReport, regrade } from '../grading/regrade.ts';
import { gradingSetup } from '../grading/setup.ts';
import { logText, plainLine } from '../report/plain-text.ts';
import type { Reveal } from '../report/reveal.ts';
import { requireKey } from '../seal/course-files.ts';
import { withLock } from '../system/files.ts';
import type { ExitCode } from './exit-code.ts';

export interface RegradeCommandOptions {
  readonly json: boolean;
  readonly undo: boolean;
  readonly backend?: string;
  readonly strict: boolean;
  readonly thresholds: boolean;
  readonly reveal?: Reveal;
}

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

export async function regradeCommand(folder: string, words: readonly string[], options: RegradeCommandOptions): Promise<ExitCode> {
  if (options.undo) return undo(folder, options.json);
  const catalog = await loadCatalog(process.cwd());
  const exercises = catalog.select(words);
  await requireKey(exercises, 'regrade'); // without it a grade would be replaced by none
  const setup = await gradingSetup(options);
  const report = await regrade(catalog, exercises, folder, {
    ...setup,
    reveal: options.reveal,
    ...(options.json ? {} : { onStudent: progress() }),
  });
  if (options.json) print(JSON.stringify(report));
  else printTable(report);
  return report.ok ? 0 : 3;
}

async function undo(folder: string, json: boolean): Promise<ExitCode> {
  await studentsIn(folder);
  const restored = await withLock(folder, () => undoRegrade(folder));
  if (json) print(JSON.stringify({ version: 1, restored }));
  else
    print(
      say({
        en: `The last regrade is undone: ${restored.length} reports are as they were before it.`,
        zh: `已撤销上一次重新评分：${restored.length} 份结果恢复原样。`,
      }),
    );
  return 0;
}

/** One line on a terminal's stderr: how far, how fast, how long still. */
function progress(): (student: RegradedStudent, done: number, of: number) => void {
  const started = performance.now();
  return (_, done, of) => {
    if (!process.stderr.isTTY) return;
    const seconds = (performance.now() - started) / 1000;
    const left = Math.round((seconds / done) * (of - done));
    const rate = ((done / seconds) * 60).toFixed(1);
    const text = say({
      en: `${done}/${of} students, ${rate} a minute, ${left} s left`,
      zh: `${done}/${of} 名学生，每分钟 ${rate} 名，剩余 ${left} 秒`,
    });
    process.stderr.write(`\r\u001b[K${done === of ? '' : pc.dim(text)}`);
  };
}

function printTable({ students, grader }: RegradeReport): void {
  const rows = students.flatMap(rowsOf);
  const head = say({ en: 'student|exercise|before|after|', zh: '学生|练习|之前|之后|' }).split('|');
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  print(pc.bold(line(head)));
  for (const { cells, note } of rows) print([line(cells), ...note.map((text) => pc.yellow(`    ${text}`))].join('\n'));
  const changed = students.filter(({ before, after }) => before?.score !== after?.score || before?.maxScore !== after?.maxScore).length;
  const broken = students.filter(({ problem, exercises }) => problem !== null || exercises.some((one) => one.problem !== null)).length;
  print('');
  print(
    say({
      en: `${students.length} students regraded with grader ${grader}: ${changed} totals changed, ${broken} with problems`,
      zh: `用评分器 ${grader} 重新评分 ${students.length} 名学生：${changed} 人总分有变化，${broken} 人有问题`,
    }),
  );
  if (students.some(({ kept }) => kept !== null))
    print(
      pc.dim(
        say({ en: 'Old reports are kept beside the new ones; --undo brings them back.', zh: '旧结果保存在新结果旁边；用 --undo 可恢复。' }),
      ),
    );
}

interface Row {
  readonly cells: readonly string[];
  readonly note: readonly string[];
}

function rowsOf({ student, exercises, before, after, problem }: RegradedStudent): Row[] {
  const name = logText(plainLine(student));
  if (problem !== null) return [{ cells: [name, '', '', '', ''], note: logText(problem).split('\n') }];
  const total = { cells: ['', say({ en: 'total', zh: '总分' }), marks(before), marks(after), change(before, after)], note: [] };
  const rows = exercises.map((one, i) => ({
    cells: [i === 0 ? name : '', logText(plainLine(one.id)), marks(one.before), marks(one.after), change(one.before, one.after)],
    note: notesOf(one),
  }));
  return [...rows, total];
}

function notesOf({ problem, filesChanged }: RegradedExercise): string[] {
  if (problem !== null) return [`${say({ en: 'not regraded', zh: '未重新评分' })}: ${logText(problem)}`];
  if (!filesChanged) return [];
  return [say({ en: 'the files are not those that were graded before', zh: '文件与之前评分时不同' })];
}

const marks = (sum: Marks | null): string => (sum === null ? '-' : `${sum.score}/${sum.maxScore}`);

function change(before: Marks | null, after: Marks | null): string {
  if (before === null || after === null) return '';
  const points = after.score - before.score;
  return points === 0 ? '' : points > 0 ? `+${points}` : String(points);
}
