// Bundles what registers the gradients and the chained methods of TF.js into generated/register.js (pnpm runs this at install).
// Why: those files import each other without extensions, so Node cannot load them. The registries that they fill are global.
// Ops inside the bundle are taken from the one '@tensorflow/tfjs-core' (external), so that no second copy of core is loaded.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageDir = join(dirname(fileURLToPath(import.meta.url)), '..');
const outDir = join(packageDir, 'generated');
const require = createRequire(join(packageDir, 'package.json'));
const coreDir = dirname(require.resolve('@tensorflow/tfjs-core/package.json'));
const coreDist = join(coreDir, 'dist');
const coreVersion = JSON.parse(readFileSync(join(coreDir, 'package.json'), 'utf8')).version;
const stamp = `// ${coreVersion} ${readFileSync(fileURLToPath(import.meta.url), 'utf8').length}\n`;

function upToDate() {
  const file = join(outDir, 'register.js');
  return existsSync(file) && existsSync(join(outDir, 'register.d.ts')) && readFileSync(file, 'utf8').startsWith(stamp);
}

async function bundle() {
  const { build } = await import('esbuild');
  const core = require('@tensorflow/tfjs-core');
  const result = await build({
    stdin: {
      contents: "import './register_all_gradients.js';\nimport './public/chained_ops/register_all_chained_ops.js';\n",
      resolveDir: coreDist,
    },
    bundle: true,
    format: 'esm',
    minify: true,
    write: false,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    external: ['@tensorflow/tfjs-core', 'node:*'],
    logLevel: 'error',
    plugins: [{ name: 'one-core', setup: (b) => redirectToCore(b, core) }],
  });
  mkdirSync(outDir, { recursive: true });
  // A rename at the end, so that a process that imports this file at the same moment never reads half of it.
  writeAtomically(join(outDir, 'register.js'), stamp + result.outputFiles[0].text);
  writeAtomically(join(outDir, 'register.d.ts'), 'export {};\n');
}

function writeAtomically(file, text) {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

/**
 * Every module of core that is not itself a registration becomes a re-export of what '@tensorflow/tfjs-core' exports under the same name;
 * the few that core does not export (gradients of convolutions) are small and stay inside.
 */
function redirectToCore(build, core) {
  build.onLoad({ filter: /\.js$/ }, ({ path }) => {
    if (!path.startsWith(coreDist + sep)) return undefined;
    const file = relative(coreDist, path).split(sep).join('/');
    if (file.startsWith('gradients/') || file.startsWith('public/') || file.startsWith('register_')) return undefined;
    const contents = wholeModules(core)[file] ?? reexport(basename(file, '.js'), exportedNames(readFileSync(path, 'utf8')), core);
    return contents === undefined ? undefined : { contents, loader: 'js' };
  });
}

function wholeModules(core) {
  const from = "from '@tensorflow/tfjs-core';";
  return {
    'tensor.js': `import { Tensor, Variable } ${from}\nexport { Tensor, Variable };\nexport const getGlobalTensorClass = () => Tensor;`,
    'engine.js': `import { engine } ${from}\nexport const ENGINE = engine();`,
    'environment.js': `export { env } ${from}`,
    'util.js': members('util', Object.keys(core.util)),
    'ops/ops.js': `export { ${Object.keys(core).filter((name) => name !== 'default')} } ${from}`,
  };
}

function reexport(file, names, core) {
  if (names.every((name) => name in core)) return `export { ${names} } from '@tensorflow/tfjs-core';`;
  const space = [file, 'backend_util', 'util', 'slice_util'].find((s) => names.every((name) => core[s]?.[name] !== undefined));
  return space === undefined ? undefined : members(space, names);
}

function members(space, names) {
  return `import { ${space} } from '@tensorflow/tfjs-core';\n${names.map((name) => `export const ${name} = ${space}.${name};`).join('\n')}`;
}

function exportedNames(source) {
  const direct = [...source.matchAll(/^export (?:async )?(?:const|let|function\*?|class) (\w+)/gm)].map((m) => m[1]);
  const listed = [...source.matchAll(/^export \{([^}]*)\}/gm)].flatMap((m) =>
    m[1].split(',').map((s) =>
      s
        .trim()
        .split(/\s+as\s+/)
        .at(-1),
    ),
  );
  return [...direct, ...listed].filter(Boolean);
}

if (!upToDate()) await bundle();
