/** A folder as Gradescope lays /autograder out, with the course linked in where setup.sh would have installed it. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import type { Plan } from '../../src/gradescope/archive.ts';

const grader = path.resolve(import.meta.dirname, '../..');
const packages = {
  '@llm-ladder/grader': grader,
  '@llm-ladder/transformer': path.join(grader, '..', 'packages', 'transformer'),
  '@llm-ladder-test/toy': path.join(grader, 'test', 'fixtures', 'toy'),
};

/** The root, with an empty `submission/`, the metadata that Gradescope writes, and an autograder for these exercises. */
export function autograder(exercises: readonly string[], plan: Partial<Plan> = {}): string {
  const root = temporaryFolder();
  const source = path.join(root, 'source');
  mkdirSync(path.join(root, 'submission'));
  mkdirSync(path.join(root, 'results'));
  mkdirSync(path.join(source, 'node_modules', '.bin'), { recursive: true });
  for (const [name, target] of Object.entries(packages)) {
    mkdirSync(path.dirname(path.join(source, 'node_modules', name)), { recursive: true });
    symlinkSync(target, path.join(source, 'node_modules', name), 'dir');
  }
  symlinkSync(process.execPath, path.join(source, 'node_modules', '.bin', 'node'));
  const dependencies = Object.fromEntries(Object.keys(packages).map((name) => [name, '*']));
  writeFileSync(path.join(source, 'package.json'), JSON.stringify({ name: 'autograder', type: 'module', dependencies }));
  writeFileSync(path.join(source, 'autograder.json'), JSON.stringify({ version: 1, exercises, thresholds: false, lang: 'en', ...plan }));
  writeFileSync(path.join(root, 'submission_metadata.json'), JSON.stringify({ id: 1, users: [{ email: 'ada@example.org' }] }));
  const script = readFileSync(path.join(grader, 'ci', 'gradescope', 'run_autograder'), 'utf8');
  writeFileSync(path.join(root, 'run_autograder'), script.replaceAll('@MINUTES@', '9'), { mode: 0o755 });
  return root;
}

/** Puts a file into the submission. */
export function hand(root: string, name: string, text: string): void {
  const file = path.join(root, 'submission', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

export interface AutograderRun {
  readonly code: number;
  /** What the instructor sees. */
  readonly stdout: string;
  /** results.json; undefined when there is none. */
  readonly results: string | undefined;
}

/** Runs run_autograder as Gradescope does: from its root, with nothing but the root's place told. */
export function runAutograder(root: string, env: NodeJS.ProcessEnv = {}): Promise<AutograderRun> {
  const options = { cwd: root, env: { PATH: process.env.PATH, HOME: process.env.HOME, AUTOGRADER_ROOT: root, ...env }, maxBuffer: 1 << 26 };
  return new Promise((resolve) => {
    execFile(path.join(root, 'run_autograder'), [], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout: stdout + stderr, results: resultsIn(root) }),
    );
  });
}

export function resultsIn(root: string): string | undefined {
  const file = path.join(root, 'results', 'results.json');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** A PATH with everything that run_autograder needs, and without bubblewrap: as in Gradescope's container. */
export function pathWithoutBubblewrap(root: string): string {
  const bin = path.join(root, 'bin');
  mkdirSync(bin);
  for (const name of ['env', 'bash', 'mkdir', 'chmod', 'timeout']) {
    const place = ['/usr/bin', '/bin'].map((folder) => path.join(folder, name)).find(existsSync);
    if (place !== undefined) symlinkSync(place, path.join(bin, name));
  }
  return bin;
}

export const solution = (folder: string, file: string): string =>
  readFileSync(path.join(grader, '..', 'solutions', 'transformer', folder, file), 'utf8');
