/** What `doctor` and `measureRoofline` report. */
import { expect, test } from 'vitest';
import { backendNames, doctor, measureRoofline, tf, useBackend } from '../src/index.ts';

test('doctor names every backend, says why one is absent, and leaves the current backend as it was', async () => {
  await useBackend('cpu');
  const report = await doctor();
  expect(report.backends.map(({ name }) => name)).toEqual([...backendNames]);
  for (const { name, state, device, versions, reason, roofline } of report.backends) {
    expect(roofline, name).toBeUndefined();
    if (state === 'ready')
      expect({ device, versions }, name).toEqual({
        device: expect.any(String),
        versions: expect.objectContaining({ tfjs: tf.version_core }),
      });
    else expect(reason, name).toMatch(/\w/);
  }
  expect(report.backends.filter(({ state }) => state === 'ready').map(({ name }) => name)).toEqual(
    expect.arrayContaining(['wasm', 'cpu', report.auto]),
  );
  expect(tf.getBackend()).toBe('cpu');
});

test('doctor measures only the backends it was asked to measure', async () => {
  const { backends } = await doctor({ measure: ['wasm'] });
  expect(backends.filter(({ roofline }) => roofline !== undefined).map(({ name }) => name)).toEqual(['wasm']);
});

test('measureRoofline keeps no tensors and gives rates that fit its sizes', async () => {
  await useBackend('wasm');
  const before = tf.memory().numTensors;
  const roofline = await measureRoofline({ roundMs: 1, rounds: 2 });
  expect(tf.memory().numTensors).toBe(before);
  expect(roofline.matmulGflops).toBeGreaterThan(0);
  expect(roofline.copyGbps).toBeGreaterThan(0);
  expect(roofline.matmulSize).toBeGreaterThanOrEqual(128);
});
