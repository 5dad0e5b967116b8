/** The installed `tensorflow` backend: it joins the core that runs, also inside a bundle. What its fused ops give is in fused.test.ts. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { Adam } from '../src/fused.ts';
import { tf, useBackend } from '../src/index.ts';
import { currentTensorflow, loadTensorflow, tensorflowPaths, tensorflowStatus } from '../src/tensorflow/load.ts';
import { withoutNotices } from '../src/tensorflow/quiet.ts';
import { availableBackends, reportNotRun } from './available.ts';

const status = await tensorflowStatus();
const [backend] = await availableBackends(['tensorflow']);
if (backend?.reason !== undefined) reportNotRun(backend);

describe.skipIf(!status.installed)('installed', () => {
  beforeAll(() => useBackend('tensorflow'));

  test('the status names version, kind and folder, and the paths hold the folder', async () => {
    expect(status).toMatchObject({ version: expect.stringMatching(/^2\.\d+\.\d+$/), cuda: expect.any(Boolean) });
    expect(await tensorflowPaths()).toContain(status.folder);
  });

  test('tensors of the backend are tensors of this core, with methods and gradients', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const y = x.matMul(x); // a chained method: only this core has them
    expect(y).toBeInstanceOf(tf.Tensor);
    expect([...y.dataSync()]).toEqual([7, 10, 15, 22]);
    expect([
      ...tf
        .grad((z) => z.square().sum())(x)
        .dataSync(),
    ]).toEqual([2, 4, 6, 8]);
    expect(tf.engine().backendName).toBe('tensorflow');
  });

  test('loading twice is loading once', async () => {
    const backend = currentTensorflow();
    await loadTensorflow();
    expect(currentTensorflow()).toBe(backend);
  });

  test('inside one bundle with core it joins the core of the bundle', async () => {
    const folder = temporaryFolder();
    const entry = join(folder, 'entry.ts');
    const api = fileURLToPath(new URL('../src/index.ts', import.meta.url));
    writeFileSync(
      entry,
      `import { tf, useBackend } from ${JSON.stringify(api)};
       await useBackend('tensorflow');
       const x = tf.tensor1d([1, 2, 3]);
       console.log(tf.getBackend(), [...tf.grad((z) => z.mul(z).sum())(x).dataSync()].join(), tf.matMul(x.reshape([1, 3]), x.reshape([3, 1])).dataSync()[0]);`,
    );
    const outfile = join(folder, 'box.mjs');
    const banner = { js: "import { createRequire as cr } from 'node:module'; const require = cr(import.meta.url);" };
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'silent',
      banner,
      external: ['webgpu'],
    });
    const { stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8', cwd: folder });
    expect(stdout.trim(), stderr).toBe('tensorflow 2,4,6 14');
  });

  test('Node without --allow-addons is told what is missing', () => {
    const load = new URL('../src/tensorflow/load.ts', import.meta.url).href;
    const script = `import { loadTensorflow } from ${JSON.stringify(load)}; await loadTensorflow().catch((e) => console.log(e.hint));`;
    const flags = ['--permission', '--allow-fs-read=*', '--input-type=module-typescript', '--no-warnings', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
    expect(stdout.trim(), stderr).toBe('run Node with --allow-addons');
  });

  test('loading it prints nothing', () => {
    const script = `import { useBackend } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}; await useBackend('tensorflow');`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--no-warnings', '-e', script], { encoding: 'utf8' });
    expect(stdout + stderr).toBe('');
  });

  test('training steps of the fused Adam keep no tensor', () => {
    const w = tf.variable(tf.randomNormal([16, 4], 0, 1, 'float32', 3), true, 'growth');
    const adam = new Adam([w]);
    const handles = () => (currentTensorflow() as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();
    const step = () => tf.tidy(() => adam.step(tf.variableGrads(() => w.square().mean() as tf.Scalar).grads));
    step();
    const before = [tf.memory().numTensors, handles()];
    for (let i = 0; i < 10; i++) step();
    expect([tf.memory().numTensors, handles()]).toEqual(before);
    adam.dispose();
    w.dispose();
  });
});

test('of what TensorFlow prints while it loads only the notices are dropped', () => {
  const notice =
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\nI0000 00:00:1 port.cc:153] oneDNN is on\n';
  expect(withoutNotices(notice)).toBe('');
  expect(withoutNotices(`${notice}E0000 00:00:2 cuda.cc:1] no driver\n`)).toBe('E0000 00:00:2 cuda.cc:1] no driver\n');
});

test('an absent backend says which command gets it', async () => {
  const load = new URL('../src/tensorflow/load.ts', import.meta.url).href;
  const script = `import { loadTensorflow, tensorflowPaths } from ${JSON.stringify(load)};
    console.log((await tensorflowPaths()).length); await loadTensorflow().catch((e) => console.log(e.name, e.hint));`;
  const env = { ...process.env, LADDER_CACHE: join(tmpdir(), 'no such cache') };
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '--no-warnings', '-e', script], {
    encoding: 'utf8',
    env,
  });
  expect(stdout.trim().split('\n'), stderr).toEqual(['0', 'BackendError ladder backend install']);
});
