/**
 * What `npm start`, `npm test` and `npm run check` call. Plain JavaScript for Node >= 18 with npm alone, on Linux, macOS and Windows:
 * installs with the pinned pnpm when the lockfile changed, picks a Node >= 24, and hands the words over.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const scripts = {
  ladder: ['grader/bin/ladder.mjs'],
  test: ['tools/test.mjs'],
  check: ['tools/check.mjs'],
};

const [task = 'ladder', ...words] = process.argv.slice(2);
try {
  await ensureInstalled(root);
  process.exitCode = await run(findNode(root), [...scripts[task], ...words]);
} catch (error) {
  if (!error.hint) throw error;
  process.stderr.write(`${error.message}\n  ${error.hint}\n`);
  process.exitCode = 3;
}

/** Runs Node with the terminal handed over; Ctrl-C reaches the child by itself, so this process only waits for it. */
function run(node, args) {
  const bin = path.join(root, 'node_modules', '.bin');
  const [script, ...rest] = args;
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${bin}${path.delimiter}${process.env.PATH ?? ''}` };
  const child = spawn(node, [path.join(root, script), ...rest], { stdio: 'inherit', env });
  // Windows has no signals: its console tells the child itself, and kill() would end it without a word.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.platform !== 'win32' && child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
