/**
 * The part of vitest's API that visible tests use, so that they run in a box without vitest. Bundled apart (tests.cjs) and loaded when first asked for.
 * `expect` is Jest's, plus the matchers for tensors.
 */
import { expect } from 'expect';
import { type Lang, say, setLang } from '../../format/words.ts';
import { type Numbers, numbersOf } from '../close.ts';
import { tensorMatchers } from '../tensor-matchers.ts';
import type { VisibleTestResult } from '../types.ts';

type Body = (context: object) => unknown;
type Status = VisibleTestResult['status'];

interface Registered {
  readonly names: readonly string[];
  readonly body: Body | undefined;
  readonly status: 'run' | 'skipped' | 'todo' | 'only';
  readonly expectsFailure: boolean;
  readonly timeoutMs: number;
  readonly suites: readonly Suite[];
}

interface Suite {
  readonly name: string;
  readonly status: 'run' | 'skipped' | 'only';
  readonly beforeAll: Body[];
  readonly afterAll: Body[];
  readonly beforeEach: Body[];
  readonly afterEach: Body[];
  started: boolean;
}

export interface Shim {
  /** What `import ... from 'vitest'` gives. */
  readonly api: Readonly<Record<string, unknown>>;
  /** Runs what the file registered and forgets it. */
  run(
    file: string,
    describeError: (error: unknown) => { message: string; notWritten: boolean; at: string | null },
  ): Promise<VisibleTestResult[]>;
}

/** A fresh shim; `tensorNumbers` reads a tf tensor and gives undefined for anything else. Its bundle has words of its own, so it is told the language. */
export function createShim(tensorNumbers: (value: unknown) => Numbers | undefined, language: Lang): Shim {
  setLang(language);
  const matchers = tensorMatchers((value) => tensorNumbers(value) ?? numbersOf(value));
  expect.extend(matchers as never);
  let tests: Registered[] = [];
  let suites: Suite[] = [newSuite('', 'run')];

  const register = (status: Registered['status'], expectsFailure: boolean) => (name: unknown, first?: unknown, second?: unknown) => {
    // vitest takes (name, body, timeout) and (name, options, body).
    const body = [first, second].find((item) => typeof item === 'function') as Body | undefined;
    const options = [first, second].find((item) => typeof item === 'object' && item !== null) as { timeout?: number } | undefined;
    const timeoutMs = options?.timeout ?? (typeof second === 'number' ? second : 5000);
    const inherited = suites.some((suite) => suite.status === 'skipped')
      ? 'skipped'
      : suites.some((suite) => suite.status === 'only')
        ? 'only'
        : 'run';
    tests.push({
      names: [...suites.slice(1).map((suite) => suite.name), titleOf(name)],
      body,
      status: body === undefined && status === 'run' ? 'todo' : status === 'run' ? inherited : status,
      expectsFailure,
      timeoutMs,
      suites: [...suites],
    });
  };
  const group = (status: Suite['status']) => (name: unknown, first?: unknown, second?: unknown) => {
    const body = [first, second].find((item) => typeof item === 'function') as (() => unknown) | undefined;
    suites = [...suites, newSuite(titleOf(name), status)];
    try {
      body?.();
    } finally {
      suites = suites.slice(0, -1);
    }
  };
  const testApi = withVariants(register('run', false), {
    skip: register('skipped', false),
    only: register('only', false),
    todo: register('todo', false),
    fails: register('run', true),
    concurrent: register('run', false),
    sequential: register('run', false),
  });
  const describeApi = withVariants(group('run'), {
    skip: group('skipped'),
    only: group('only'),
    concurrent: group('run'),
    sequential: group('run'),
  });
  const hook = (kind: 'beforeAll' | 'afterAll' | 'beforeEach' | 'afterEach') => (body: Body) => {
    suites.at(-1)![kind].push(body);
  };

  return {
    api: {
      test: testApi,
      it: testApi,
      describe: describeApi,
      suite: describeApi,
      expect,
      beforeAll: hook('beforeAll'),
      afterAll: hook('afterAll'),
      beforeEach: hook('beforeEach'),
      afterEach: hook('afterEach'),
      onTestFinished: hook('afterEach'),
      assert: (condition: unknown, message = 'assertion failed') =>
        expect({ condition: Boolean(condition), message }).toEqual({ condition: true, message }),
    },
    async run(file, describeError) {
      const mine = tests;
      tests = [];
      suites = [newSuite('', 'run')];
      const some = mine.some((test) => test.status === 'only');
      const results: VisibleTestResult[] = [];
      for (const [i, test] of mine.entries()) {
        const name = test.names.join(' > ');
        const base = { file, name, message: null, notWritten: false, at: null, durationMs: 0 };
        const status: Status | undefined =
          test.status === 'todo' ? 'todo' : test.status === 'skipped' || (some && test.status !== 'only') ? 'skipped' : undefined;
        if (status !== undefined) {
          results.push({ ...base, status });
          continue;
        }
        const started = performance.now();
        let failure: { error: unknown } | undefined;
        try {
          await runOne(test);
        } catch (error) {
          failure = { error };
        }
        for (const suite of test.suites) {
          if (mine.slice(i + 1).some((later) => later.suites.includes(suite))) continue;
          for (const body of suite.afterAll) {
            try {
              await body({});
            } catch (error) {
              failure ??= { error };
            }
          }
        }
        const durationMs = performance.now() - started;
        if (test.expectsFailure)
          failure = failure
            ? undefined
            : { error: new Error(say({ en: 'expected this test to fail, and it passed', zh: '这个测试应当失败，却通过了' })) };
        if (failure === undefined) results.push({ ...base, status: 'passed', durationMs });
        else results.push({ ...base, ...describeError(failure.error), status: 'failed', durationMs });
      }
      return results;
    },
  };
}

