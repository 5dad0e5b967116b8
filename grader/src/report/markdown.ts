/**
 * Markdown for a GitHub step summary or a comment: a table of the exercises, and below it what failed. The totals are the report's own; what did not run or was
 * inconclusive is named with the points that left them. Names are escaped and messages stand in fences longer than any that they hold, so that no text becomes markup.
 */
import { say } from '../format/words.ts';
import { fitted } from './fit.ts';
import { type Group, groupsOf, type Line } from './lines.ts';
import { notGradedText } from './not-graded-text.ts';
import { plainLine } from './plain-text.ts';
import type { Report } from './report.ts';

/** GitHub drops the summary of a step that is longer than 1 MiB. */
const BYTES = 1_000_000;

/** The whole report as Markdown; messages are cut where it would be too long. */
export function markdown(report: Report): string {
  return fitted('markdown', BYTES, (cut) => render(report, cut));
}

function render(report: Report, cut: (message: string) => string): string {
  const { score, maxScore, exercises, submission, backend, box, seed, grader } = report;
  const passing = exercises.filter(({ state }) => state === 'passing').length;
  const summary = say({
    en: `**${score} of ${maxScore} points**, ${passing} of ${exercises.length} exercises passing`,
    zh: `**得分 ${score}/${maxScore}**，${exercises.length} 题中通过 ${passing} 题`,
  });
  const open = notGradedText(report);
  const parts = [
    `## ${say({ en: 'LLM Ladder', zh: '大模型阶梯' })}: ${escaped(submission)}`,
    summary,
    ...(open === '' ? [] : [fence(cut(open))]),
    table(report),
    ...groupsOf(report).flatMap((group) => details(group, cut)),
    `<sub>${escaped(`${backend} · ${box} · seed ${seed} · grader ${grader}`)}</sub>`,
  ];
  return `${parts.join('\n\n')}\n`;
}

const MARKS = { passing: '✓', failing: '✗', todo: '○', 'not-run': '-' } as const;

function table({ exercises }: Report): string {
  const head = say({ en: '| | exercise | points | of |', zh: '| | 练习 | 得分 | 满分 |' });
  const rows = exercises.map(({ id, state, score, maxScore }) => `| ${MARKS[state]} | ${escaped(id)} | ${score} | ${maxScore} |`);
  return [head, '|---|---|---:|---:|', ...rows].join('\n');
}

/** What did not pass in one exercise; of what merely waits only the number. */
function details({ id, lines }: Group, cut: (message: string) => string): string[] {
  const shown = lines.filter(
    ({ status }) => status !== 'passed' && status !== 'waiting' && status !== 'not-graded' && status !== 'not-gradable',
  );
  const waiting = lines.filter(({ status }) => status === 'waiting').length;
  if (shown.length + waiting === 0) return [];
  const blocks = shown.map((line) => {
    const message = cut(line.message);
    return `**${escaped(line.title)}** (${pointsOf(line)})${message === '' ? '' : `\n\n${fence(message)}`}`;
  });
  if (waiting > 0)
    blocks.push(say({ en: `${waiting} more wait until the tests above pass`, zh: `另有 ${waiting} 项，等上面的测试通过后再跑` }));
  return [`### ${escaped(id)}`, ...blocks];
}

function pointsOf({ status, points, maxPoints, leftOut }: Line): string {
  if (status === 'not-run') return say({ en: `not run, points left out: ${leftOut}`, zh: `未运行，${leftOut} 分不计入总分` });
  if (status === 'inconclusive') return say({ en: `inconclusive, points left out: ${leftOut}`, zh: `无结论，${leftOut} 分不计入总分` });
  if (status === 'error') return say({ en: 'nothing else was judged', zh: '其余项目未评判' });
  return say({ en: `${points} of ${maxPoints} points`, zh: `${points}/${maxPoints} 分` });
}

/** Every sign that could begin markup or a link inside a line gets a backslash; a mention is broken by a space of no width. */
function escaped(text: string): string {
  return plainLine(text)
    .replace(/[\\`*_[\]<>&|~$@:^#]|(?<=www)\./gi, '\\$&')
    .replace(/@(?=\w)/g, '@\u200b');
}

/** A fenced block; its fence is longer than any run of backticks inside. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}text\n${text}\n${ticks}`;
}
