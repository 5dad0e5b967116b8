/** The toy course with two exercises in a temporary folder, submissions for it, and the command as a process of its own. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { toyFolder } from '../fixtures/toy.ts';

const source = path.resolve(import.meta.dirname, '..', '..', 'src');
export const command = path.resolve(import.meta.dirname, '..', '..', 'bin', 'ladder.mjs');

/** `toy/softmax` in 01-softmax and `toy/again` in 02-again, with the same suite. */
export function toyCourse(): string {
  const base = temporaryFolder();
  symlinkSync(source, path.join(base, 'src'), 'dir');
  const course = path.join(base, 'a', 'b', 'toy'); // three folders deep, as the toy lies: its files import the grader by relative paths
  cpSync(toyFolder, course, { recursive: true });
  cpSync(path.join(course, 'course/01-softmax'), path.join(course, 'course/02-again'), { recursive: true });
  cpSync(path.join(course, 'course/02-again/softmax.test.ts'), path.join(course, 'course/02-again/again.test.ts'));
  cpSync(path.join(course, 'src/softmax.ts'), path.join(course, 'src/again.ts'));
  edit(path.join(course, 'course/02-again/exercise.ts'), "file: 'softmax.ts'", "file: 'again.ts'");
  return course;
}

/** Replaces a text that must be there. */
export function edit(file: string, find: string, put: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(find)) throw new Error(`${file}: expected ${find}`);
  writeFileSync(file, text.replace(find, put));
}

const reference = readFileSync(path.join(toyFolder, 'src/softmax.ts'), 'utf8');

export const programs = {
  right: reference,
  /** Right for the three scores of the gate; a shift changes the five that come from the seed. */
  wrongForFive: reference.replace('const top =', 'if (scores.length === 5) return [...scores];\n  const top ='),
  overflows: reference.replace('Math.exp(x - top)', 'Math.exp(x)').replace('  const top = Math.max(...scores);\n', ''),
  loops: reference.replace('const top =', 'if (scores[0] === 1000) for (;;);\n  const top ='),
  broken: 'export function softmax( {',
};

/** Writes `<folder>/toy/01-softmax/softmax.ts` and `<folder>/toy/02-again/again.ts`. */
export function submit(folder: string, softmax: string, again: string): string {
  for (const [file, text] of [
    ['01-softmax/softmax.ts', softmax],
    ['02-again/again.ts', again],
  ] as const) {
    mkdirSync(path.dirname(path.join(folder, 'toy', file)), { recursive: true });
    writeFileSync(path.join(folder, 'toy', file), text);
  }
  return folder;
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export const environment = { ...process.env, NO_COLOR: '1', LADDER_LANG: 'en' };

/** Runs `ladder` in a course's folder. */
export function ladder(course: string, ...words: string[]): Promise<Ended> {
  return ladderIn(course, {}, ...words);
}

/** The same with more in its environment. */
export function ladderIn(course: string, more: Readonly<Record<string, string>>, ...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [command, ...words],
      { cwd: course, env: { ...environment, ...more }, maxBuffer: 1 << 26 },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever the document holds
export const readJson = (file: string): any => JSON.parse(readFileSync(file, 'utf8'));
