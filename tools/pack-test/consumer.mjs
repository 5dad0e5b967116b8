/** A stranger's project: every packed package installed, every export imported without a loader, a consumer type-checked. */
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, holds, notRun, npm, otherNode, readJson, run } from './lib.mjs';

/** Installs all tarballs into `folder` and checks them there. */
export async function checkConsumer(folder, tarballs, versions) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const installed = await check('every tarball installs into an empty project', async () => {
    await npm(
      [
        'install',
        ...tarballs.map(({ file }) => file),
        `typescript@${versions.typescript}`,
        `@types/node@${versions['@types/node']}`,
        `vitest@${versions.vitest}`,
      ],
      { cwd: folder },
    );
  });
  if (!installed) return;

  const specifiers = tarballs.flatMap(({ name }) => exportsOf(folder, name));
  for (const { name } of tarballs) {
    await check(`${name}: every export is a file, and its sources are JavaScript`, async () => {
      const own = exportsOf(folder, name);
      holds(own.length > 0, 'no exports');
      for (const { specifier, files } of own)
        for (const file of files) holds(existsSync(file), `${specifier}: expected a file, got nothing at ${file}`);
      return `${own.length} exports`;
    });
  }
  await check('Node 24 imports every export', () => importAll(process.execPath, folder, specifiers));

  // Libraries run on Node 20; the grader, and with it the course and the commands of a module, wants 24.
  const library = specifiers.filter(({ name, specifier }) => !/\/(course|commands)$/.test(specifier) && supports(folder, name, 20));
  const node20 = otherNode(20);
  if (node20 === undefined) notRun('Node 20 imports every library export', 'no Node 20 on this machine');
  else await check('Node 20 imports every library export', () => importAll(node20, folder, library));

  await check('a consumer type-checks', () => typeCheck(folder, specifiers));
}

function exportsOf(folder, name) {
  const base = join(folder, 'node_modules', name);
  const { exports } = readJson(join(base, 'package.json'));
  return Object.entries(exports).flatMap(([key, target]) => {
    if (key === './package.json') return [];
    const paths = typeof target === 'string' ? [target] : Object.values(target);
    for (const path of paths) holds(!/(?<!\.d)\.ts$/.test(path), `${name} ${key}: expected JavaScript and types, got ${path}`);
    if (!key.includes('*'))
      return [{ name, specifier: join(name, key).replaceAll('\\', '/'), files: paths.map((path) => join(base, path)) }];
    const [before, after] = (target.default ?? target).split('*');
    return globSync(`${before}*${after}`, { cwd: base }).map((path) => {
      const part = path.replaceAll('\\', '/').slice(before.replace(/^\.\//, '').length, -after.length);
      return { name, specifier: `${name}/${part}`, files: paths.map((one) => join(base, one.replace('*', part))) };
    });
  });
}

function supports(folder, name, major) {
  const wanted = readJson(join(folder, 'node_modules', name, 'package.json')).engines?.node ?? '>=0';
  return Number.parseInt(wanted.replace('>=', ''), 10) <= major;
}

async function importAll(node, folder, specifiers) {
  // Matchers are for a vitest process: vitest's `expect` and the suites' own do not live in one.
  const groups = [
    specifiers.filter(({ specifier }) => !specifier.endsWith('/matchers')),
    specifiers.filter(({ specifier }) => specifier.endsWith('/matchers')),
  ];
  for (const group of groups) {
    const code = `for (const name of ${JSON.stringify(group.map(({ specifier }) => specifier))}) {
      const names = Object.keys(await import(name).catch((error) => { throw new Error(name + ': ' + error.message); }));
      if (names.length === 0 && !name.endsWith('/matchers')) throw new Error(name + ': expected exports, got none');
    }
    process.exit(0);`;
    writeFileSync(join(folder, 'imports.mjs'), code);
    await run(node, ['imports.mjs'], { cwd: folder });
  }
  return `${specifiers.length} exports`;
}

async function typeCheck(folder, specifiers) {
  const lines = specifiers.map(({ specifier }, index) => `import * as part${index} from '${specifier}';`);
  // A module without types would be an error (TS7016); one whose names are all `any` is caught by the wrong use below.
  const uses = specifiers.map((_, index) => `part${index}`).join(', ');
  const real = `import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { attention } from '@llm-ladder/transformer/attention';

const { out } = attention(tf.ones([2, 3, 4]), tf.ones([2, 5, 4]), tf.ones([2, 5, 6]));
export const rank: number = out.rank;
export const message: string = new ShapeError('here', 'this', 'that').message;
// @ts-expect-error a number is no tensor
attention(1, 2, 3);
`;
  writeFileSync(join(folder, 'consumer.ts'), `${lines.join('\n')}\nexport const all: readonly object[] = [${uses}];\n`);
  writeFileSync(join(folder, 'real.ts'), real);
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    skipLibCheck: true,
    exactOptionalPropertyTypes: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts', 'real.ts'] }));
  await run(process.execPath, [join(folder, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'], { cwd: folder });
  return `${specifiers.length} imports`;
}
