/** Registration: importing a hidden suite fills the current collection. One import at a time, so that two suites never mix. */
import fs from 'node:fs/promises';
import { GraderError, UsageError } from '@llm-ladder/backend/errors';
import { courseUrl } from '../seal/course-files.ts';
import type { CommonTest, PerformanceOptions, Suite, SuiteEntry, TestFunction, TestOptions } from './types.ts';
import { registerWithVitest } from './vitest.ts';

// On globalThis, because a packed module may bring a second copy of this file.
const current = Symbol.for('llm-ladder.suite.collection');
const store = globalThis as { [current]?: SuiteEntry[] | undefined };

/** Registers one hidden test. Exactly one test of a suite has `gate: true`. */
export function test(name: string, options: TestOptions, fn: TestFunction): void {
  register({ kind: 'test', name, options, fn });
}

/** Registers one test of `common`. */
export function commonTest(common: CommonTest, name: string, options: TestOptions, fn: TestFunction): void {
  register({ kind: 'test', name, options, fn, common });
}

/** Registers one threshold. */
export function performance(name: string, options: PerformanceOptions): void {
  register({ kind: 'performance', name, options });
}

function register(entry: SuiteEntry): void {
  const collection = store[current];
  if (collection) {
    if (collection.some((other) => other.name === entry.name))
      throw new UsageError('hidden suite', 'a name of its own for each test', JSON.stringify(entry.name));
    collection.push(entry);
  } else if (!registerWithVitest(entry)) {
    throw new UsageError(`test '${entry.name}'`, 'to be imported by the grader or run by vitest', 'a plain import', {
      hint: 'ladder check <exercise>',
    });
  }
}

const suites = new Map<string, Promise<Suite>>();
let last: Promise<unknown> = Promise.resolve();

/** The tests of a hidden suite. A file is imported once per version of it, then run as often as one likes. */
export async function collectSuite(file: string): Promise<Suite> {
  const url = await courseUrl(file);
  if (url === undefined) throw new GraderError('suite', `${file}: expected a hidden suite, got none`);
  const stats = await fs.stat(file).catch(() => undefined); // a sealed one is not there: its URL changes with its version
  const key = stats === undefined ? url : `${url}?v=${Math.round(stats.mtimeMs)}`;
  const known = suites.get(key);
  if (known) return known;
  const collected = last.then(() => importSuite(file, key));
  last = collected.catch(() => undefined);
  suites.set(key, collected);
  collected.catch(() => suites.delete(key));
  return collected;
}

async function importSuite(file: string, url: string): Promise<Suite> {
  const entries: SuiteEntry[] = [];
  store[current] = entries;
  try {
    await import(/* @vite-ignore */ url);
  } catch (cause) {
    throw new GraderError('suite', `${file}: ${(cause as Error).message}`, { cause });
  } finally {
    store[current] = undefined;
  }
  if (entries.length === 0) throw new GraderError('suite', `${file}: expected tests, got none`);
  return { file, entries };
}
