/**
 * JUnit XML, as GitLab and the GitHub actions read it: the message stands in the attribute and in the content, classname and name are unique together, and
 * each testcase carries its file and line. Points are properties of each testsuite; what leaves the total is not in them, and shows as skipped.
 */
import { type Group, groupsOf, type Line, type WriterOptions } from './lines.ts';
import type { Report } from './report.ts';

interface Counts {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
  time: number;
}

const TAGS = {
  passed: undefined,
  failed: 'failure',
  error: 'error',
  waiting: 'skipped',
  inconclusive: 'skipped',
  'not-run': 'skipped',
  'not-gradable': 'error',
  'not-graded': 'skipped',
} as const satisfies Record<Line['status'], string | undefined>;

/** The whole report as JUnit XML. */
export function junit(report: Report, { fileOf, lineOf }: WriterOptions = {}): string {
  const total: Counts = { tests: 0, failures: 0, errors: 0, skipped: 0, time: 0 };
  const suites = groupsOf(report).map((group) => {
    const { xml, counts } = suite(group, fileOf?.(group.id), lineOf?.(group.id));
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += counts[key];
    return xml;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${attributes({ name: 'ladder', ...shown(total) })}>\n${suites.join('')}</testsuites>\n`;
}

function suite({ id, lines }: Group, file: string | undefined, at = 1): { xml: string; counts: Counts } {
  const counts: Counts = { tests: lines.length, failures: 0, errors: 0, skipped: 0, time: 0 };
  const cases = lines.map((line) => {
    const tag = TAGS[line.status];
    if (tag === 'failure') counts.failures++;
    if (tag === 'error') counts.errors++;
    if (tag === 'skipped') counts.skipped++;
    const seconds = line.durationMs / 1000;
    counts.time += seconds;
    const place: Record<string, string> = file === undefined ? {} : { file, line: String(line.at ?? at) };
    const opening = `    <testcase ${attributes({ classname: id, name: line.name, ...place, time: seconds.toFixed(3) })}`;
    return tag === undefined ? `${opening}/>\n` : `${opening}>${element(tag, line)}</testcase>\n`;
  });
  const points = property('points', sumOf(lines, 'points')) + property('maxPoints', sumOf(lines, 'maxPoints'));
  const head = `  <testsuite ${attributes({ name: id, ...shown(counts) })}>\n    <properties>${points}</properties>\n`;
  return { xml: `${head}${cases.join('')}  </testsuite>\n`, counts };
}

function element(tag: 'failure' | 'error' | 'skipped', { status, kind, message, points, maxPoints, leftOut, code }: Line): string {
  const lost = tag === 'failure' ? `${points} of ${maxPoints} points` : leftOut > 0 ? `points left out of the total: ${leftOut}` : '';
  const text = [message || status, lost].filter(Boolean).join('\n');
  const type = tag === 'failure' ? (kind === 'performance' ? 'ThresholdError' : 'AssertionError') : (code ?? status);
  return `<${tag} ${attributes({ message: text.split('\n')[0] ?? '', type })}>${escapeXml(text)}</${tag}>`;
}

const sumOf = (lines: readonly Line[], key: 'points' | 'maxPoints'): number => lines.reduce((sum, line) => sum + line[key], 0);
const property = (name: string, value: number): string => `<property ${attributes({ name, value: String(value) })}/>`;

function shown({ tests, failures, errors, skipped, time }: Counts): Record<string, string> {
  return { tests: String(tests), failures: String(failures), errors: String(errors), skipped: String(skipped), time: time.toFixed(3) };
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(value).replaceAll('\t', '&#9;').replaceAll('\n', '&#10;')}"`)
    .join(' ');
}

/** XML 1.0 has no place for control characters and lone surrogates, escaped or not: they are left out. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
