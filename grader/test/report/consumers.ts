/**
 * What reads our reports: the consumer's own code where it is on npm, else its documented set of fields and its formulas. Each takes a file as text and gives back
 * the points that it would show, or undefined where it would take no grade. It throws (through `expect`) for anything that it would misread.
 */
import { Ajv } from 'ajv';
import { parse as parseCsv } from 'csv-parse/sync';
import { type CTRFReport, calculateSummary, getCurrentSpecVersion, getSchema } from 'ctrf';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { SaxesParser } from 'saxes';
import { expect } from 'vitest';
import { z } from 'zod';

export interface Shown {
  readonly score: number;
  readonly maxScore: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);

// --- text that must obey nobody ---

/** No escape sequences, control characters, marks of direction or half characters. */
export function expectHarmless(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
  expect(text.isWellFormed()).toBe(true);
}

/** No line that a CI runner takes for an order. */
export function expectNoOrders(text: string): void {
  expect(text.split('\n').filter((line) => line.trim().startsWith('::'))).toEqual([]);
  expect(text).not.toMatch(/##\w*\[/);
}

/** Every string in a JSON document. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...stringsIn(item)]);
}

function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  expectHarmless(stringsIn(value).join('\n'));
  return value;
}

// --- JUnit: GitLab reads classname, name, file, time and the content; the GitHub actions the attributes too ---

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const JUNIT = {
  testsuites: { attributes: ['name', 'tests', 'failures', 'errors', 'skipped', 'time'], children: ['testsuite'] },
  testsuite: { attributes: ['name', 'tests', 'failures', 'errors', 'skipped', 'time'], children: ['properties', 'testcase'] },
  properties: { attributes: [], children: ['property'] },
  property: { attributes: ['name', 'value'], children: [] },
  testcase: { attributes: ['classname', 'name', 'time', 'file', 'line'], children: ['failure', 'error', 'skipped'] },
  failure: { attributes: ['message', 'type'], children: [] },
  error: { attributes: ['message', 'type'], children: [] },
  skipped: { attributes: ['message', 'type'], children: [] },
} as const satisfies Record<string, { readonly attributes: readonly string[]; readonly children: readonly string[] }>;

export function readJUnit(xml: string): Shown & { readonly cases: readonly Element[] } {
  expectHarmless(xml);
  const root = parseXml(xml);
  checkElement(root);
  const cases = root.children.flatMap(({ children }) => children.filter(({ name }) => name === 'testcase'));
  const keys = cases.map(({ attributes: { classname, name } }) => JSON.stringify([classname, name]));
  expect(new Set(keys).size).toBe(keys.length);
  for (const suite of [root, ...root.children]) {
    const own = suite === root ? cases : suite.children.filter(({ name }) => name === 'testcase');
    const having = (tag: string): number => own.filter(({ children }) => children.some(({ name }) => name === tag)).length;
    const said = ['tests', 'failures', 'errors', 'skipped'].map((name) => Number(suite.attributes[name]));
    expect(said).toEqual([own.length, having('failure'), having('error'), having('skipped')]);
  }
  expect(cases.filter(({ attributes: { file, line } }) => !/^exercises\//.test(file!) || !/^[1-9]\d*$/.test(line!))).toEqual([]);
  const results = cases.flatMap(({ children }) => children);
  expect(results.filter(({ attributes, text }) => text.trim() === '' || !text.startsWith(attributes.message!))).toEqual([]);
  const properties = root.children.flatMap(({ children }) =>
    children.filter(({ name }) => name === 'properties').flatMap((one) => one.children),
  );
  const total = (name: string): number =>
    sum(properties.filter(({ attributes }) => attributes.name === name).map((one) => Number(one.attributes.value)));
  return { score: total('points'), maxScore: total('maxPoints'), cases };
}

function parseXml(xml: string): Element {
  const parser = new SaxesParser(); // throws nothing by itself: each fault goes to the handler
  const stack: Element[] = [{ name: '', attributes: {}, children: [], text: '' }];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, children: [], text: '' };
    stack.at(-1)!.children.push(element);
    stack.push(element);
  });
  parser.on('text', (text) => {
    stack.at(-1)!.text += text;
  });
  parser.on('closetag', () => void stack.pop());
  for (const event of ['cdata', 'comment', 'processinginstruction', 'doctype'] as const)
    parser.on(event, () => expect.fail(`${event} in the file`));
  parser.write(xml).close();
  return stack[0]!.children[0]!;
}

function checkElement({ name, attributes, children }: Element): void {
  const allowed: { readonly attributes: readonly string[]; readonly children: readonly string[] } = JUNIT[name as keyof typeof JUNIT];
  const unknown = [
    ...Object.keys(attributes).filter((attribute) => !allowed.attributes.includes(attribute)),
    ...children.map((child) => child.name).filter((child) => !allowed.children.includes(child)),
  ];
  if (unknown.length > 0) expect.fail(`${name}: unknown ${unknown.join(', ')}`);
  for (const child of children) checkElement(child);
}

// --- Markdown: GitHub's dialect, with HTML let through, as GitHub does it ---

const OUR_TAGS = ['h2', 'h3', 'p', 'strong', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'pre', 'code', 'sub'];

export function readMarkdown(text: string): Shown & { readonly rows: number } {
  expectHarmless(text);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1 << 20);
  const html = micromark(text, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  expect([...html.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag!).filter((tag) => !OUR_TAGS.includes(tag))).toEqual([]);
  expect(html.match(/<h2>/g)).toHaveLength(1);
  expect(html.match(/<table>/g)).toHaveLength(1);
  const rows = [...(/<tbody>([\s\S]*)<\/tbody>/.exec(html)?.[1] ?? '').matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map(([, cell]) => cell!),
  );
  for (const row of rows) expect(row).toHaveLength(4);
  return { score: sum(rows.map((row) => Number(row[2]))), maxScore: sum(rows.map((row) => Number(row[3]))), rows: rows.length };
}

// --- CTRF: schema and summary of the reference implementation; its own `validate` compiles the schema anew each time ---

const validateCtrf = new Ajv({ allErrors: true, validateFormats: false }).compile(getSchema(getCurrentSpecVersion()));

export function readCtrf(text: string): Shown {
  const report = parseJson(text) as CTRFReport;
  expect(report.specVersion).toBe(getCurrentSpecVersion());
  validateCtrf(report);
  expect(validateCtrf.errors).toBeNull();
  const { tests, summary } = report.results;
  const { duration, suites, ...counts } = calculateSummary(tests, { start: summary.start, stop: summary.stop });
  expect(summary).toEqual(counts);
  const points = tests.map(({ extra }) => extra as { points: number; maxPoints: number });
  return { score: sum(points.map((one) => one.points)), maxScore: sum(points.map((one) => one.maxPoints)) };
}

// --- Gradescope: the fields of its documentation ---

const format = z.enum(['text', 'html', 'simple_format', 'md', 'ansi']);
const visibility = z.enum(['visible', 'hidden', 'after_due_date', 'after_published']);
const gradescopeSchema = z.strictObject({
  score: z.number().optional(),
  execution_time: z.number().min(0),
  output: z.string(),
  output_format: format,
  test_output_format: format,
  test_name_format: format,
  visibility,
  extra_data: z.looseObject({}),
  tests: z.array(
    z.strictObject({
      score: z.number().min(0).optional(),
      max_score: z.number().min(0).optional(),
      status: z.enum(['passed', 'failed']).optional(),
      name: z.string().min(1),
      number: z.string().regex(/^[1-9]\d*\.[1-9]\d*$/),
      output: z.string(),
      tags: z.array(z.string()),
      visibility,
    }),
  ),
});

export function readGradescope(text: string): Shown | undefined {
  const { score, tests, ...formats } = gradescopeSchema.parse(parseJson(text));
  // Any of the other formats would turn a learner's text into markup.
  expect([formats.output_format, formats.test_output_format, formats.test_name_format]).toEqual(['text', 'text', 'text']);
  expect(new Set(tests.map(({ number }) => number)).size).toBe(tests.length);
  if (score === undefined) {
    expect(tests.every((test) => test.score === undefined && test.max_score === undefined)).toBe(true);
    return undefined;
  }
  expect(sum(tests.map((test) => test.score!))).toBeCloseTo(score, 9);
  return { score, maxScore: sum(tests.map((test) => test.max_score!)) };
}

// --- GitHub Classroom: the two sums of its grading reporter ---

const classroomSchema = z.strictObject({
  version: z.literal(1),
  status: z.enum(['pass', 'fail', 'error']),
  max_score: z.number(),
  tests: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        status: z.enum(['pass', 'fail', 'error']),
        score: z.number(),
        message: z.string().nullable(),
        test_code: z.string(),
        filename: z.string(),
        line_no: z.int(),
        execution_time: z.string().regex(/^\d+\.\d\ds$/),
      }),
    )
    .min(1), // the table divides by their number
});

export function readClassroom(text: string): (Shown & z.infer<typeof classroomSchema>) | undefined {
  const payload = text.trim();
  expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(98_000);
  expect(payload).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
  const document = classroomSchema.parse(parseJson(Buffer.from(payload, 'base64').toString('utf8')));
  expectNoOrders(document.tests.map(({ name, message, test_code }) => `${name}\n${message ?? ''}\n${test_code}`).join('\n'));
  if (document.max_score === 0) return undefined;
  const notice = sum(document.tests.map(({ score }) => score));
  const passed = document.tests.filter(({ status }) => status === 'pass').length;
  const table = (passed / document.tests.length) * document.max_score;
  expect(table).toBeCloseTo(notice, 9);
  return { ...document, score: notice, maxScore: document.max_score };
}

// --- exercism, check50, PrairieLearn: their documented fields ---

const exercismSchema = z.strictObject({
  version: z.literal(3),
  status: z.enum(['pass', 'fail', 'error']),
  message: z.string().min(1).max(65_535).nullable(),
  tests: z.array(
    z.strictObject({
      name: z.string().min(1),
      status: z.enum(['pass', 'fail', 'error']),
      message: z.string().min(1).max(65_535).optional(),
      output: z.string().max(500),
      test_code: z.string(),
      task_id: z.int().min(1),
    }),
  ),
});

export function readExercism(text: string): z.infer<typeof exercismSchema> {
  const document = exercismSchema.parse(parseJson(text));
  const { status, message, tests } = document;
  expect(tests.filter((test) => (test.status === 'pass') !== (test.message === undefined))).toEqual([]);
  expect(status === 'error').toBe(message !== null);
  if (status === 'error') expect(tests.filter((test) => test.status !== 'error')).toEqual([]);
  if (status === 'pass') expect(tests.filter((test) => test.status !== 'pass')).toEqual([]);
  if (status === 'fail') expect(tests.some((test) => test.status !== 'pass')).toBe(true);
  return document;
}

const check50Head = { slug: z.string().regex(/^ladder/), version: z.string().regex(/^\d+\.\d+\.\d+$/) };
const check50Schema = z.union([
  z.strictObject({
    ...check50Head,
    results: z.array(
      z.strictObject({
        name: z.string().min(1),
        description: z.string().min(1),
        passed: z.boolean().nullable(),
        log: z.array(z.string()),
        cause: z.strictObject({ rationale: z.string().min(1), help: z.string().nullable() }).nullable(),
        data: z.looseObject({ points: z.number(), maxPoints: z.number() }),
        dependency: z.string().nullable(),
      }),
    ),
  }),
  z.strictObject({
    ...check50Head,
    error: z.strictObject({ type: z.string(), value: z.string(), traceback: z.array(z.string()), data: z.looseObject({}) }),
  }),
]);

export function readCheck50(text: string): Shown | undefined {
  const document = check50Schema.parse(parseJson(text));
  if ('error' in document) return undefined;
  const { results } = document;
  expect(new Set(results.map(({ name }) => name)).size).toBe(results.length);
  expect(results.filter(({ passed, cause }) => (passed === true) !== (cause === null))).toEqual([]);
  return { score: sum(results.map(({ data }) => data.points)), maxScore: sum(results.map(({ data }) => data.maxPoints)) };
}

const prairielearnSchema = z.strictObject({
  gradable: z.boolean(),
  score: z.number().min(0).max(1).optional(),
  message: z.string(),
  output: z.string(),
  format_errors: z.array(z.string()),
  tests: z.array(
    z.strictObject({
      name: z.string().min(1),
      description: z.string(),
      points: z.number().min(0),
      max_points: z.number().min(0),
      message: z.string(),
      output: z.string(),
    }),
  ),
});

export function readPrairieLearn(text: string): Shown | undefined {
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000_000);
  const { gradable, score, message, tests } = prairielearnSchema.parse(parseJson(text));
  expect(gradable).toBe(score !== undefined);
  expect(gradable || message !== '').toBe(true);
  if (!gradable) return undefined;
  const shown = { score: sum(tests.map(({ points }) => points)), maxScore: sum(tests.map((test) => test.max_points)) };
  expect(score! * shown.maxScore).toBeCloseTo(shown.score, 9);
  return shown;
}

// --- nbgrader: the columns of its exporter, read by a CSV parser that forgives nothing ---

const NBGRADER =
  'assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score'.split(',');

export function readNbgrader(text: string): Shown & { readonly rows: readonly Readonly<Record<string, string>>[] } {
  expectHarmless(text);
  const [head, ...records] = parseCsv(text, { relax_quotes: false, relax_column_count: false }) as string[][];
  expect(head).toEqual(NBGRADER);
  for (const cell of records.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]|\n/);
  const rows = records.map((record) => Object.fromEntries(record.map((cell, i) => [NBGRADER[i]!, cell])));
  for (const row of rows) {
    expect(row.timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(Number(row.score)).toBe(Math.max(0, Number(row.raw_score) - Number(row.late_submission_penalty)));
  }
  return { score: sum(rows.map((row) => Number(row.score))), maxScore: sum(rows.map((row) => Number(row.max_score))), rows };
}
