/** `npm run check`: everything that CI checks beside the tests. Words choose steps: `npm run check -- lint types`. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const node = process.execPath;
const bin = (name, file) => path.join(root, 'node_modules', name, file);
const turbo = (...words) => [node, bin('turbo', 'bin/turbo'), 'run', ...words, '--output-logs=errors-only'];
const ladder = (...words) => [node, path.join(root, 'grader/bin/ladder.mjs'), ...words];

const STEPS = {
  lint: [node, bin('@biomejs/biome', 'bin/biome'), 'ci', '--colors=off', '.'],
  circles: [node, bin('@biomejs/biome', 'bin/biome'), 'lint', '--colors=off', '--only=suspicious/noImportCycles', '.'],
  types: turbo('typecheck'),
  unused: [node, bin('knip', 'bin/knip.js')],
  packages: [node, path.join(root, 'tools/check-packages.mjs')],
  sizes: [node, path.join(root, 'tools/check-sizes.mjs')],
  links: [node, path.join(root, 'tools/check-links.mjs')],
  translations: [node, path.join(root, 'tools/check-translations.mjs')],
  sync: ladder('sync', '--check'),
  verify: ladder('verify'),
  docs: turbo('docs'),
  pack: [node, path.join(root, 'tools/pack-test/pack-test.mjs')],
};
/** Steps that run only where they are named: they repeat, at length, what the others are content to know. */
const NAMED = { 'verify-full': ladder('verify', '--full') };

const words = process.argv.slice(2);
const all = { ...STEPS, ...NAMED };
const unknown = words.filter((word) => !Object.hasOwn(all, word));
if (unknown.length > 0) {
  process.stderr.write(`check: expected steps of ${Object.keys(all).join(', ')}, got ${unknown.join(', ')}\n`);
  process.exit(2);
}

let failed = 0;
const names = words.length > 0 ? words : Object.keys(STEPS);
for (const name of names) {
  const started = performance.now();
  const { code, output } = await run(all[name]);
  process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(12)} ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  if (code === 0) continue;
  failed += 1;
  process.stdout.write(
    `${output
      .trimEnd()
      .split('\n')
      .slice(-200)
      .map((line) => `     ${line}`)
      .join('\n')}\n`,
  );
}
process.stdout.write(`${names.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function run([command, ...args]) {
  return new Promise((resolve) => {
    const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1' };
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
