/** `npm test`: every package's tests and the visible tests on the solutions, through turbo, which skips what has not changed. With words: those tests alone, through vitest. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const words = process.argv.slice(2);
const bin = (name, file) => path.join(root, 'node_modules', name, file);
const [script, args] =
  words.length > 0
    ? [bin('vitest', 'vitest.mjs'), ['run', ...words]]
    : [bin('turbo', 'bin/turbo'), ['run', 'test', 'solutions', '--concurrency=1', '--continue', '--output-logs=new-only']];

const check =
  words.length > 0 ? 0 : spawnSync(process.execPath, [path.join(import.meta.dirname, 'check-packages.mjs')], { stdio: 'inherit' }).status;
const { status } = spawnSync(process.execPath, [script, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
});
process.exitCode = check || (status ?? 1);
