/**
 * A report as a learner reads it in a terminal: short, exact, one next step. The totals are the report's own; what did not run is named with the points that left
 * them. Names and messages are cleaned, since a terminal and a CI log obey what they print.
 */
import pc from 'picocolors';
import type { VisibleTestResult } from '../box/types.ts';
import { lang, say } from '../format/words.ts';
import type { NextHint } from '../learner/hint.ts';
import { notGradedText } from './not-graded-text.ts';
import { logText } from './plain-text.ts';
import { type ExerciseReport, isUnseen, type NotGraded, type Report, type TestReport } from './report.ts';

const BAR_CELLS = 26;

const MARKS = {
  passed: () => pc.green('✓'),
  failed: () => pc.red('✗'),
  waiting: () => pc.dim('·'),
  inconclusive: () => pc.yellow('?'),
  'not-run': () => pc.yellow('-'),
} as const satisfies Record<TestReport['status'], () => string>;

/** The mark in front of an exercise: passing, failing, not written yet, or what cannot be said here: without the key of its sealed tests, or without a model. */
export const stateMark = (state: ExerciseReport['state'] | 'unseen'): string =>
  ({ passing: pc.green('✓'), failing: pc.red('✗'), todo: pc.dim('○'), unseen: pc.yellow('-'), 'not-run': pc.yellow('-') })[state];

/** A progress bar: `done` of `total` cells filled. */
export function renderBar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.round((done / total) * BAR_CELLS);
  return pc.green('█'.repeat(filled)) + pc.dim('░'.repeat(BAR_CELLS - filled));
}

export interface ExerciseLine {
  readonly title: string;
  readonly file: string;
}

/** One exercise: a headline, then its tests; `short` counts those that passed instead of naming them. */
export function renderExercise(
  report: ExerciseReport,
  { title, file }: ExerciseLine,
  durationMs?: number,
  { short = false, hint }: { readonly short?: boolean; readonly hint?: NextHint | undefined } = {},
): string {
  const time = durationMs === undefined ? '' : pc.dim(`${Math.round(durationMs)} ms`);
  const lines = [`${stateMark(isUnseen(report) ? 'unseen' : report.state)} ${pc.bold(title)}   ${pc.dim(file)}   ${time}`.trimEnd()];
  if (report.rejected) lines.push(...indent(4, pc.red(logText(report.rejected.reason))));
  else if (report.state === 'todo')
    lines.push(
      `    ${say({ en: 'Not written yet. Open the file at its TODO, write, save.', zh: '还没写。打开文件，在 TODO 处动手，然后保存。' })}`,
    );
  else {
    const counted = short ? report.tests.filter((test) => test.kind === 'test' && test.status === 'passed') : [];
    if (counted.length > 0)
      lines.push(`  ${MARKS.passed()} ${say({ en: `${counted.length} tests pass`, zh: `${counted.length} 项测试通过` })}`);
    const named = report.tests.filter((test) => test.status !== 'waiting' && !test.sealed && !counted.includes(test));
    const first = hint && named.find(({ kind, status }) => kind === 'test' && status === 'failed');
    for (const [i, test] of named.entries()) {
      const again = test.missing && test.message === named[i + 1]?.message; // told once, below the last of them
      lines.push(
        ...renderTest(again ? { ...test, message: null } : test),
        ...(test === first ? indent(6, hintLine(report.id, hint!)) : []),
      );
    }
  }
  const sealed = report.tests.find((test) => test.sealed)?.message;
  if (sealed) lines.push(`  ${MARKS['not-run']()} ${logText(sealed)}`);
  const waiting = report.tests.filter((test) => test.status === 'waiting').length;
  if (waiting > 0 && report.state !== 'todo' && !report.rejected)
    lines.push(
      `  ${pc.dim(say({ en: `· ${waiting} more wait until the tests above pass`, zh: `· 另有 ${waiting} 项，等上面的测试通过后再跑` }))}`,
    );
  return lines.join('\n');
}

function hintLine(id: string, { level, of }: NextHint): string {
  return pc.dim(logText(say({ en: `hint ${level} of ${of}: ladder hint ${id}`, zh: `提示 ${level}/${of}：ladder hint ${id}` })));
}

