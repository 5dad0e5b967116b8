/**
 * Workflow commands of GitHub Actions, one a line: printed by a step, each becomes an error at the learner's file and line. GitHub shows ten a step; the first failure of
 * every exercise comes before any second one, and the tenth says how many are left.
 */
import { say } from '../format/words.ts';
import { cutTo } from './fit.ts';
import { groupsOf, type Line, type WriterOptions } from './lines.ts';
import type { Report } from './report.ts';

const LIMIT = 10;
const CHARACTERS = 2000;

/** The failures of the report as `::error` commands. What is not written yet is no failure. */
export function annotations(report: Report, { fileOf, lineOf }: WriterOptions = {}): string {
  const todo = new Set(report.exercises.filter(({ state }) => state === 'todo').map(({ id }) => id));
  const failures = groupsOf(report)
    .filter(({ id }) => !todo.has(id))
    .map(({ id, lines }) => lines.filter(isFailure).map((line) => ({ id, line })));
  const longest = Math.max(0, ...failures.map((group) => group.length));
  const inTurn = Array.from({ length: longest }, (_, turn) => failures.flatMap((group) => group[turn] ?? [])).flat();
  const shown = inTurn.slice(0, inTurn.length > LIMIT ? LIMIT - 1 : LIMIT);
  const commands = shown.map(({ id, line }) => {
    const file = fileOf?.(id);
    const place = file === undefined ? {} : { file, line: String(line.at ?? lineOf?.(id) ?? 1) };
    return command({ ...place, title: `${id}: ${line.title}` }, cutTo(line.message, CHARACTERS) || line.status);
  });
  const left = inTurn.length - shown.length;
  if (left > 0) {
    const more = say({ en: `${left} more failures are in the summary of this run`, zh: `另有 ${left} 处失败，见本次运行的摘要` });
    commands.push(command({ title: say({ en: 'LLM Ladder', zh: '大模型阶梯' }) }, more));
  }
  return commands.map((one) => `${one}\n`).join('');
}

const isFailure = ({ status }: Line): boolean => status === 'failed' || status === 'error' || status === 'not-gradable';

function command(properties: Readonly<Record<string, string>>, message: string): string {
  const words = Object.entries(properties).map(
    ([name, value]) => `${name}=${escaped(value).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
  );
  return `::error ${words.join(',')}::${escaped(message)}`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
