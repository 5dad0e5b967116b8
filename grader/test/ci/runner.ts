/** A real git repository around the toy course, and the variables and files that a GitHub runner gives a step. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { command, type Ended, environment, programs, submit, toyCourse } from '../cli/toy-course.ts';

const identity = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

export function git(folder: string, ...words: readonly string[]): string {
  const env = { ...process.env, ...identity, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  return execFileSync('git', words, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Commits everything and returns the commit. */
export function commit(folder: string, message = 'work'): string {
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
  return git(folder, 'rev-parse', 'HEAD');
}

/** The toy course with both exercises solved, in one commit on `main`. */
export function repository(): { course: string; first: string } {
  const course = toyCourse();
  git(course, 'init', '--quiet', '--initial-branch', 'main');
  writeFileSync(path.join(course, '.gitignore'), 'node_modules/\n.ladder/\n*.xml\n/event.json\n/outputs\n/summary.md\n');
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  return { course, first: commit(course, 'start') };
}

export const noCommit = '0'.repeat(40);

/** The environment of a step; the event's payload lies where the runner puts it. */
export function githubEnvironment(
  course: string,
  event: string,
  payload: object,
  sha = git(course, 'rev-parse', 'HEAD'),
): NodeJS.ProcessEnv {
  const eventFile = path.join(course, 'event.json');
  writeFileSync(eventFile, JSON.stringify(payload));
  for (const name of ['outputs', 'summary.md']) writeFileSync(path.join(course, name), '');
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: eventFile,
    GITHUB_SHA: sha,
    GITHUB_WORKSPACE: course,
    GITHUB_OUTPUT: path.join(course, 'outputs'),
    GITHUB_STEP_SUMMARY: path.join(course, 'summary.md'),
  };
}

/** Runs `ladder ci` as a step does. */
export function ladderCi(course: string, env: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: course, env: { ...environment, ...env }, maxBuffer: 1 << 26 };
    execFile(process.execPath, [command, 'ci', '--no-thresholds', ...words], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

/** The outputs of a step, as the runner reads `name=value` lines. */
export function outputsOf(course: string): Record<string, string> {
  const lines = readFileSync(path.join(course, 'outputs'), 'utf8').split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

export const summaryOf = (course: string): string => readFileSync(path.join(course, 'summary.md'), 'utf8');
export const junitOf = (course: string): string | undefined => {
  const file = path.join(course, 'ladder-report.xml');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};