/** One test: its mark and name, and what went wrong under it. */
export function renderTest(test: TestReport): string[] {
  const name = nameOf(test);
  const points = test.status === 'passed' || test.status === 'waiting' ? '' : pc.dim(pointsOf(test));
  const lines = [`  ${MARKS[test.status]()} ${name}${points === '' ? '' : `   ${points}`}`];
  if (test.message && test.status !== 'waiting') lines.push(...indent(6, logText(test.message)));
  return lines;
}

function pointsOf({ status, points, maxPoints }: TestReport): string {
  if (status === 'not-run') return say({ en: 'not run', zh: '未运行' });
  if (status === 'inconclusive') return say({ en: 'inconclusive, costs nothing', zh: '无结论，不扣分' });
  return say({ en: `${points} of ${maxPoints} points`, zh: `${points}/${maxPoints} 分` });
}

/** The visible tests of one exercise; nothing when none ran. */
export function renderVisible(results: readonly VisibleTestResult[]): string {
  if (results.length === 0 || results.every(({ notWritten }) => notWritten)) return '';
  const lines = [pc.bold(say({ en: 'Visible tests (no points)', zh: '公开测试（不计分）' }))];
  for (const { name, status, message } of results) {
    lines.push(`  ${status === 'passed' ? pc.green('✓') : status === 'failed' ? pc.red('✗') : pc.dim('·')} ${logText(name)}`);
    if (status === 'failed' && message) lines.push(...indent(6, logText(message)));
  }
  return `${lines.join('\n')}\n\n`;
}

/** The closing lines of a grade: the score, and what did not run, by name. */
export function renderSummary(report: Report): string {
  const passing = report.exercises.filter((exercise) => exercise.state === 'passing').length;
  const total = report.exercises.length;
  const lines = [
    say({
      en: `${passing} of ${total} exercises passing, ${report.score} of ${report.maxScore} points`,
      zh: `${total} 题中通过 ${passing} 题，得分 ${report.score}/${report.maxScore}`,
    }) + pc.dim(logText(`   ${report.backend} · ${report.box} · ${say({ en: 'seed', zh: '种子' })} ${report.seed}`)),
  ];
  const notRun = report.exercises.flatMap((exercise) =>
    exercise.tests.filter((test) => test.status === 'not-run').map((test) => ({ exercise, test })),
  );
  const sealed = report.exercises.flatMap(({ id, tests }) => {
    const count = tests.filter((test) => test.sealed).length;
    return count === 0 ? [] : [{ id, count }];
  });
  if (notRun.length > 0) {
    lines.push(
      say({
        en: `${notRun.length} did not run (${report.pointsNotRun} points left out of the total):`,
        zh: `${notRun.length} 项没有运行（${report.pointsNotRun} 分不计入总分）：`,
      }),
    );
    for (const { exercise, test } of notRun) if (!test.sealed) lines.push(`  - ${logText(exercise.id)}: ${nameOf(test)}`);
    for (const { id, count } of sealed)
      lines.push(`  - ${logText(id)}: ${say({ en: `${count} sealed tests`, zh: `${count} 项密封测试` })}`);
  }
  const open = notGradedText(report);
  if (open !== '') lines.push(pc.yellow(logText(open)));
  return lines.join('\n');
}

/** An exercise that the grader failed at: what had been judged, and why there is no verdict. */
export function renderNotGraded({ reason, tests }: NotGraded, { title, file }: ExerciseLine): string {
  const why = say({ en: `Not gradable: ${reason}`, zh: `无法评分：${reason}` });
  return [
    `${pc.yellow('!')} ${pc.bold(title)}   ${pc.dim(file)}`,
    ...tests.flatMap(renderTest),
    ...indent(4, pc.yellow(logText(why))),
  ].join('\n');
}

/** The whole report as text: every exercise, then the summary. */
export function renderReport(report: Report): string {
  const exercises = report.exercises.map((exercise) => renderExercise(exercise, { title: logText(exercise.id), file: '' }));
  return `${[...exercises, '', renderSummary(report)].join('\n')}\n`;
}

function nameOf({ name, zh }: TestReport): string {
  return logText(lang() === 'zh' && zh ? zh : name);
}

const indent = (by: number, text: string): string[] => text.split('\n').map((line) => ' '.repeat(by) + line);
