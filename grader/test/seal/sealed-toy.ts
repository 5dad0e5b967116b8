/** The toy course with a secret in its suite, its mutants and a shared file, and the `ladder` command with a home and a temporary folder of its own. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { command, type Ended, edit, environment, toyCourse } from '../cli/toy-course.ts';

export const SECRET = 'Qzhiddenword';

export interface Place {
  readonly course: string;
  /** Holds the home and the temporary folder. */
  readonly base: string;
  readonly key: string;
  /** Runs `ladder` in the course's folder, with more in its environment. */
  readonly run: (env: Readonly<Record<string, string>>, ...words: string[]) => Promise<Ended>;
}

/** `toy/softmax` and `toy/again`; both suites import `course/shared.ts`, and the first has a boxed.ts. */
export function secretToy(): Place {
  const course = toyCourse();
  const base = path.resolve(course, '../../..');
  for (const folder of ['home', 'tmp']) mkdirSync(path.join(base, folder));
  writeFileSync(path.join(course, 'course/shared.ts'), `export const word: string = '${SECRET}';\n`);
  for (const folder of ['01-softmax', '02-again']) {
    const suite = path.join(course, 'course', folder, 'hidden.test.ts');
    edit(suite, 'import { expect', "import { word } from '../shared.ts';\nimport { expect");
    edit(suite, 'const got = await', `if (word !== '${SECRET}') throw new Error('another word');\n  const got = await`);
    edit(path.join(course, 'course', folder, 'mutants.ts'), "'no maximum taken away'", `'no maximum taken away ${SECRET}'`);
  }
  rmSync(path.join(course, 'course/02-again/softmax.test.ts'));
  edit(path.join(course, 'course/02-again/again.test.ts'), './softmax.ts', './again.ts');
  writeFileSync(path.join(course, 'course/01-softmax/boxed.ts'), `export const boxedWord = '${SECRET}';\n`);
  return {
    course,
    base,
    key: path.join(base, 'home/.config/llm-ladder/seal.key'),
    run: (env, ...words) => runIn(base, course, env, words),
  };
}

/** Runs `ladder` in a folder; `base` holds its home and its temporary folder. */
export function runIn(base: string, folder: string, env: Readonly<Record<string, string>>, words: readonly string[]): Promise<Ended> {
  const places = { HOME: path.join(base, 'home'), XDG_CONFIG_HOME: '', APPDATA: path.join(base, 'home'), TMPDIR: path.join(base, 'tmp') };
  const outer: NodeJS.ProcessEnv = { ...environment };
  delete outer.VITEST; // else suites would look for the vitest that they are not run by
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...words], { cwd: folder, env: { ...outer, ...places, ...env } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

/** Files below a folder (not through links) that hold the text, in UTF-8 or in the two bytes a character of V8. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'));
    });
}

/** Path below a folder -> bytes, of every file. */
export function snapshot(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => path.join(entry.parentPath, entry.name)).map((file) => [path.relative(folder, file), readFileSync(file, 'hex')]),
  );
}
