/**
 * Exercism's results.json, version 3. It knows no points and no skipped tests: what leaves the total is no test here, and is named in the output of the last one.
 * `error` at the top means that nothing was judged; only then there is a message at the top. The exercises of a report become the tasks, counted from 1.
 */
import { say } from '../format/words.ts';
import { cutTo } from './fit.ts';
import { groupsOf, type Line } from './lines.ts';
import type { Report } from './report.ts';

const MESSAGE_CHARACTERS = 65_535;
const OUTPUT_CHARACTERS = 500;

/** The whole report as results.json. */
export function exercism(report: Report): string {
  const groups = groupsOf(report);
  const lines = groups.flatMap((group) => group.lines);
  const tests = groups.flatMap((group, i) => group.lines.filter(isTest).map((line) => testOf(line, i + 1)));
  const last = tests.pop();
  if (last) tests.push({ ...last, output: cutTo(leftOutText(lines), OUTPUT_CHARACTERS) });
  const judged = lines.some(({ status }) => status === 'passed' || status === 'failed');
  const passed = tests.every(({ status }) => status === 'pass');
  const status = !judged ? 'error' : passed ? 'pass' : 'fail';
  return `${JSON.stringify({ version: 3, status, message: judged ? null : errorText(lines), tests })}\n`;
}

const isTest = ({ status }: Line): boolean => status !== 'not-run' && status !== 'inconclusive';

function testOf(line: Line, task: number) {
  const status = line.status === 'passed' ? 'pass' : line.status === 'failed' ? 'fail' : 'error';
  return {
    name: `${line.exercise}: ${line.name}`,
    status,
    ...(status === 'pass' ? {} : { message: cutTo(line.message || line.status, MESSAGE_CHARACTERS) }),
    output: '',
    test_code: line.title, // the hidden suite stays hidden: its sentence stands for it
    task_id: task,
  };
}

function leftOutText(lines: readonly Line[]): string {
  const out = lines.filter((line) => !isTest(line)).map(({ exercise, title }) => `${exercise}: ${title}`);
  return out.length === 0 ? '' : `${say({ en: 'Left out of the total:', zh: '不计入总分：' })}\n${out.join('\n')}`;
}

function errorText(lines: readonly Line[]): string {
  const reasons = lines.filter(({ message, status }) => message !== '' && status !== 'waiting').map(({ message }) => message);
  return cutTo(reasons.join('\n\n') || say({ en: 'Nothing was judged.', zh: '没有评判任何内容。' }), MESSAGE_CHARACTERS);
}