async function runOne({ suites, body, timeoutMs }: Registered): Promise<void> {
  const finish: Body[] = [];
  const context = { task: {}, expect, onTestFinished: (after: Body) => finish.push(after) };
  try {
    for (const suite of suites) {
      if (!suite.started) for (const before of suite.beforeAll) await before(context);
      suite.started = true;
    }
    for (const suite of suites) for (const before of suite.beforeEach) await before(context);
    const running = body!(context);
    if (typeof running === 'object' && running !== null) await withTimeout(running as Promise<unknown>, timeoutMs);
  } finally {
    for (const after of finish) await after(context);
    for (const suite of [...suites].reverse()) for (const after of suite.afterEach) await after(context);
  }
}

async function withTimeout(running: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(say({ en: `the test took longer than ${timeoutMs} ms`, zh: `测试超过 ${timeoutMs} 毫秒` }))),
      timeoutMs,
    );
  });
  await Promise.race([running, late]).finally(() => clearTimeout(timer));
}

type Register = (name: unknown, first?: unknown, second?: unknown) => void;

function withVariants(plain: Register, variants: Readonly<Record<string, Register>>): Register {
  const dressed = (register: Register): Register =>
    Object.assign((name: unknown, first?: unknown, second?: unknown) => register(name, first, second), {
      each: each(register, true),
      for: each(register, false),
      skipIf: (condition: unknown) => (condition ? variants.skip : register),
      runIf: (condition: unknown) => (condition ? register : variants.skip),
    });
  return Object.assign(dressed(plain), Object.fromEntries(Object.entries(variants).map(([name, register]) => [name, dressed(register)])));
}

/** test.each takes a list or a template table; a row that is a list is spread, with test.for it is not. */
function each(register: Register, spread: boolean) {
  return (cases: readonly unknown[] | TemplateStringsArray, ...cells: unknown[]) =>
    (name: unknown, body: (...args: unknown[]) => unknown, timeout?: number) => {
      const rows = 'raw' in cases ? tableRows(cases as TemplateStringsArray, cells) : cases;
      rows.forEach((row, i) => {
        const args = Array.isArray(row) && spread ? row : [row];
        register(
          format(titleOf(name), Array.isArray(row) ? row : [row], i),
          (context: object) => (spread ? body(...args) : body(row, context)),
          timeout,
        );
      });
    };
}

function tableRows(strings: TemplateStringsArray, cells: readonly unknown[]): Record<string, unknown>[] {
  const columns = strings[0]!
    .trim()
    .split('|')
    .map((column) => column.trim());
  return Array.from({ length: Math.floor(cells.length / columns.length) }, (_, row) =>
    Object.fromEntries(columns.map((column, i) => [column, cells[row * columns.length + i]])),
  );
}

function format(name: string, row: readonly unknown[], index: number): string {
  let next = 0;
  const show = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)));
  const filled = name.replace(/%(%|[sdifjoO#$])/g, (whole, kind: string) => {
    if (kind === '%') return '%';
    if (kind === '#') return String(index);
    if (kind === '$') return String(index + 1);
    return next < row.length ? show(row[next++]) : whole;
  });
  const [first] = row;
  return filled.replace(/\$([A-Za-z_]\w*(?:\.\w+)*)/g, (whole, path: string) => {
    const value = path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown> | null | undefined)?.[key], first);
    return value === undefined ? whole : show(value);
  });
}

function titleOf(name: unknown): string {
  return typeof name === 'function' ? name.name : String(name);
}

function newSuite(name: string, status: Suite['status']): Suite {
  return { name, status, beforeAll: [], afterAll: [], beforeEach: [], afterEach: [], started: false };
}
