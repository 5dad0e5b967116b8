/** What the pack test's parts share: running programs, and counting what passed. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..');

const results = [];

/** Runs one named check; a throw is its failure, and the text that it returns is shown beside its name. */
export async function check(name, work) {
  const started = performance.now();
  let detail = '';
  let failed = false;
  try {
    detail = (await work()) ?? '';
  } catch (error) {
    failed = true;
    detail = error.message;
  }
  results.push({ name, failed });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${failed ? 'FAIL' : 'ok  '} ${name} (${seconds} s)${failed ? `\n${indent(detail)}` : detail ? `: ${detail}` : ''}\n`,
  );
  return !failed;
}

/** Says that something was not checked, and why: never counted as passed. */
export function notRun(name, why) {
  process.stdout.write(`not run: ${name}: ${why}\n`);
}

/** Prints the closing line; 0 when every check passed. */
export function finish() {
  const failed = results.filter((result) => result.failed).length;
  process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** Runs a program with this Node first on the PATH. Resolves to its output and exit code; with `codes`, another exit code is an error. */
export function run(command, words, { cwd, codes = [0], env = {}, timeoutMs = 600_000 }) {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return new Promise((done, fail) => {
    const options = {
      cwd,
      env: { ...process.env, LADDER_LANG: 'en', NO_COLOR: '1', ...env, PATH: path },
      maxBuffer: 1 << 26,
      timeout: timeoutMs,
    };
    execFile(command, words, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      if (codes.includes(code)) done({ code, stdout, stderr });
      else
        fail(
          new Error(
            `${[command, ...words].join(' ')}\nexit ${code}${error?.signal ? ` (${error.signal})` : ''}\n${tail(stdout)}\n${tail(stderr)}`,
          ),
        );
    });
  });
}

export const npm = (words, options) =>
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], options);

/** The command of pnpm that the workspace pins. */
export function pnpm(words, options) {
  const local = join(root, 'node_modules', 'pnpm', 'bin');
  const script = ['pnpm.mjs', 'pnpm.cjs'].map((name) => join(local, name)).find((file) => existsSync(file));
  if (script === undefined) throw new Error('pnpm: expected it in node_modules, got nothing (npm test installs it)');
  return run(process.execPath, [script, ...words], options);
}

/** A Node of another major version on this machine, or undefined. */
export function otherNode(major) {
  const places = [
    '/usr/bin/node',
    '/usr/local/bin/node',
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node')),
  ];
  return places.find((file) => file && existsSync(file) && versionOf(file) === major);
}

function versionOf(file) {
  try {
    return Number.parseInt(execFileSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }), 10);
  } catch {
    return undefined;
  }
}

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Throws with both values when they differ. */
export function same(got, expected, what) {
  if (JSON.stringify(got) !== JSON.stringify(expected))
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
}

export function holds(condition, what) {
  if (!condition) throw new Error(what);
}

const tail = (text) => text.trimEnd().split('\n').slice(-30).join('\n');
const indent = (text) => text.replace(/^/gm, '     ');
