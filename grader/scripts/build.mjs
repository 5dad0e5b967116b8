// Builds grader/dist: JavaScript with types, and the runtime that boxes start from (TF.js with its WASM files, bundled), so that a learner's machine bundles nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(
    `grader build: expected Node >= 24, got ${process.versions.node} (npm test and npm start bring it; or node_modules/.bin/node)`,
  );
  process.exit(2);
}
const root = join(import.meta.dirname, '..');
rmSync(join(root, 'dist'), { recursive: true, force: true });
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
} catch {
  process.exit(1); // tsc has said why
}
const { buildRuntime } = await import('../src/box/runtime.ts');
await buildRuntime(join(root, 'dist', 'runtime'));
if (!existsSync(join(root, 'dist', 'runtime', 'box.mjs'))) {
  console.error('grader build: expected dist/runtime/box.mjs, got nothing');
  process.exit(1);
}
console.log('grader: dist/ and dist/runtime/');
