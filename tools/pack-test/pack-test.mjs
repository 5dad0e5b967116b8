/**
 * The pack test: what strangers get. Builds and packs every package, installs the tarballs outside the workspace, imports every export without a loader,
 * type-checks a consumer, goes the whole way of a module from outside, and grades a project in the ways of CI. Exit code 1 when anything fails. Needs a registry
 * for third-party packages.
 *
 * node tools/pack-test/pack-test.mjs [consumer] [journey] [ci] [--no-build] [--keep]
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCi } from './ci.mjs';
import { checkConsumer } from './consumer.mjs';
import { checkJourney } from './journey.mjs';
import { check, finish, pnpm, readJson, root, run } from './lib.mjs';

const words = process.argv.slice(2);
const parts = words.filter((word) => !word.startsWith('-'));
const wants = (part) => parts.length === 0 || parts.includes(part);
const folder = mkdtempSync(join(tmpdir(), 'ladder pack '));

try {
  const published = [join(root, 'grader'), ...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))]
    .map((path) => ({ path, ...readJson(join(path, 'package.json')) }))
    .filter((one) => !one.private);

  const built = words.includes('--no-build') || (await check('every package builds', () => build(published)));
  const tarballs = [];
  const packed =
    built &&
    (await check('every package packs', async () => {
      for (const { path, name, version } of published) {
        await pnpm(['pack', '--pack-destination', folder], { cwd: path });
        tarballs.push({ name, file: join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`) });
      }
      return `${tarballs.length} tarballs`;
    }));
  if (packed) {
    const versions = readJson(join(root, 'package.json')).devDependencies;
    if (wants('consumer')) await checkConsumer(join(folder, 'consumer'), tarballs, versions);
    if (wants('journey')) await checkJourney(folder, tarballs);
    if (wants('ci')) await checkCi(folder, tarballs);
  }
} finally {
  if (words.includes('--keep')) process.stdout.write(`kept: ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
}
process.exitCode = finish();

async function build(published) {
  // Through turbo: pnpm takes the peers of packages/testing, which only tests use, for a circle.
  const filters = published.map(({ name }) => `--filter=${name}`);
  await run(
    process.execPath,
    [join(root, 'node_modules/turbo/bin/turbo'), 'run', 'build', '--force', '--output-logs=errors-only', ...filters],
    { cwd: root },
  );
}
