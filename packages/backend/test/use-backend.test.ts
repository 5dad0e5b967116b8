/** Choosing a backend: the words, the variable, what happens before and without one, and the package as a bundle. */
import { execFile } from 'node:child_process';
import { cp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { chooseBackend } from '../src/backend-name.ts';
import { BackendError, UsageError } from '../src/errors.ts';
import { backendNames, deviceInfo, tf, useBackend } from '../src/index.ts';
import { substitutes } from '../src/ops.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, '..', 'src', 'index.ts');

test('a name wins over LADDER_BACKEND, LADDER_BACKEND over auto, and silence is wasm', () => {
  expect(chooseBackend('cpu', 'wasm')).toBe('cpu');
  expect(chooseBackend('auto', 'cpu')).toBe('cpu');
  expect(chooseBackend(undefined, 'cpu')).toBe('cpu');
  expect(chooseBackend('auto', '')).toBe('auto');
  expect(chooseBackend(undefined, 'auto')).toBe('auto');
  expect(chooseBackend(undefined, '')).toBe('wasm');
});

test('a word that names no backend is a usage error that lists the names, and says whether the call or the variable is wrong', () => {
  expect(() => chooseBackend('gpu', '')).toThrow(UsageError);
  expect(() => chooseBackend('gpu', '')).toThrow('useBackend: expected one of auto, tensorflow, webgpu, wasm, cpu, got "gpu"');
  expect(() => chooseBackend('auto', 'cuda')).toThrow('LADDER_BACKEND: expected one of');
});

test('the first tensor without a backend says what to call', async () => {
  await tf.setBackend('none');
  const error = await Promise.resolve()
    .then(() => tf.tensor1d([1]))
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(BackendError);
  expect(error).toMatchObject({
    message: 'tf: expected a backend before the first tensor, got none',
    hint: expect.stringContaining('useBackend'),
  });
  await expect(deviceInfo()).rejects.toThrow(BackendError);
});

test('wasm and cpu start, compute and describe themselves', async () => {
  for (const name of ['wasm', 'cpu'] as const) {
    expect(await useBackend(name)).toBe(name);
    expect(tf.getBackend()).toBe(name);
    expect((await tf.matMul(tf.eye(2), tf.tensor2d([1, 2, 3, 4], [2, 2])).data()).join()).toBe('1,2,3,4');
    expect(await deviceInfo()).toMatchObject({ backend: name, gpu: false, versions: { tfjs: tf.version_core } });
  }
});

test('two calls at once start a backend once', async () => {
  expect(await Promise.all([useBackend('wasm'), useBackend('wasm')])).toEqual(['wasm', 'wasm']);
});

test('auto takes a backend that works', async () => {
  const name = await useBackend('auto');
  expect(backendNames).toContain(name);
  expect(tf.add(1, 2).dataSync()[0]).toBe(3);
});

test('an op whose kernel a backend lacks fails by name, with what to use instead', async () => {
  await useBackend('wasm');
  const error = await Promise.resolve()
    .then(() => tf.complex([1], [2]))
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(BackendError);
  expect(error).toMatchObject({ message: expect.stringMatching(/got Complex, which wasm lacks/), hint: substitutes.Complex });
});

test('a gradient of gather, the embedding of every model, trains on wasm', async () => {
  await useBackend('wasm');
  const table = tf.variable(tf.ones([4, 2]));
  const optimizer = tf.train.sgd(0.5);
  optimizer.minimize(() => tf.gather(table, [1, 1, 3]).sum().asScalar());
  expect([...table.dataSync()]).toEqual([1, 1, 0, 0, 1, 1, 0.5, 0.5]);
  tf.dispose([table]);
});

test('bundled into one file with the .wasm files beside it, it starts without configuration, and setWasmPath finds them elsewhere', async () => {
  const folder = temporaryFolder();
  const wasmDist = dirname(createRequire(source).resolve('@tensorflow/tfjs-backend-wasm'));
  // Our own gradient of einsum is in the bundle: a bundler drops what package.json calls free of side effects.
  const program = "console.log(tf.grad((x) => tf.einsum('ij->', x).mul(3).asScalar())(tf.ones([1, 1])).dataSync()[0]);";
  await bundle(folder, `await useBackend('wasm'); ${program}`);
  await cp(join(wasmDist, 'tfjs-backend-wasm-simd.wasm'), join(folder, 'tfjs-backend-wasm-simd.wasm'));
  expect((await run(process.execPath, [join(folder, 'main.mjs')], { cwd: tmpdir() })).stdout.trim()).toBe('3');

  await rm(join(folder, 'tfjs-backend-wasm-simd.wasm'));
  await bundle(folder, `setWasmPath(${JSON.stringify(wasmDist)}); await useBackend('wasm'); console.log(tf.add(1, 2).dataSync()[0]);`);
  expect((await run(process.execPath, [join(folder, 'main.mjs')], { cwd: tmpdir() })).stdout.trim()).toBe('3');

  await bundle(folder, "setWasmPath('/no/such'); await useBackend('wasm').catch((e) => console.log(e.name, e.message, e.hint));");
  const { stdout } = await run(process.execPath, [join(folder, 'main.mjs')], { cwd: tmpdir() });
  expect(stdout).toMatch(/^BackendError useBackend: expected tfjs-backend-wasm-simd.wasm in \/no\/such, got no such file .*setWasmPath/);
});

// --- helpers ---

async function bundle(folder: string, program: string): Promise<void> {
  await build({
    stdin: { contents: `import { setWasmPath, tf, useBackend } from ${JSON.stringify(source)};\n${program}`, resolveDir: dirname(source) },
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting: true, // as the box of the grader is built
    outdir: folder,
    entryNames: 'main',
    outExtension: { '.js': '.mjs' },
    external: ['webgpu'],
    logLevel: 'error',
    banner: {
      js: "import { createRequire as from } from 'node:module'; const require = from(import.meta.url); const __dirname = import.meta.dirname; const __filename = import.meta.filename;",
    },
  });
}
