/** A package with tests is tested by `npm test` only if turbo finds a script for them: no list names the packages, so the disk is asked. */
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
let wrong = 0;
for (const test of fs.globSync('packages/*/test', { cwd: root }).sort()) {
  const folder = path.dirname(test);
  const file = path.join(root, folder, 'package.json');
  const wanted = `vitest run --root ../.. --project ${path.basename(folder)}`;
  const got = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).scripts?.test : undefined;
  if (got === wanted) continue;
  wrong++;
  process.stdout.write(
    `${folder}/package.json: expected the script "test": ${JSON.stringify(wanted)}, got ${JSON.stringify(got) ?? 'none'}\n`,
  );
}
process.exitCode = wrong === 0 ? 0 : 1;
